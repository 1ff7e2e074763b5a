"""How many places are left in many lots over a period each, in two statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from lots.boards import Count
from lots.booking_rules import promisable
from lots.models import Lot
from reservations.free_places import AROUND, load_stock
from reservations.models import LIVE, Blackout, ReservationStatus
from reservations.placing import Period, most_at_once

# The bookings of each lot, cut to its period and counted where they are equal; those beside it only for what they say
# about now: that a car in a spot has a booking, and will leave, or that a spot is kept for one that comes later.
_BOOKED = f"""
SELECT booking.lot_id, coalesce(spot.spot_type, booking.spot_type),
    greatest(asked.since, CASE WHEN held.is_held THEN asked.since ELSE lower(booking.during) END),
    least(asked.until, upper(booking.during)),
    count(*),
    count(*) FILTER (
        WHERE booking.status = '{ReservationStatus.ACTIVE}' AND least(booking.ends_at, upper(booking.during)) > %(at)s
            AND CASE WHEN asked.by_spot THEN spot.status = 'occupied' ELSE true END
    )
FROM unnest(
    %(lots)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[], %(near)s::boolean[], %(by_spot)s::boolean[]
) AS asked(lot_id, since, until, is_near, by_spot)
JOIN reservations_reservation booking ON booking.lot_id = asked.lot_id
    AND booking.status IN ({", ".join(f"'{status}'" for status in LIVE)})
    AND booking.starts_at < asked.until + %(around)s
    AND booking.during && tstzrange(asked.since - %(around)s, asked.until + %(around)s)
LEFT JOIN lots_spot spot ON spot.id = booking.spot_id
CROSS JOIN LATERAL (
    SELECT spot.hold = booking.id AND NOT spot.maintenance AND NOT (asked.is_near AND spot.stay IS NOT NULL) AS is_held
) AS held
GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - only names of states


@dataclass(frozen=True, slots=True)
class _AskedLot:
    """A lot and the period asked for; `is_near`: cars without a booking may still be there."""

    lot: Lot
    wanted: Period
    is_near: bool

    def room(self, kind: str, count: Count, booked: "_Booked") -> int:
        usable = count.total - count.maintenance
        total = count.total if self.lot.counts_spots else usable
        if self.is_near:
            usable -= max(0, count.occupied - booked.parked)
        limit = min(usable, promisable(total, kind, self.lot.booking_share_percent))
        return max(0, limit - most_at_once(booked.periods, self.wanted))


@dataclass(slots=True)
class _Booked:
    """What is booked of a lot and type over its period, and how many cars are in on a booking."""

    periods: list[Period] = field(default_factory=list)
    parked: int = 0


def rooms(
    lots: Collection[Lot], wanted: Mapping[int, Period], counts: Mapping[int, Mapping[str, Count]], *, at: datetime
) -> dict[int, dict[str, int]]:
    """Return how many more bookings lots may take all of a period, by lot id and spot type, as `Stock.room` counts.

    `wanted` has each lot's period, with turnaround; `counts` its places now. A lot that can't be booked is left out.
    Where places are closed for a time, which few lots have, two more statements a type look at each place.
    """
    asked = [
        _AskedLot(lot, wanted[lot.pk], wanted[lot.pk].start <= at + timedelta(minutes=lot.protect_minutes))
        for lot in lots
        if lot.bookable and lot.pk in wanted
    ]
    booked, has_closed = _booked(asked, at), _with_closed_places(asked, at)
    return {
        one.lot.pk: {
            kind: load_stock(one.lot, kind, one.wanted, at=at).room(one.wanted)
            if one.lot.pk in has_closed
            else one.room(kind, count, booked.get((one.lot.pk, kind), _Booked()))
            for kind, count in counts[one.lot.pk].items()
        }
        for one in asked
    }


def _with_closed_places(asked: Sequence[_AskedLot], at: datetime) -> set[int]:
    lots = [one.lot.pk for one in asked]
    return set(Blackout.objects.in_force(at).filter(lot__in=lots).values_list("lot", flat=True))


def _booked(asked: Sequence[_AskedLot], at: datetime) -> dict[tuple[int, str], _Booked]:
    if not asked:
        return {}
    given: dict[str, Any] = {
        "lots": [one.lot.pk for one in asked],
        "starts": [one.wanted.start for one in asked],
        "ends": [one.wanted.end for one in asked],
        "near": [one.is_near for one in asked],
        "by_spot": [one.lot.counts_spots for one in asked],
        "around": AROUND,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOOKED, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    found: dict[tuple[int, str], _Booked] = {}
    for lot_id, kind, since, until, number, parked in rows:
        booked = found.setdefault((lot_id, kind), _Booked())
        booked.parked += parked
        if since < until:
            booked.periods += [Period(since, until)] * number
    return found
