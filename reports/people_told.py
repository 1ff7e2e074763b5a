"""Who is told something at an hour of their clock: everybody with a verified address, by time zone.

People who chose no zone count to the one in which most lots are.
"""

from collections import Counter
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import User
from lots.models import Lot


def usual_zone() -> str:
    """Return the time zone of most lots, in which people are who chose none."""
    zones = Lot.objects.in_use().values_list("timezone").annotate(count=Count("pk")).order_by("-count", "timezone")
    return str(next((zone for zone, _count in zones), settings.TIME_ZONE))


def people_by_zone() -> dict[str, int]:
    """Count those who can be told something, by time zone."""
    usual, found = usual_zone(), Counter[str]()
    rows = User.objects.filter(is_active=True).order_by().values_list("timezone").annotate(count=Count("pk"))
    for zone, count in rows:
        found[zone or usual] += count
    return {zone: count for zone, count in found.items() if zone in _known_zones()}


def people_in(zone: str, *, before: datetime) -> QuerySet[User]:
    """Return those in a zone who can be told something, and had an account before an instant."""
    zones = [zone, ""] if zone == usual_zone() else [zone]
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), primary=True, verified=True)
    return User.objects.filter(Exists(verified), is_active=True, timezone__in=zones, joined_at__lt=before)


@cache
def _known_zones() -> frozenset[str]:
    """Return the names of all time zones, which take long to be read."""
    return frozenset(available_timezones())
