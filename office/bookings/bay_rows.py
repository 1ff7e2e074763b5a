"""The rows of the timeline: what each place has in each quarter of an hour of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from office.bookings.days_of_lots import LotDay
from reservations.models import Blackout, Reservation
from tickets.models import Ticket


class PlaceRow(NamedTuple):
    """A place as it is named on the timeline: a bay, or a numbered place of a level and type."""

    label: str
    level_id: int
    spot_type: str
    spot_id: int | None = None
    place: int | None = None


class RowCell(NamedTuple):
    """Consecutive quarters of a row with the same in them: a booking, a car, a blackout, or nothing."""

    span: int
    booking: Reservation | None = None
    car: Ticket | None = None
    blackout: Blackout | None = None


@dataclass(frozen=True, slots=True)
class BayRow:
    """A place with what fills its day, from midnight to midnight; nothing overlaps."""

    place: PlaceRow
    cells: list[RowCell]


@dataclass(slots=True)
class DayOfPlaces:
    """What there is on some places in a day: bookings come before cars, and cars before blackouts."""

    day: LotDay
    bookings: Sequence[Reservation]
    cars: Sequence[Ticket]
    blackouts: Sequence[Blackout]
    now: datetime
    _at: dict[tuple[int | None, ...], list[Reservation]] = field(default_factory=dict)

    def rows(self, places: Iterable[PlaceRow]) -> list[BayRow]:
        """Return the rows of places."""
        for booking in self.bookings:
            key = (booking.spot_id,) if booking.spot_id else (booking.level_id, booking.place)
            self._at.setdefault(key, []).append(booking)
        return [BayRow(place, list(self._cells(place))) for place in places]

    def _cells(self, place: PlaceRow) -> Iterable[RowCell]:
        quarters: list[RowCell | None] = [None] * self.day.quarters
        key = (place.spot_id,) if place.spot_id else (place.level_id, place.place)
        for booking in self._at.get(key, []):
            if booking.spot_type == place.spot_type or place.spot_id:
                self._fill(quarters, RowCell(0, booking=booking), booking.starts_at, booking.ends_at)
        for car in self.cars:
            if place.spot_id and car.spot_id == place.spot_id:
                self._fill(quarters, RowCell(0, car=car), car.entry_at, self.now)
        for blackout in self.blackouts:
            if blackout.closes_place(place.level_id, place.spot_type, spot=place.spot_id, number=place.place):
                self._fill(quarters, RowCell(0, blackout=blackout), blackout.starts_at, blackout.ends_at)
        for _same, run in groupby(quarters, key=id):
            same = list(run)
            yield (same[0] or RowCell(0))._replace(span=len(same))

    def _fill(self, quarters: list[RowCell | None], cell: RowCell, start: datetime, end: datetime) -> None:
        for number in range(self.day.quarter_of(start), self.day.quarter_of(end, up=True)):
            if quarters[number] is None:
                quarters[number] = cell
