"""Discounts on a stay: free minutes, then percentages, then amounts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from typing import Any

from billing.pricing.errors import InvalidDiscountError
from billing.pricing.rules import Regular
from billing.pricing.values import Reader
from common.money import round_half_up
from common.words import text as _

MOST_DISCOUNTS = 50
FORMS = ("free_minutes", "percent", "amount")


@dataclass(frozen=True, slots=True)
class Discounts:
    """Parsed discounts: the sum of free minutes, and percentages (0 to 100) and amounts in the given order.

    `regular` is the tariff's own for a plate that comes often; it is the first of the percentages. The names of those
    that have one stand in the order of their kind.
    """

    free_minutes: int = 0
    regular: Regular | None = None
    percents: tuple[Decimal, ...] = ()
    amounts: tuple[int, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)

    def labels(self, form: str) -> tuple[str, ...]:
        """Return what stands before each discount of a form."""
        return tuple(f"{name}: " if name else "" for name in self.names.get(form, ()))


NO_DISCOUNTS = Discounts()


def parse_discounts(data: Any, path: str = "$") -> Discounts:
    """Parse a list of `{"free_minutes": n}`, `{"percent": "n"}` and `{"amount": n}`.

    Raises `InvalidDiscountError` with every problem.
    """
    reader = Reader(path)
    items = reader.items(data, path, MOST_DISCOUNTS)
    minutes, percents, amounts = 0, [], []
    for item_path, item in items:
        form = _form_of(reader, item, item_path)
        if form == "free_minutes":
            minutes += reader.minutes(item[form], f"{item_path}.free_minutes")
        elif form == "percent":
            percents.append(reader.percent(item[form], f"{item_path}.percent"))
        elif form == "amount":
            amounts.append(reader.amount(item[form], f"{item_path}.amount"))
    if reader.errors:
        raise InvalidDiscountError(_("The discounts can't be read."), errors=reader.errors)
    return Discounts(free_minutes=minutes, percents=tuple(percents), amounts=tuple(amounts))


def _form_of(reader: Reader, item: Any, path: str) -> str | None:
    if isinstance(item, Mapping) and len(item) == 1:
        form = next(iter(item))
        if form in FORMS:
            return str(form)
    reader.refuse(path, _('must be one of {"free_minutes": n}, {"percent": "n"} and {"amount": n}'))
    return None


def named_discounts(items: Sequence[tuple[str, Mapping[str, Any]]]) -> Discounts:
    """Parse discounts that have a name, such as that of the shop that gives them. Raises `InvalidDiscountError`."""
    parsed = parse_discounts([discount for _name, discount in items])
    names = {form: tuple(name for name, discount in items if form in discount) for form in FORMS}
    return replace(parsed, names=names)


def kept_discounts(kept: Sequence[Mapping[str, Any]]) -> Discounts:
    """Return the discounts that a stay or booking keeps, each with its `name` and `discount`."""
    return named_discounts([(one["name"], one["discount"]) for one in kept]) if kept else NO_DISCOUNTS


def as_discounts(discounts: Discounts | Sequence[Mapping[str, Any]]) -> Discounts:
    """Return parsed discounts, from either form. Raises `InvalidDiscountError`."""
    if isinstance(discounts, Discounts):
        return discounts
    return parse_discounts(list(discounts)) if discounts else NO_DISCOUNTS


def deductions(
    total: int, discounts: Discounts, price_with_free_minutes: Callable[[int], int]
) -> list[tuple[str, int]]:
    """Return what each discount takes off a total, in order, never more than is left.

    `price_with_free_minutes` prices the stay with its exit that many minutes earlier.
    """
    taken: list[tuple[str, int]] = []
    if discounts.free_minutes:
        off = max(0, total - price_with_free_minutes(discounts.free_minutes))
        names = ", ".join(dict.fromkeys(filter(None, discounts.names.get("free_minutes", ()))))
        taken.append(
            (f"{names}: {discounts.free_minutes} min free" if names else f"{discounts.free_minutes} min free", off)
        )
        total -= off
    if discounts.regular is not None:
        regular = discounts.regular
        off = round_half_up(total * Fraction(regular.percent) / 100)
        taken.append((f"{regular.percent} % off from stay {regular.from_stay} in a month", off))
        total -= off
    for percent, name in zip_longest(discounts.percents, discounts.labels("percent"), fillvalue=""):
        off = round_half_up(total * Fraction(percent) / 100)
        taken.append((f"{name}{percent} % off", off))
        total -= off
    for amount, name in zip_longest(discounts.amounts, discounts.labels("amount"), fillvalue=""):
        off = min(total, int(amount))
        taken.append((name.removesuffix(": ") or "Discount", off))
        total -= off
    return taken
