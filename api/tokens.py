"""Token strategy of the API. A refresh token that is used twice may be stolen, so it ends the session."""

from types import SimpleNamespace
from typing import cast

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils.timezone import now

from accounts.models import User
from accounts.session_lifetimes import KEPT_AS, begin_lifetime, has_ended, note_lifetime


class RevokingTokenStrategy(JWTTokenStrategy):  # type: ignore[misc] # allauth has no types
    """allauth's JWT strategy with rotating refresh tokens, each of which works once."""

    @transaction.atomic
    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Return a new access and refresh token; a token that was used before ends its session.

        That also ends the session's access tokens and its newest refresh token, because we can't tell which of the two
        senders is the person.
        """
        payload = internal.decode_token(refresh_token, "refresh")
        key = payload and internal.session_key_from_sid(payload["sid"])
        # Locked, so that two concurrent requests are told apart as first and second.
        if not key or not Session.objects.select_for_update().filter(session_key=key).first():
            return None
        refreshed: tuple[str, str] | None = super().refresh_token(refresh_token) if _goes_on(key) else None
        if refreshed is None:
            Session.objects.filter(session_key=key).delete()
            UserSession.objects.filter(session_key=key).delete()
        return refreshed


def _goes_on(key: str) -> bool:
    """Note that a session is used; return whether it has not ended, as that of a browser would have."""
    session, at = SessionStore(key), now()
    person = get_user(cast("HttpRequest", SimpleNamespace(session=session)))
    if has_ended(session, at=at) or not isinstance(person, User):
        return False
    if KEPT_AS in session:
        note_lifetime(session, person=person, at=at)
    else:
        begin_lifetime(session, person=person, at=at)
    if session.modified:
        session.save()
    return True
