"""Every URL of the product."""

from allauth.headless.constants import Client
from django.contrib import admin
from django.urls import include, path, re_path

from api import docs, health, mail_reports, provider_events
from api import errors as api_errors
from api.classic.root import classic
from api.root import api
from entrance import back_office, confirming_address
from entrance.own_sessions import ConfirmedSessions, own_sessions
from parking.urls_streams import streams

handler400 = "common.web.unreadable.refused"
handler403 = "common.web.unreadable.not_allowed"
handler404 = "common.web.unreadable.not_found"
handler500 = "common.web.outages.failed"

urlpatterns = [
    path("", include("driver.urls")),
    path("", include("entrance.urls")),
    path("", include("common.web.urls")),
    path("manage/", include("office.urls")),
    path("desk/", include("desk.urls")),
    path("validate/", include("shop.urls")),
    path("help/", include("manual.urls")),
    path("accounts/confirm-email/", confirming_address.link_sent, name="account_email_verification_sent"),
    path("accounts/confirm-email/again/", confirming_address.send_again, name="account_send_link_again"),
    path("accounts/confirm-email/other/", confirming_address.use_another, name="account_use_another_address"),
    path("accounts/sessions/", own_sessions, name="usersessions_list"),
    path("accounts/", include("allauth.urls")),
    # Log-in by phone is not supported, and the package's pages for it would fail.
    re_path(r"^_allauth/[a-z]+/v1/(?:account|auth)/phone", api_errors.not_offered),
    path("_allauth/app/v1/auth/sessions", ConfirmedSessions.as_api_view(client=Client.APP)),
    path("_allauth/browser/v1/auth/sessions", ConfirmedSessions.as_api_view(client=Client.BROWSER)),
    path("_allauth/", include("allauth.headless.urls")),
    # Before Django's own, which have no rate limit and no second factor.
    path("admin/login/", back_office.login),
    path("admin/password_change/", back_office.change_password),
    path("admin/", admin.site.urls),
    path("api/v1/docs", docs.guide, name="api_docs"),
    path("api/v1/docs/try", docs.swagger, name="api_try"),
    path("api/v1/", api.urls),
    path("api/docs", docs.classic_guide, name="classic_docs"),
    path("api/", classic.urls),
    path("feeds/", include("api.feeds.urls")),
    path("stream/", include((streams, "stream"))),
    path("webhooks/stripe/", provider_events.stripe_event, name="stripe_events"),
    path("webhooks/mail/<slug:provider>/", mail_reports.mail_report, name="mail_reports"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
