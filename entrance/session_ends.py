"""Signing people out whose session has lasted too long, or was not used."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from accounts.models import User
from accounts.session_lifetimes import KEPT_AS, begin_lifetime, has_ended, note_lifetime


@receiver(user_logged_in)
def begin_session(user: User, request: HttpRequest | None = None, **_more: object) -> None:
    """Let a session's lifetime begin with each sign-in."""
    if request is not None and hasattr(request, "session"):
        begin_lifetime(request.session, person=user, at=now())


def end_in_time(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: sign out whose session has ended, and note that it is used, but not by a page that asks by itself."""

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            _check(request)
        return get_response(request)

    return answer


def _check(request: HttpRequest) -> None:
    at, person = now(), cast("User", request.user)
    if KEPT_AS not in request.session:
        begin_lifetime(request.session, person=person, at=at)
    elif has_ended(request.session, at=at):
        logout(request)
    elif not (request.method == "GET" and "HX-Request" in request.headers):
        note_lifetime(request.session, person=person, at=at)
