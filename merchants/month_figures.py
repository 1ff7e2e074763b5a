"""What a merchant has given in a month, by type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum

from accounts.models import Merchant
from billing.discount_words import discount_words
from common.money import format_amount
from common.plate_hashes import MARK
from lots.calendar import local_day
from lots.models import Lot
from merchants.models import BudgetKind, Validation, ValidationBudget, ValidationType


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """One type in a month; `used` and `limit` are those of its budget, None without one. Minor units."""

    type: ValidationType
    words: str
    given: int
    withdrawn: int
    stays_over: int
    taken_off: int
    share: int
    used: int | None
    limit: int | None
    limit_typed: str = ""
    """The limit as a form has it."""

    @property
    def left(self) -> int | None:
        """Return what the budget still allows."""
        return None if self.limit is None or self.used is None else max(0, self.limit - self.used)

    @property
    def is_money(self) -> bool:
        """Return whether the budget is one of money."""
        return self.type.budget_kind == BudgetKind.AMOUNT


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month of a merchant: its types, and the currency of their amounts."""

    month: date
    currency: str
    types: list[TypeFigures]

    @property
    def given(self) -> int:
        """Return how many were given and stand."""
        return sum(one.given for one in self.types)

    @property
    def taken_off(self) -> int:
        """Return what they took off the fees of stays that are over."""
        return sum(one.taken_off for one in self.types)

    @property
    def share(self) -> int:
        """Return what of that the merchant pays."""
        return sum(one.share for one in self.types)


def first_lot(merchant: Merchant) -> Lot | None:
    """Return the lot by whose clock and currency a merchant's months are reckoned."""
    return Lot.objects.filter(merchant_places__merchant=merchant).order_by("merchant_places__id").first()


def month_at(lot: Lot | None, at: datetime) -> date:
    """Return the first day of the month at an instant on the clock of a merchant's lot, of UTC's without one."""
    return (local_day(lot, at) if lot else at.date()).replace(day=1)


def currency_of(merchant: Merchant) -> str:
    """Return the currency of a merchant's amounts: that of its first lot, else of its operator."""
    lot = first_lot(merchant)
    return lot.currency if lot else merchant.operator.currency


def month_figures(merchant: Merchant, at: datetime, month: date | None = None) -> MonthFigures:
    """Return the figures of a month, of the present one without another; three queries."""
    lot = first_lot(merchant)
    month = month or month_at(lot, at)
    sums = {
        row["type"]: row
        for row in Validation.objects.filter(type__merchant=merchant, month=month)
        .order_by()
        .values("type")
        .annotate(
            given=Count("pk", filter=Q(withdrawn_at=None)),
            withdrawn=Count("pk", filter=~Q(withdrawn_at=None)),
            stays_over=Count("pk", filter=Q(taken_off__isnull=False)),
            taken=Sum("taken_off", default=0),
            share=Sum("share_amount", default=0),
        )
    }
    budgets = {
        budget.type_id: budget for budget in ValidationBudget.objects.filter(type__merchant=merchant, month=month)
    }
    kinds = merchant.types.filter(Q(ended_at=None) | Q(pk__in=sums)).order_by("name", "pk")
    currency = lot.currency if lot else merchant.operator.currency
    return MonthFigures(month, currency, [_figures(kind, sums, budgets, currency) for kind in kinds])


@dataclass(frozen=True, slots=True)
class OftenValidated:
    """A car that got many validations in a month, and by whom most."""

    plate: str
    times: int
    by: str


OFTEN, MOST_OFTEN = 4, 5


def most_validated(merchant: Merchant, at: datetime, month: date | None = None) -> list[OftenValidated]:
    """Return the cars that got at least `OFTEN` validations in a month from one person, for who may look at plates."""
    month = month or month_at(first_lot(merchant), at)
    rows = Validation.objects.standing().filter(type__merchant=merchant, month=month)
    # Of plates that have run out, nobody may look at any.
    rows = rows.exclude(ticket__plate_normalised=None).exclude(ticket__plate_normalised__startswith=MARK).order_by()
    groups = rows.values("ticket__plate_normalised", "given_by__email").annotate(times=Count("pk"))
    often = groups.filter(times__gte=OFTEN).order_by("-times", "ticket__plate_normalised")[:MOST_OFTEN]
    return [
        OftenValidated(plate or "", times, by or "")
        for plate, by, times in often.values_list("ticket__plate_normalised", "given_by__email", "times")
    ]


def _figures(
    kind: ValidationType, sums: Mapping[int, Mapping[str, Any]], budgets: dict[int, ValidationBudget], currency: str
) -> TypeFigures:
    found, budget = sums.get(kind.pk) or {}, budgets.get(kind.pk)
    has_budget = kind.budget_kind != BudgetKind.NONE
    limit = (budget.limit if budget else kind.budget_limit) if has_budget else None
    is_money = kind.budget_kind == BudgetKind.AMOUNT
    return TypeFigures(
        type=kind,
        words=discount_words(kind.discount, currency),
        given=found.get("given", 0),
        withdrawn=found.get("withdrawn", 0),
        stays_over=found.get("stays_over", 0),
        taken_off=found.get("taken", 0),
        share=found.get("share", 0),
        used=(budget.used if budget else 0) if has_budget else None,
        limit=limit,
        limit_typed="" if limit is None else format_amount(limit, currency) if is_money else str(limit),
    )
