"""Counts of a till: what was counted, and whether it is far from what was expected."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from accounts.models import Operator
from billing.models import Shift, ShiftCount
from common.errors import InvalidValueError
from common.money import LARGEST_AMOUNT, same_figure


@dataclass(frozen=True, slots=True)
class Counted:
    """A tender as it was counted in one currency: a sum in minor units, or how many there are of each coin and note."""

    amount: int
    pieces: dict[int, int] | None = None

    @classmethod
    def of_pieces(cls, pieces: dict[int, int]) -> "Counted":
        """Return the count of coins and notes by their value in minor units."""
        return cls(sum(value * number for value, number in pieces.items()), pieces)

    def require_possible(self, path: str) -> None:
        """Raise InvalidValueError for a sum that nobody can have counted."""
        pieces = self.pieces or {}
        if not 0 <= self.amount <= LARGEST_AMOUNT or any(number < 0 for number in pieces.values()):
            raise InvalidValueError(_("Nobody can have counted that."), path=path)


def needs_note(counts: Iterable[ShiftCount], operator: Operator) -> bool:
    """Return whether a count is off by more than the operator tolerates, in the same figure of any currency."""
    return any(
        abs(count.difference) > same_figure(operator.till_tolerance, operator.currency, count.currency)
        for count in counts
    )


def with_difference(found: QuerySet[Shift]) -> QuerySet[Shift]:
    """Add what the cash of each shift's last round was over or short, in its own currency."""
    cash = ShiftCount.objects.filter(
        shift=OuterRef("pk"), round=OuterRef("round"), tender="cash", currency=OuterRef("currency")
    )
    difference = cash.annotate(off=F("counted_amount") - F("expected_amount")).values("off")[:1]
    off = Subquery(difference, output_field=IntegerField())
    return found.annotate(off=off, off_size=Abs(off))
