"""The tokens of programs: a refresh token that is used twice was stolen, so it ends the session for everybody."""

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction


class RevokingTokenStrategy(JWTTokenStrategy):  # type: ignore[misc] # allauth has no types
    """allauth's JWT strategy, with rotating refresh tokens of which each works once."""

    @transaction.atomic
    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Return a new access and refresh token; end the session of a refresh token that was used before.

        With the session its access tokens and the newest refresh token end too, as we can't know which of the two who
        sent the same token is the person.
        """
        payload = internal.decode_token(refresh_token, "refresh")
        key = payload and internal.session_key_from_sid(payload["sid"])
        # Locked, so that of two who send it at once one is the second.
        if not key or not Session.objects.select_for_update().filter(session_key=key).first():
            return None
        refreshed: tuple[str, str] | None = super().refresh_token(refresh_token)
        if refreshed is None:
            Session.objects.filter(session_key=key).delete()
            UserSession.objects.filter(session_key=key).delete()
        return refreshed
