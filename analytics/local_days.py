"""Days as the clocks of the lots show them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from analytics.scope import Scope
from common.time import end_of, midnight_of


def on_days(scope: Scope, field: str, since: date | None, until: date | None, *, lot: str = "lot") -> Q:
    """Match the rows of the scope's lots whose instant `field` falls on these days, the last included.

    `lot` is the path to a row's lot. One condition per timezone; without a day it is open on that side.
    """
    if not since and not until:
        return Q(**{f"{lot}__in": scope.ids})
    zones: dict[str, list[int]] = {}
    for name in scope.shown:
        zones.setdefault(name.timezone, []).append(name.pk)
    if len(zones) == 1:
        (zone, lot_ids), *_none = zones.items()
        return Q(**{f"{lot}__in": lot_ids}) & between_days(field, since, until, ZoneInfo(zone))
    matches, spans = Q(pk=None), [_instants(ZoneInfo(zone), since, until) for zone in zones]
    for lot_ids, span in zip(zones.values(), spans, strict=True):
        matches |= Q(**{f"{lot}__in": lot_ids}) & _between(field, *span)
    # Around the days of all zones, so that an index leads to them.
    starts, ends = [start for start, _end in spans if start], [end for _start, end in spans if end]
    return _between(field, min(starts, default=None), max(ends, default=None)) & matches


def between_days(field: str, since: date | None, until: date | None, zone: ZoneInfo) -> Q:
    """Match the rows whose instant `field` falls on these days of a clock, the last included."""
    return _between(field, *_instants(zone, since, until))


def _instants(zone: ZoneInfo, since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    start = midnight_of(since, zone) if since and since > date.min else None
    return start, end_of(until, zone) if until else None


def _between(field: str, start: datetime | None, end: datetime | None) -> Q:
    return (Q(**{f"{field}__gte": start}) if start else Q()) & (Q(**{f"{field}__lt": end}) if end else Q())
