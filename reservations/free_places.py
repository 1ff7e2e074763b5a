"""What can be promised of a lot over a period, and the place that a booking gets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, Q, QuerySet, When
from django.db.models.functions import JSONObject

from lots.booking_rules import promisable
from lots.models import Lot, Spot, SpotCount
from reservations.models import NOT_STARTED, Blackout, BlackoutQuerySet, Reservation, ReservationStatus
from reservations.placing import (
    Busy,
    FreeStretch,
    Occupied,
    Period,
    Placing,
    choose_place,
    free_stretches,
    make_room,
    most_at_once,
    rows_by_place,
)

AROUND = timedelta(hours=8)
"""How far around a period other bookings are looked at to choose a place."""


class PlaceKey(NamedTuple):
    """A bay, or in a lot that only counts cars a numbered place of its type on a level."""

    level_id: int
    spot_id: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """The places of one type that can be promised over a period, who has them around it, and when they are closed.

    `homeless` are bookings that need one of these places and have none of them. Of `usable` places not more than
    `share` may be promised at one instant. `occupied` asks for those who have the places at other times; one statement.
    """

    places: Sequence[PlaceKey]
    busy: Sequence[Busy[PlaceKey]]
    closed: Sequence[Busy[PlaceKey]]
    homeless: Sequence[Period]
    usable: int
    share: int
    occupied: Occupied[PlaceKey]

    def room(self, wanted: Period) -> int:
        """Return how many more bookings may be promised all of a period, as far as they are counted."""
        promised = [*(Period(one.start, one.end) for one in self.busy), *self.homeless]
        closed = [Period(one.start, one.end) for one in self.closed]
        left = self.usable - most_at_once([*promised, *closed], wanted)
        return max(0, min(left, self.share - most_at_once(promised, wanted)))

    def free_place(self, wanted: Period, asked: PlaceKey | None = None) -> PlaceKey | None:
        """Return a free place: the one `asked` for, else the one whose free time the period breaks up least."""
        return choose_place((one for one in self.free_stretches(wanted) if asked in {None, one.place}), wanted)

    def free_stretches(self, wanted: Period) -> list[FreeStretch[PlaceKey]]:
        """Return the places that are free over a period, each as far as it is free around it, in the lot's order."""
        return free_stretches(rows_by_place(self.places, [*self.busy, *self.closed]), wanted)

    def cleared_place(self, wanted: Period, asked: PlaceKey | None = None) -> Placing[PlaceKey] | None:
        """Return a place that becomes free when others move, and where they go; None when there is none."""
        if asked is not None and asked not in self.places:
            return None
        return make_room(self.places, self.occupied, wanted, asked=asked)


def load_stock(lot: Lot, spot_type: str, wanted: Period, *, at: datetime, without: Reservation | None = None) -> Stock:
    """Load what a lot can promise of a type over a period, as if the booking `without` were not there; two statements.

    For a period that begins within `protect_minutes`, places that are taken now by cars without a booking don't count,
    as nobody knows when they leave; a car that is in on its booking keeps its place.
    """
    is_parked = without is not None and without.status == ReservationStatus.ACTIVE
    asked = _Asked(
        lot=lot,
        spot_type=spot_type,
        wanted=wanted,
        at=at,
        is_near=not is_parked and wanted.start <= at + timedelta(minutes=lot.protect_minutes),
        bookings=Reservation.objects.live().filter(lot=lot).exclude(pk=without.pk if without else 0),
    )
    return _spots(asked) if lot.counts_spots else _counted(asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    lot: Lot
    spot_type: str
    wanted: Period
    at: datetime
    is_near: bool
    bookings: QuerySet[Reservation]

    @property
    def around(self) -> Period:
        return Period(self.wanted.start - AROUND, self.wanted.end + AROUND)

    @property
    def blackouts(self) -> BlackoutQuerySet:
        return Blackout.objects.in_force(self.at).order_by("starts_at", "pk")

    def closures(self, of_place: BlackoutQuerySet) -> Case:
        """Return the expression for the blackouts `of_place`; asked for each place only where the lot has any."""
        has_any = Exists(self.blackouts.filter(lot=self.lot))
        return Case(When(has_any, then=ArraySubquery(of_place.values(json=_CLOSURE))))

    def share(self, total: int) -> int:
        return promisable(total, self.spot_type, self.lot.booking_share_percent)

    def is_parked(self, row: "_Live") -> bool:
        """Return whether a car is in on a booking and will leave; nobody knows when one that overstays does."""
        return row.status == ReservationStatus.ACTIVE and min(row.ends_at, row.until) > self.at


class _Live(NamedTuple):
    """A booking that holds a place over [since, until): only what is looked at, as there may be thousands."""

    pk: int
    status: str
    level_id: int | None
    spot_id: int | None
    place: int | None
    starts_at: datetime
    ends_at: datetime
    asked_for: bool
    since: datetime
    until: datetime
    hold: int | None

    @property
    def period(self) -> Period:
        return Period(self.since, self.until)

    def busy(self, place: PlaceKey, at: datetime) -> Busy[PlaceKey]:
        """Return what keeps others from its place; one that is held for it is nobody else's until it begins."""
        held = self.hold == self.pk
        stays = self.asked_for or held or self.status not in NOT_STARTED or self.starts_at <= at
        return Busy(place, min(at, self.since) if held else self.since, self.until, None if stays else self.pk)


_COLUMNS = (
    *("pk", "status", "level_id", "spot_id", "place", "starts_at", "ends_at", "asked_for"),
    *("during__startswith", "during__endswith", "spot__hold"),
)


def _live(bookings: QuerySet[Reservation], period: Period | None) -> list[_Live]:
    if period is not None:
        bookings = bookings.filter(during__overlap=(period.start, period.end))
    return list(map(_Live._make, bookings.order_by().values_list(*_COLUMNS)))


_CLOSURE = JSONObject(start="starts_at", end="ends_at", first="first_place", places="places")


class _SpotState(NamedTuple):
    pk: int
    level_id: int
    maintenance: bool
    maintenance_until: datetime | None
    stay: int | None
    hold: int | None
    observed_occupied: bool | None
    closures: list[dict[str, Any]] | None

    @property
    def is_out_of_use(self) -> bool:
        """Return whether a person has taken it out of use; a closure has an end, and counts by its period."""
        return self.maintenance and self.maintenance_until is None

    @property
    def is_taken(self) -> bool:
        """Return whether a car stands there, by its ticket or by what was seen."""
        return self.stay is not None or (self.hold is None and self.observed_occupied is True)


def _spots(asked: _Asked) -> Stock:
    of_lot = Spot.objects.filter(lot=asked.lot, spot_type=asked.spot_type).order_by("ordinal", "pk")
    of_lot = of_lot.annotate(closures=asked.closures(asked.blackouts.closing_bay()))
    spots = list(map(_SpotState._make, of_lot.values_list("pk", *_SpotState._fields[1:])))
    of_type = asked.bookings.filter(Q(spot__spot_type=asked.spot_type) | Q(spot=None, spot_type=asked.spot_type))
    rows = _live(of_type, asked.around)
    parked = {row.spot_id for row in rows if asked.is_parked(row)}
    usable = {
        spot.pk: PlaceKey(spot.level_id, spot.pk)
        for spot in spots
        if not spot.is_out_of_use and not (asked.is_near and spot.is_taken and spot.pk not in parked)
    }
    closed = _merged(
        _closed(usable[spot.pk], one) for spot in spots if spot.pk in usable for one in spot.closures or ()
    )

    def busy(found: Iterable[_Live]) -> list[Busy[PlaceKey]]:
        return [row.busy(usable[row.spot_id], asked.at) for row in found if row.spot_id in usable]

    return Stock(
        places=list(usable.values()),
        busy=busy(rows),
        closed=closed,
        homeless=[row.period for row in rows if row.spot_id not in usable],
        usable=len(usable),
        share=asked.share(len(spots)),
        occupied=lambda period: [*busy(_live(of_type, period)), *closed],
    )


def _counted(asked: _Asked) -> Stock:
    counts = SpotCount.objects.filter(lot=asked.lot, spot_type=asked.spot_type).order_by("level__number")
    counts = counts.annotate(closures=asked.closures(asked.blackouts.closing_type()))
    levels = [(row.level_id, row) for row in counts]
    of_type = asked.bookings.filter(spot_type=asked.spot_type)
    rows = _live(of_type, asked.around)
    places = [PlaceKey(level, number=number) for level, row in levels for number in range(1, row.total + 1)]
    known = set(places)
    parked = sum(map(asked.is_parked, rows))
    others = max(0, sum(row.occupied for _level, row in levels) - parked) if asked.is_near else 0
    closed = _merged(
        _closed(PlaceKey(level, number=number), one)
        for level, row in levels
        for one in row.closures or ()
        for number in _numbers(one, row.total)
    )

    def busy(found: Iterable[_Live]) -> list[Busy[PlaceKey]]:
        placed = ((row, place_of(row)) for row in found)
        return [row.busy(place, asked.at) for row, place in placed if place in known]

    return Stock(
        places=places,
        busy=busy(rows),
        closed=closed,
        homeless=[row.period for row in rows if place_of(row) not in known],
        usable=len(places) - others,
        share=asked.share(len(places)),
        occupied=lambda period: [*busy(_live(of_type, period)), *closed],
    )


def _closed(place: PlaceKey, closure: Mapping[str, Any]) -> Busy[PlaceKey]:
    start, end = (datetime.fromisoformat(closure[name]) for name in ("start", "end"))
    return Busy(place, start, end)


def _merged(closed: Iterable[Busy[PlaceKey]]) -> list[Busy[PlaceKey]]:
    """Return closures so that none of one place overlap, as each place counts once."""
    found = list(closed)
    return [one for row in rows_by_place([one.place for one in found], found).values() for one in row]


def _numbers(closure: Mapping[str, Any], total: int) -> range:
    """Return which counted places of a level and type, of which there are `total`, a closure closes."""
    if closure["places"] is None:
        return range(1, total + 1)
    return range(closure["first"], closure["first"] + closure["places"])


def place_of(booking: Reservation | _Live) -> PlaceKey | None:
    """Return the place that a booking has."""
    if booking.level_id is None or (booking.spot_id is None and booking.place is None):
        return None
    return PlaceKey(booking.level_id, booking.spot_id, booking.place)
