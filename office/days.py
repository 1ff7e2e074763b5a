"""Days as the clocks of the lots show them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from analytics.scope import Scope


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
        if since:
            within &= Q(**{f"{field}__gte": _midnight(since, zone)})
        if until and until < date.max:
            within &= Q(**{f"{field}__lt": _midnight(until + timedelta(days=1), zone)})
        matches |= within
    return matches


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
