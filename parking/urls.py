"""Every URL of the product."""

from django.contrib import admin
from django.urls import include, path, re_path

from parking import api_errors, back_office, confirming_address, docs, health
from parking.api import api

handler500 = "parking.outages.failed"

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
    path("accounts/confirm-email/", confirming_address.link_sent, name="account_email_verification_sent"),
    path("accounts/confirm-email/again/", confirming_address.send_again, name="account_send_link_again"),
    path("accounts/confirm-email/other/", confirming_address.use_another, name="account_use_another_address"),
    path("accounts/", include("allauth.urls")),
    # Phone numbers are no way to log in here, and the package's pages for them would fail.
    re_path(r"^_allauth/[a-z]+/v1/(?:account|auth)/phone", api_errors.not_offered),
    path("_allauth/", include("allauth.headless.urls")),
    # Before Django's own, which ask for a password without limit or second factor.
    path("admin/login/", back_office.login),
    path("admin/password_change/", back_office.change_password),
    path("admin/", admin.site.urls),
    path("api/v1/docs", docs.guide, name="api_docs"),
    path("api/v1/docs/try", docs.swagger, name="api_try"),
    path("api/v1/", api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
