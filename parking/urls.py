"""Every URL of the product."""

from django.contrib import admin
from django.urls import include, path

from parking import docs, health
from parking.api import api

urlpatterns = [
    path("", include("billing.urls")),
    path("", include("lots.urls")),
    path("", include("common.urls")),
    path("", include("tickets.urls_pay")),
    path("", include("tickets.urls_me")),
    path("", include("accounts.urls")),
    path("manage/lots/", include("lots.manage.urls")),
    path("manage/lots/", include("tickets.manage.urls")),
    path("manage/tariffs/", include("billing.manage.urls")),
    path("manage/", include("gates.manage.urls")),
    path("manage/", include("parking.dashboard.urls")),
    path("desk/", include("gates.desk.urls")),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/docs", docs.swagger, name="api_docs"),
    path("api/v1/redoc", docs.redoc, name="api_redoc"),
    path("api/v1/", api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
