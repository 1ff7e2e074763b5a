"""Where one is signed in: ending a session asks first to confirm that it is oneself."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.headless.usersessions.views import SessionsView
from allauth.usersessions.views import list_usersessions
from django.http import HttpRequest, HttpResponseBase

_APP = "allauth.account"

own_sessions = reauthentication_required(app=_APP, allow_get=True)(list_usersessions)
"""The page with the sessions of a person, and the button that ends them."""


class ConfirmedSessions(SessionsView):  # type: ignore[misc] # allauth has no types
    """The same for programs."""

    def delete(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """End sessions of a person who has confirmed within minutes that it is them."""
        raise_if_reauthentication_required(request, app=_APP)
        ended: HttpResponseBase = super().delete(request, *args, **options)
        return ended
