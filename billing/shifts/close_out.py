"""A shift's close-out: its sums by kind, its movements, and what was counted, expected, over and short."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import CashMovement, MovementKind, Payment, PaymentMethod, Shift, ShiftCount, TenderKind
from billing.shifts.counting import needs_note
from billing.shifts.opening import left_in_drawer
from billing.shifts.till import TillSum, sums_of_till

_KINDS: dict[str, str | Promise] = {
    "float": _("Float"),
    "sale": _("Sales"),
    "refund": _("Refunds"),
    MovementKind.DROP: _("To the safe"),
    MovementKind.PAID_IN: _("Paid in"),
    MovementKind.PAID_OUT: _("Paid out"),
    MovementKind.HANDED_OVER: _("Handed over"),
}
MOST_EXPLAINED = 5


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A sum of one kind, tender and currency."""

    label: str | Promise
    amount: int
    currency: str
    entries: int


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """A shift that has been counted, in its last round; amounts in minor units.

    `float_difference` is what the float had more (or less) than the shift before had left. `suspects` are cash payments
    that would explain what is over or short if the change had been given on another note.
    """

    shift: Shift
    counts: list[ShiftCount]
    cash: list[ReportLine]
    cards: list[ReportLine]
    vouchers: list[ReportLine]
    movements: list[CashMovement]
    rounding: int
    kept: int
    float_difference: int
    needs_note: bool
    suspects: list[Payment]

    @property
    def drawer_count(self) -> ShiftCount:
        """Return the count of the cash in the shift's own currency."""
        return next(one for one in self.counts if (one.tender, one.currency) == ("cash", self.shift.currency))

    @property
    def put_away(self) -> list[CashMovement]:
        """Return where the counted cash went."""
        return [one for one in self.movements if one.closes_round == self.shift.round]


def report_of(shift: Shift) -> ShiftReport:
    """Return the close-out of a counted shift. Never show it before: the count is blind."""
    counts = list(shift.counts.filter(round=shift.round))
    sums = sums_of_till(shift)
    odd = shift.payments.aggregate(rounding=Sum("rounding_amount", default=0), kept=Sum("kept_amount", default=0))
    off = next(one.difference for one in counts if (one.tender, one.currency) == ("cash", shift.currency))
    return ShiftReport(
        shift=shift,
        counts=counts,
        cash=_lines(sums, TenderKind.CASH),
        cards=_lines(sums, TenderKind.CARD),
        vouchers=_lines(sums, PaymentMethod.VOUCHER),
        movements=list(shift.movements.select_related("moved_by")),
        rounding=odd["rounding"],
        kept=odd["kept"],
        float_difference=shift.float_amount - left_in_drawer(shift.follows) if shift.follows else 0,
        needs_note=needs_note(counts, shift.lot.operator),
        suspects=list(_suspects(shift, off)) if off else [],
    )


def sales_of(shift: Shift) -> int:
    """Return how many payments a shift has taken so far; the amounts stay unknown until the count."""
    return shift.payments.filter(captured_amount__gt=0).count()


def _lines(sums: Iterable[TillSum], tender: str) -> list[ReportLine]:
    order = list(_KINDS)
    rows = sorted((row for row in sums if row.tender == tender), key=lambda row: (row.currency, order.index(row.kind)))
    return [ReportLine(_KINDS[row.kind], row.amount, row.currency, row.entries) for row in rows]


def _suspects(shift: Shift, off: int) -> QuerySet[Payment]:
    """Return cash sales whose change equals what is missing, or whose amount equals what is over."""
    cash = shift.payments.filter(method="cash", charge__currency=shift.currency).select_related("charge")
    if off > 0:
        return cash.filter(captured_amount=off)[:MOST_EXPLAINED]
    return cash.alias(change=F("tendered_amount") - F("amount")).filter(change=-off)[:MOST_EXPLAINED]
