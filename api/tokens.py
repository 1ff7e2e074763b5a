"""Token strategy of the API. A refresh token that is used twice may be stolen, so it ends the session."""

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction


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
        refreshed: tuple[str, str] | None = super().refresh_token(refresh_token)
        if refreshed is None:
            Session.objects.filter(session_key=key).delete()
            UserSession.objects.filter(session_key=key).delete()
        return refreshed
