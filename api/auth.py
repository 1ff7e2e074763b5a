"""How people authenticate to the API: with an access token of the headless login, or with their browser session."""

from typing import Any, cast

from allauth.headless.contrib.ninja.security import jwt_token_auth
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from accounts.models import User


class AccessToken(HttpBearer):
    """`Authorization: Bearer <access token>`, with a token from `/_allauth/app/v1/`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:  # noqa: ARG002 read from the header again
        """Return the person of a valid token whose session still exists."""
        if jwt_token_auth(request) is None:
            return None
        user = cast("User", request.user)
        return user if user.is_active else None


class PageSession(SessionAuth):
    """The browser's session cookie; writes also need the CSRF token."""


people_auth: list[Any] = [AccessToken(), PageSession()]
"""The `auth` of routers for people; `person_of(request)` returns the person."""


def person_of(request: HttpRequest) -> User:
    """Return the person who makes a request that `people_auth` accepted."""
    return cast("User", request.user)
