"""Days as the clocks of the lots show them."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from analytics.scope import Scope
from common.time import midnight_of


def on_days(scope: Scope, field: str, since: date | None, until: date | None, *, lot: str = "lot") -> Q:
    """Match the rows of the scope's lots whose instant `field` falls on these days, the last included.

    `lot` is the path to a row's lot. One condition per timezone; without a day it is open on that side.
    """
    zones: dict[str, list[int]] = {}
    for name in scope.shown:
        zones.setdefault(name.timezone, []).append(name.pk)
    matches = Q(pk=None)
    for zone, lot_ids in zones.items():
        within = Q(**{f"{lot}__in": lot_ids})
        if since and since > date.min:
            within &= Q(**{f"{field}__gte": midnight_of(since, ZoneInfo(zone))})
        if until and until < date.max:
            within &= Q(**{f"{field}__lt": midnight_of(until + timedelta(days=1), ZoneInfo(zone))})
        matches |= within
    return matches
