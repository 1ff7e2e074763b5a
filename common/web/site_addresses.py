"""Addresses that browsers and search engines request from every site."""

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.timezone import now
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

PRIVATE = (
    *(
        "/accounts/",
        "/_allauth/",
        "/admin/",
        "/api/",
        "/apply/confirm/",
        "/apply/sent/",
        "/book/",
        "/bookings/",
        "/control/",
        "/d/",
        "/desk/",
        "/exports/",
        "/first-run/",
        "/home/",
        "/installation/",
        "/invitations/",
        "/language/",
    ),
    *("/manage/", "/me/", "/not-me/", "/passes/back/", "/pay/", "/simulated-bank/", "/stream/", "/t/", "/theme/"),
    *("/unsubscribe/", "/v/", "/validate/", "/webhooks/"),
)
DAY_SECONDS = 24 * 60 * 60
CONTACT_LASTS = dt.timedelta(days=180)


@require_safe
@cache_control(public=True, max_age=DAY_SECONDS)
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Allow search engines the public pages only: the lots, and the page that asks for a ticket."""
    lines = ["User-agent: *", "Allow: /pay/$", *(f"Disallow: {path}" for path in PRIVATE)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=DAY_SECONDS)
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Redirect /favicon.ico to the icon."""
    return redirect(static("img/favicon.ico"))


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Say where to report a weakness (RFC 9116); 404 without the setting SECURITY_CONTACT."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (now() + CONTACT_LASTS).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
