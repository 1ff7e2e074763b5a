"""How people authenticate to the API: with an access token of the headless login, or with their browser session."""

from typing import Any, cast

from allauth.headless.contrib.ninja.security import jwt_token_auth
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer, SessionAuth

from accounts.models import User
from accounts.second_factor import SecondFactorMissingError, lacks_second_factor


def _let_in(person: User) -> User:
    if lacks_second_factor(person):
        raise SecondFactorMissingError(_("Set up a second factor for your account first."))
    return person


class AccessToken(HttpBearer):
    """`Authorization: Bearer <access token>`, with a token from `/_allauth/app/v1/`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:  # noqa: ARG002 read from the header again
        """Return the person of a valid token whose session still exists."""
        if jwt_token_auth(request) is None:
            return None
        user = cast("User", request.user)
        return _let_in(user) if user.is_active else None


class PageSession(SessionAuth):
    """The browser's session cookie; writes also need the CSRF token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """Return the person of the session."""
        person = super().authenticate(request, key)
        return _let_in(person) if isinstance(person, User) else None


people_auth: list[Any] = [AccessToken(), PageSession()]
"""The `auth` of routers for people; `person_of(request)` returns the person."""


def person_of(request: HttpRequest) -> User:
    """Return the person who makes a request that `people_auth` accepted."""
    return cast("User", request.user)
