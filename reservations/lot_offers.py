"""Find lots for a period: how far they are, what it costs there, and how many places are left then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from billing.known_tariffs import known_tariffs_on
from billing.models import Tariff
from billing.quoting import Wish, quote
from common.errors import DomainError
from common.time import midnight_of
from lots.boards import CAR_TYPES, Count, LotCounts
from lots.calendar import is_open, local_day, opens_at, zone_of
from lots.compatibility import SpotType
from lots.known_lots import known_count, known_nearest
from lots.lot_search import LotSearch
from lots.models import Lot
from lots.queries import counts_by_type
from reservations.booked_time import BookedTime, check_period
from reservations.offering import promised_period
from reservations.ranking import Rated, SortBy, ranked, walk_minutes
from reservations.rooms import rooms

MOST_COMPARED = 200
"""So many of the nearest lots are priced, where all have to be compared."""
ONE_DAY = timedelta(days=1)
NOW = timedelta(minutes=5)
"""A period that begins this soon begins now."""

TimeIn = Callable[[ZoneInfo], BookedTime]
"""Tells the period on the clock of a lot. Raises InvalidPeriodError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody looks for; with `open_then` only lots that are open all of the period."""

    lots: LotSearch
    time_in: TimeIn
    sort: SortBy = SortBy.NEAR
    open_then: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLot:
    """A lot over the period.

    `time` is None where the period does not exist on its clock, or can't be booked. `price` is in minor units, None
    where it has none. `left` counts the places that may still be booked all of the period, None where nothing can be
    promised; `free` and `total` those of now. All are of the `kind` of spot asked for, else the places are those that
    any car may use. `counts` are all places by type.
    """

    lot: Any
    time: BookedTime | None
    counts: Mapping[str, Count]
    kind: str
    price: int | None
    left: int | None
    free: int
    total: int
    begins_now: bool
    opened: bool
    changes_at: datetime | None

    @property
    def distance_m(self) -> float | None:
        """Return the distance in metres."""
        return self.lot.distance_m  # type: ignore[no-any-return]

    @property
    def distance_km(self) -> float | None:
        """Return the distance in kilometres."""
        return None if self.distance_m is None else self.distance_m / 1000

    @property
    def walk_minutes(self) -> int | None:
        """Return how long the walk to it is."""
        return None if self.distance_m is None else walk_minutes(self.distance_m)

    @property
    def is_open_then(self) -> bool:
        """Return whether walk-ins may enter all of the period."""
        return self.opened and (self.time is None or self.changes_at is None or self.changes_at >= self.time.end)


@dataclass(frozen=True, slots=True)
class FoundLots:
    """A part of the lots found, and how many there are; with `is_cut` only the nearest were compared."""

    lots: list[FoundLot]
    total: int
    is_cut: bool = False


def find(wanted: Wanted, *, first: int, limit: int, at: datetime, most_counted: int | None = None) -> FoundLots:
    """Return a part of the lots for a period, in the order asked for; at most eight statements.

    `most_counted` bounds the total. The order by price and what is open then are found among the `MOST_COMPARED`
    nearest.
    """
    if wanted.sort == SortBy.NEAR and not wanted.open_then:
        lots = known_nearest(wanted.lots, first=first, limit=limit)
        total = known_count(wanted.lots, most=most_counted) if first or len(lots) == limit else len(lots)
        return FoundLots(offers_for(lots, wanted, at=at), total)
    lots = known_nearest(wanted.lots, first=0, limit=MOST_COMPARED + 1)
    offers = offers_for(lots[:MOST_COMPARED], wanted, at=at)
    if wanted.open_then:
        offers = [offer for offer in offers if offer.is_open_then]
    rated = [Rated(offer.distance_m, offer.price, offer.lot.currency, offer.left) for offer in offers]
    order = ranked(rated, wanted.sort)
    shown = [offers[place] for place in order[first : first + limit]]
    return FoundLots(shown, len(offers), is_cut=len(lots) > MOST_COMPARED)


def offers_for(lots: Sequence[Any], wanted: Wanted, *, at: datetime) -> list[FoundLot]:
    """Return what lots offer over the period, in the same order; four statements."""
    times = dict(_times(lots, wanted.time_in, at))
    counts = counts_by_type(lots)
    tariffs = known_tariffs_on({lot.pk: local_day(lot, times[lot.pk].start) for lot in lots if lot.pk in times})
    periods = {lot.pk: promised_period(lot, times[lot.pk]) for lot in lots if lot.pk in times}
    known = _Known(at, wanted.lots.spot_type, times, counts, tariffs, rooms(lots, periods, counts, at=at))
    return [known.offer(lot) for lot in lots]


def _times(lots: Sequence[Any], time_in: TimeIn, at: datetime) -> Iterator[tuple[int, BookedTime]]:
    """Return the period of each lot, on its clock, where it can be booked there."""
    known: dict[str, BookedTime | None] = {}
    for lot in lots:
        if lot.timezone not in known:
            known[lot.timezone] = _time_in(zone_of(lot), time_in, at)
        if time := known[lot.timezone]:
            yield lot.pk, time


def _time_in(zone: ZoneInfo, time_in: TimeIn, at: datetime) -> BookedTime | None:
    try:
        time = time_in(zone)
        check_period(time, at=at)
    except DomainError:
        return None
    return time


def left_tomorrow(lot: Lot, counts: LotCounts, *, at: datetime) -> int | None:
    """Return how many places may still be booked for all of tomorrow, of those any car may use; two statements.

    None where the lot can't be booked.
    """
    day, zone = local_day(lot, at) + ONE_DAY, zone_of(lot)
    tomorrow = BookedTime(midnight_of(day, zone), midnight_of(day + ONE_DAY, zone))
    by_type: dict[str, Count] = {kind: count for kind, _label, count in counts.sums}
    left = rooms([lot], {lot.pk: promised_period(lot, tomorrow)}, {lot.pk: by_type}, at=at).get(lot.pk)
    return None if left is None else sum(left[kind] for kind in counts.main_kinds)


def _usual_kind(kinds: Sequence[str], left: Mapping[str, int]) -> str:
    """Return the type that most drivers take: regular, or what else a car may use where none of these is left."""
    usual = [kind for kind in (SpotType.REGULAR, SpotType.LARGE, SpotType.COMPACT) if kind in kinds] or kinds
    return next((kind for kind in usual if left.get(kind)), usual[0] if usual else SpotType.REGULAR)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was loaded of lots, by their ids."""

    at: datetime
    spot_type: str
    times: Mapping[int, BookedTime]
    counts: Mapping[int, Mapping[str, Count]]
    tariffs: Mapping[int, Tariff]
    left: Mapping[int, Mapping[str, int]]

    def offer(self, lot: Any) -> FoundLot:
        time, counts, left = self.times.get(lot.pk), self.counts[lot.pk], self.left.get(lot.pk)
        kinds = [self.spot_type] if self.spot_type else [one for one in counts if one in CAR_TYPES] or list(counts)
        kind = self.spot_type or _usual_kind(kinds, left or {})
        start = self.at if time is None else time.start
        return FoundLot(
            lot=lot,
            time=time,
            counts=counts,
            kind=kind,
            price=None if time is None else _price(lot, self.tariffs.get(lot.pk), kind, time),
            left=None if left is None else sum(left.get(one, 0) for one in kinds),
            free=sum(counts[one].free for one in kinds if one in counts),
            total=sum(counts[one].total for one in kinds if one in counts),
            begins_now=start <= self.at + NOW,
            opened=is_open(lot, start),
            changes_at=opens_at(lot, start),
        )


def _price(lot: Lot, tariff: Tariff | None, kind: str, time: BookedTime) -> int | None:
    """Return the price of the booking; where nobody can book, of the stay."""
    if tariff is None:
        return None
    wish = Wish(entry=time.start, exit=time.end, spot_type=kind, reservation=lot.bookable)
    try:
        return quote(lot, wish, known=tariff).total
    except DomainError:
        return None
