"""Stopping those who try passwords on an account from many places, and telling its owner."""

from datetime import datetime

from allauth.core import ratelimit
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from accounts.models import User
from common.web.client_address import client_address, network_of
from entrance.telling_owners import tell_owner
from notifications.own_kinds import PASSWORD_TRIES

ANYWHERE, UNTOLD = "login_failed_anywhere", "login_failed_untold"
"""Names of limits in the settings: how many may fail, and of how many failures the owner is not told."""


def count_failure(request: HttpRequest, address: str, *, at: datetime) -> None:
    """Count a failed try on the account with an email address, wherever it comes from; its owner is told once a day."""
    account = address.lower()
    ratelimit.consume(request, action=ANYWHERE, key=account)
    if not ratelimit.consume(request, action=UNTOLD, key=account):
        owner = User.objects.filter(email=account, is_active=True).first()
        if owner:
            tell_owner(owner, PASSWORD_TRIES, request=request, occasion=f"{at:%Y%m%d}", at=at)


def is_stuffed(request: HttpRequest, address: str) -> bool:
    """Return whether too many have failed on an account, and this request is not from a place that it is used from."""
    may_try = ratelimit.consume(request, action=ANYWHERE, key=address.lower(), dry_run=True)
    return not may_try and not is_known_place(request, address)


def is_known_place(request: HttpRequest, address: str) -> bool:
    """Return whether the account is signed in from the network of a request: its owner is not locked out there."""
    places = UserSession.objects.filter(user__email=address.lower()).values_list("ip", flat=True)
    return network_of(client_address(request)) in {network_of(place) for place in places}
