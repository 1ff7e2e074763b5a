"""How people prove to the API who they are: an access token of the headless login, or the session of the pages."""

from typing import Any, cast

from allauth.headless.contrib.ninja.security import jwt_token_auth
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from accounts.models import User


class AccessToken(HttpBearer):
    """`Authorization: Bearer <access token>`, as `/_allauth/app/v1/` gives them out."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:  # noqa: ARG002 read from the header again
        """Return the person of a valid token whose session still stands."""
        if jwt_token_auth(request) is None:
            return None
        user = cast("User", request.user)
        return user if user.is_active else None


class PageSession(SessionAuth):
    """The session cookie of the pages; everything but reading needs its CSRF token too."""


people_auth: list[Any] = [AccessToken(), PageSession()]
"""What a router for people passes as `auth`; inside, `person_of(request)` is who it is."""


def person_of(request: HttpRequest) -> User:
    """Return who makes an API request that `people_auth` let in."""
    return cast("User", request.user)
