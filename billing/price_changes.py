"""What differs between two tariffs, in the words in which people read prices."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.pricing import TariffRules
from billing.pricing.windows import clock_text
from billing.words import PriceWords, length_words, tariff_words
from common.translation import day_said

Money = Callable[[int], str]
_Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One thing that differs: where, what, and how it was and is; empty for what is not there."""

    place: str
    what: str
    before: str
    after: str


def rule_changes(before: TariffRules, after: TariffRules, money: Money) -> list[PriceChange]:
    """Return what differs between rules, in the order of the words; none only when they are the same.

    `money` writes an amount with its currency.
    """
    old, new = dict(_words(before, money)), dict(_words(after, money))
    places = list(dict.fromkeys([*old, *new]))
    found = [
        PriceChange(place, what, old.get((place, what, number), ""), new.get((place, what, number), ""))
        for place, what, number in places
        if old.get((place, what, number)) != new.get((place, what, number))
    ]
    if not found and before != after:
        return [PriceChange("", _("Order of the rules"), _("as it was"), _("another; each price is the same"))]
    return found


def _words(rules: TariffRules, money: Money) -> Iterator[tuple[_Place, str]]:
    """Yield each line of a tariff with its place; lines that are called the same are numbered."""
    seen: dict[tuple[str, str], int] = {}
    for place, what, said in _lines(rules, money):
        number = seen[place, what] = seen.get((place, what), -1) + 1
        yield (place, what, number), said


def _lines(rules: TariffRules, money: Money) -> Iterator[tuple[str, str, str]]:
    words = tariff_words(rules)
    for number, (plan, said) in enumerate(zip(rules.plans, words.plans, strict=True), start=1):
        place = plan.name or _("Plan %(number)s") % {"number": number}
        yield place, _("When"), said.holds
        if plan.priority:
            yield place, _("Priority"), str(plan.priority)
        for price in (*said.prices, *said.limits):
            yield place, price.label, _price(price, money)
    for price in words.limits:
        yield "", price.label, _price(price, money)
    for package in words.packages:
        yield _("Package %(name)s") % {"name": package.label}, _("At most"), _price(package, money)
    for special in rules.special_days:
        yield _("Event days"), special.name, ", ".join(map(day_said, special.dates)) or _("no dates")
    yield from (("", what, said) for what, said in _terms(rules))


def _terms(rules: TariffRules) -> Iterator[tuple[str, str]]:
    yield _("A day begins"), _day_start(rules)
    for regular in rules.regulars:
        yield _("Discount from stay no. %(number)s") % {"number": regular.from_stay}, _percent(regular.percent)
    yield _("Grace"), length_words(rules.grace_minutes)
    yield _("Free at first"), length_words(rules.free_minutes)
    yield _("Time to leave after paying"), length_words(rules.exit_grace_minutes)
    tax = _("%(percent)s %%, included") if rules.tax_included else _("%(percent)s %%, added")
    yield _("Tax"), tax % {"percent": f"{rules.tax_percent.normalize():f}"}


def _percent(percent: Decimal) -> str:
    return f"{percent.normalize():f} %"


def _day_start(rules: TariffRules) -> str:
    if rules.one_period:
        return _("with the stay, and lasts as long")
    return _("with the stay") if rules.day_starts_at is None else clock_text(rules.day_starts_at)


def _price(price: PriceWords, money: Money) -> str:
    return f"{money(price.amount)} {price.unit}".rstrip()
