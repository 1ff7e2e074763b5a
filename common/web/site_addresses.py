"""Addresses that browsers and search engines request from every site."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

PRIVATE = (
    *(
        "/accounts/",
        "/_allauth/",
        "/admin/",
        "/api/",
        "/book/",
        "/bookings/",
        "/control/",
        "/d/",
        "/desk/",
        "/exports/",
        "/home/",
        "/invitations/",
        "/language/",
    ),
    *("/manage/", "/me/", "/not-me/", "/passes/back/", "/pay/", "/simulated-bank/", "/t/", "/theme/", "/unsubscribe/"),
    *("/v/", "/validate/", "/webhooks/"),
)
DAY_SECONDS = 24 * 60 * 60


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
