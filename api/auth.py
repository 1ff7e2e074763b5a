"""How callers authenticate: people with a token or their browser's session, programs with an API key or its token."""

from typing import Any, cast

from allauth.headless.contrib.ninja.security import jwt_token_auth
from django.http import HttpRequest, QueryDict
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja.security import HttpBearer, SessionAuth

from accounts.api_keys import note_use
from accounts.credentials import is_program_credential, presented
from accounts.models import User
from accounts.second_factor import SecondFactorMissingError, lacks_second_factor
from api.call_scopes import scopes_needed
from common.errors import ForbiddenError


class InsufficientScopeError(ForbiddenError):
    """The API key, or the token of one, does not have the scopes of the call."""

    code = "insufficient_scope"


class PersonsOnlyError(ForbiddenError):
    """People alone make this call, each with an account."""

    code = "persons_only"


def _let_in(person: User) -> User:
    if lacks_second_factor(person):
        raise SecondFactorMissingError(_("Set up a second factor for your account first."))
    return person


class AccessToken(HttpBearer):
    """`Authorization: Bearer <access token>`, with a token from `/_allauth/app/v1/`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the person of a valid token whose session still exists."""
        if is_program_credential(token) or jwt_token_auth(request) is None:
            return None
        user = cast("User", request.user)
        return _let_in(user) if user.is_active else None


class ProgramCredential(HttpBearer):
    """`Authorization: Bearer <API key>`, or a token that `/oauth/token` issued for one."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the user that a valid key acts as. Raises InsufficientScopeError, PersonsOnlyError."""
        at = now()
        shown = presented(token, at=at)
        if shown is None:
            return None
        needed = scopes_needed(request)
        if needed is None:
            raise PersonsOnlyError(_("This is for people, not for programs."))
        missing = needed - shown.scopes
        if missing:
            raise InsufficientScopeError(_("The key needs %(scopes)s.") % {"scopes": " ".join(sorted(missing))})
        note_use(key=shown.row, at=at)
        request.user = shown.row.acts_as
        return shown.row.acts_as


class PageSession(SessionAuth):
    """The browser's session cookie; writes also need the CSRF token."""

    def __call__(self, request: HttpRequest) -> User | None:
        """Return the person; without a cookie there is nobody, whose credentials are what is missing."""
        if self.param_name not in request.COOKIES:
            return None
        # The token is in the header. Its check would also take a form apart, and nobody could read the bytes any more.
        request.POST = QueryDict()
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """Return the person of the session."""
        person = super().authenticate(request, key)
        return _let_in(person) if isinstance(person, User) else None


people_auth: list[Any] = [AccessToken(), ProgramCredential(), PageSession()]
"""The `auth` of routers for people and operators' programs; `person_of(request)` returns the person or program.

What a program may call is in `api.call_scopes`.
"""


def person_of(request: HttpRequest) -> User:
    """Return the person, or the program, who makes a request that `people_auth` accepted."""
    return cast("User", request.user)
