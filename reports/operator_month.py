"""The month of an operator: what was taken, how full its lots were, and what went wrong.

The revenue is that of the books (`billing.books.takings`), the exceptions are counted as their page counts them.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import Operator
from analytics.exception_counts import counts_by_kind, exceptions_at
from analytics.local_days import on_days
from analytics.scope import Scope
from billing.books.spans import Span
from billing.books.takings import BookScope, Broken, Takings, broken_down
from billing.models import Shift
from billing.shifts import with_difference
from common.time import midnight_of
from lots.access import LotName
from lots.calendar import zone_of_operator
from lots.models import CountCorrection, Lot
from reports.operator_occupancy import OccupiedMonth, occupied_in
from reservations.models import Reservation, ReservationStatus

MOST_ROWS = 40
"""How many lots, or shifts that were off, are listed."""
_KEPT = (ReservationStatus.CONFIRMED, ReservationStatus.ACTIVE, ReservationStatus.COMPLETED, ReservationStatus.NO_SHOW)


@dataclass(frozen=True, slots=True)
class TakenBy:
    """What was taken at a lot or by a method, in minor units; `name` of a method is its code."""

    name: str
    charged: int
    credited: int
    captured: int
    refunded: int
    net: int
    tax: int
    stays: int


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What was taken in one currency: in all, by lot and by method, the most first; `others` counts lots left out."""

    currency: str
    total: TakenBy
    lots: tuple[TakenBy, ...]
    methods: tuple[TakenBy, ...]
    others: int = 0


@dataclass(frozen=True, slots=True)
class UsedLot:
    """How full a lot was."""

    name: str
    share: float
    places: int


@dataclass(frozen=True, slots=True)
class MissedAt:
    """The bookings that began at a lot, and those of them whose driver never came; fees that stand, in minor units."""

    name: str
    currency: str
    bookings: int
    missed: int
    forgiven: int
    fees: int


@dataclass(frozen=True, slots=True)
class ShiftOff:
    """A closed shift whose cash was over (positive) or short (negative)."""

    person: str
    lot: str
    day: str
    currency: str
    off: int


@dataclass(frozen=True, slots=True)
class ShiftsIn:
    """The closed shifts in one currency: how many, and the sums of what they were over and short."""

    currency: str
    closed: int
    over: int
    short: int


@dataclass(frozen=True, slots=True)
class CorrectedAt:
    """What people corrected of a lot's count: how often, and by how many cars more and fewer."""

    name: str
    times: int
    more: int
    fewer: int


@dataclass(frozen=True, slots=True)
class OperatorMonth:
    """An operator's month as it stood `at` an instant; `is_over` on all clocks of its lots.

    Of lots, and of shifts that were off, at most MOST_ROWS are listed; `cut` names the lists that would be longer.
    """

    month: str
    at: str
    zone: str
    operator: int
    name: str
    is_over: bool
    takings: tuple[TakenIn, ...] = ()
    share: float | None = None
    by_hour: tuple[tuple[float | None, ...], ...] = ()
    lots: tuple[UsedLot, ...] = ()
    bookings: int = 0
    no_shows: int = 0
    missed: tuple[MissedAt, ...] = ()
    exceptions: tuple[tuple[str, int], ...] = ()
    shifts: tuple[ShiftsIn, ...] = ()
    off: tuple[ShiftOff, ...] = ()
    cut: tuple[str, ...] = ()
    corrected: tuple[CorrectedAt, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing happened in it."""
        return not (self.takings or self.share or self.missed or self.exceptions or self.shifts)

    @property
    def first(self) -> date:
        """Return the first day of the month."""
        return date.fromisoformat(self.month)

    def as_json(self) -> dict[str, Any]:
        """Return the month as the context of its mail."""
        return asdict(self)


def month_from_json(told: dict[str, Any]) -> OperatorMonth:
    """Return the month of a mail's context, which may say more; those of before corrections were told say none."""
    told = {"corrected": [], **told}
    parts: dict[str, Any] = {name: told[name] for name in OperatorMonth.__slots__}
    parts["takings"] = tuple(
        TakenIn(
            **one
            | {"total": TakenBy(**one["total"])}
            | {name: _all(TakenBy, one[name]) for name in ("lots", "methods")}
        )
        for one in told["takings"]
    )
    for name, kind in (("lots", UsedLot), ("missed", MissedAt), ("shifts", ShiftsIn), ("off", ShiftOff)):
        parts[name] = _all(kind, told[name])
    parts["corrected"] = _all(CorrectedAt, told["corrected"])
    parts["by_hour"] = tuple(tuple(line) for line in told["by_hour"])
    parts["cut"] = tuple(told["cut"])
    parts["exceptions"] = tuple((kind, count) for kind, count in told["exceptions"])
    return OperatorMonth(**parts)


def operator_month(operator: Operator, month: date, *, at: datetime) -> OperatorMonth:
    """Return the month of an operator on the clocks of its lots, as it stands at an instant; eight queries."""
    lots = tuple(
        map(LotName._make, Lot.objects.filter(operator=operator).order_by("name", "pk").values_list(*LotName._fields))
    )
    scope, span = Scope(lots), Span.of_month(month)
    used = occupied_in(scope.ids, month, at=at)
    full, missed = _used(used, lots), _missed(scope, span)
    shifts, off = _shifts(scope, span)
    return OperatorMonth(
        month=month.isoformat(),
        at=at.isoformat(timespec="seconds"),
        zone=zone_of_operator(operator, lots),
        operator=operator.pk,
        name=operator.name,
        is_over=all(
            midnight_of(span.last + timedelta(days=1), ZoneInfo(zone)) <= at for zone in {lot.timezone for lot in lots}
        ),
        takings=_takings(scope, span),
        share=used.share,
        by_hour=used.by_hour,
        lots=full[:MOST_ROWS],
        bookings=sum(one.bookings for one in missed),
        no_shows=sum(one.missed for one in missed),
        missed=missed[:MOST_ROWS],
        exceptions=tuple((one.kind, one.count) for one in counts_by_kind(exceptions_at(scope, span.first, span.last))),
        shifts=shifts,
        off=tuple(sorted(off[:MOST_ROWS], key=lambda one: one.day)),
        corrected=_corrected(scope, span),
        cut=tuple(name for name, rows in (("lots", full), ("missed", missed), ("off", off)) if len(rows) > MOST_ROWS),
    )


def _corrected(scope: Scope, span: Span) -> tuple[CorrectedAt, ...]:
    by_people = CountCorrection.objects.filter(on_days(scope, "at", span.first, span.last), is_reset=False)
    sums = (
        by_people.order_by()
        .values("lot__name", "lot")
        .annotate(
            times=Count("pk"),
            more=Coalesce(Sum("added", filter=Q(added__gt=0)), 0),
            fewer=-Coalesce(Sum("added", filter=Q(added__lt=0)), 0),
        )
    )
    rows = sorted(sums, key=lambda row: (-row["times"], row["lot__name"]))
    return tuple(CorrectedAt(row["lot__name"], row["times"], row["more"], row["fewer"]) for row in rows[:MOST_ROWS])


def _takings(scope: Scope, span: Span) -> tuple[TakenIn, ...]:
    broken = broken_down(BookScope(tuple(scope.ids)), span)
    currencies = sorted({one.currency for one in broken})
    return tuple(_taken_in(currency, [one for one in broken if one.currency == currency]) for currency in currencies)


def _taken_in(currency: str, broken: list[Broken]) -> TakenIn:
    lots = _rows(one for one in broken if one.dimension == "lot")
    total = sum((one.takings for one in broken if one.dimension == "lot"), Takings())
    methods = _rows(one for one in broken if one.dimension == "method" and one.key)
    return TakenIn(currency, _taken("", total), lots[:MOST_ROWS], methods, max(0, len(lots) - MOST_ROWS))


def _rows(broken: Iterable[Broken]) -> tuple[TakenBy, ...]:
    return tuple(sorted((_taken(one.label, one.takings) for one in broken), key=lambda row: (-row.net, row.name)))


def _taken(name: str, one: Takings) -> TakenBy:
    return TakenBy(name, one.charged, one.credited, one.captured, one.refunded, one.net, one.tax, one.stays)


def _used(used: OccupiedMonth, lots: Iterable[LotName]) -> tuple[UsedLot, ...]:
    names = {lot.pk: lot.name for lot in lots}
    return tuple(UsedLot(names[one.lot], one.share, one.places) for one in used.lots)


def _missed(scope: Scope, span: Span) -> tuple[MissedAt, ...]:
    began = Reservation.objects.filter(on_days(scope, "starts_at", span.first, span.last), status__in=_KEPT)
    missed = Q(status=ReservationStatus.NO_SHOW)
    rows = (
        began.order_by()
        .values(name=F("lot__name"), currency=F("lot__currency"))
        .annotate(
            bookings=Count("pk"),
            missed=Count("pk", filter=missed),
            forgiven=Count("pk", filter=missed & Q(forgiven_at__isnull=False)),
            fees=Coalesce(Sum("fee_amount", filter=missed & Q(forgiven_at=None)), 0),
        )
        .order_by("-missed", "name")
    )
    return tuple(MissedAt(**row) for row in rows)


def _shifts(scope: Scope, span: Span) -> tuple[tuple[ShiftsIn, ...], tuple[ShiftOff, ...]]:
    """Return the sums of closed shifts, and all that were off, the most first."""
    closed = Shift.objects.filter(on_days(scope, "closed_at", span.first, span.last))
    of_whom = with_difference(closed).select_related("person", "device", "lot")
    found: list[Any] = list(of_whom.order_by("closed_at", "pk"))
    currencies = sorted({shift.currency for shift in found})
    sums = tuple(
        _sum_of_shifts(currency, [s.off or 0 for s in found if s.currency == currency]) for currency in currencies
    )
    return sums, tuple(map(_off, sorted((shift for shift in found if shift.off), key=lambda shift: -abs(shift.off))))


def _sum_of_shifts(currency: str, offs: list[int]) -> ShiftsIn:
    return ShiftsIn(currency, len(offs), sum(off for off in offs if off > 0), -sum(off for off in offs if off < 0))


def _off(shift: Any) -> ShiftOff:
    day = shift.closed_at.astimezone(ZoneInfo(shift.lot.timezone)).date()
    return ShiftOff(str(shift.holder), shift.lot.name, day.isoformat(), shift.currency, shift.off)


def _all(kind: Any, told: Iterable[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**one) for one in told)
