"""What a document says in figures: lines and tax per rate that add up to its total. Pure; amounts in minor units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.pricing import tax_within
from common.words import text as _

NO_TAX = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its tax inside; `item` is the place of what it is for among the document's items."""

    label: str
    amount: int
    percent: Decimal
    item: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the line as it is frozen."""
        return {"label": self.label, "amount": self.amount, "percent": plain(self.percent), "item": self.item}


@dataclass(frozen=True, slots=True)
class Part:
    """What is taxed at one rate, after `before` of the same charge; negative when it is given back.

    Its tax is that of all so far less that of what was before, so that parts never tax more than the whole.
    """

    percent: Decimal
    amount: int
    before: int = 0

    @property
    def tax(self) -> int:
        """Return the tax inside the part."""
        return tax_within(self.before + self.amount, self.percent) - tax_within(self.before, self.percent)


def parts_of(percent: Decimal, taxed: int, untaxed: int, *, before: int) -> list[Part]:
    """Return an amount as its parts at the rate, after `before` at it, and without tax."""
    if not percent:
        return [Part(NO_TAX, taxed + untaxed, before)]
    return [part for part in (Part(percent, taxed, before), Part(NO_TAX, untaxed)) if part.amount]


@dataclass(frozen=True, slots=True)
class Owed:
    """A charge as its documents see it: its lines with their labels, what is due, and the credits that lower it."""

    lines: Sequence[Mapping[str, Any]]
    due: int
    credits: Sequence[tuple[str, int]]
    percent: Decimal

    @property
    def charged(self) -> int:
        """Return the due amount less credits."""
        return self.due - sum(amount for _reason, amount in self.credits)

    def lines_for(self, amount: int, *, untaxed: Mapping[str, int] | None = None, item: int = 0) -> list[Line]:
        """Return the lines of an amount: all lines when it is everything.

        `untaxed` are what of it carries no tax, by label: the rounding in cash and the change kept of its payments.
        Such a line of the charge whose cash was given back is paid by others like the rest of the price.
        """
        free = untaxed or {}
        marked = sum(int(line["amount"]) for line in self.lines if line.get("untaxed"))
        if amount == self.charged and sum(free.values()) in {0, marked}:
            return list(self._all_lines(item, NO_TAX if free else self.percent))
        taxed = amount - sum(free.values())
        price = [Line(_("Part of the fee"), taxed, self.percent, item)] if taxed else []
        return price + [Line(label, one, NO_TAX, item) for label, one in free.items()]

    def _all_lines(self, item: int, percent_of_untaxed: Decimal) -> Iterable[Line]:
        for line in self.lines:
            percent = percent_of_untaxed if line.get("untaxed") else self.percent
            yield Line(str(line["label"]), int(line["amount"]), percent, item)
        beyond = self.due - sum(int(line["amount"]) for line in self.lines)
        if beyond:
            # A price that fell after it was paid, or a charge without lines.
            label = _("Paid before at a higher price") if self.lines else _("Parking fee")
            yield Line(label, beyond, self.percent, item)
        for reason, amount in self.credits:
            yield Line(reason, -amount, self.percent, item)


def taxes_of(parts: Iterable[Part]) -> list[dict[str, object]]:
    """Return net, tax and total per rate; `before` is what came before the first part at the rate.

    The tax of parts that follow each other is that of their sum, rounded once.
    """
    rates: dict[Decimal, list[Part]] = {}
    for part in parts:
        rates.setdefault(part.percent, []).append(part)
    taxes = []
    for percent, of_rate in sorted(rates.items(), reverse=True):
        total, tax = sum(part.amount for part in of_rate), sum(part.tax for part in of_rate)
        figures = {"percent": plain(percent), "before": of_rate[0].before, "net": total - tax, "tax": tax}
        taxes.append(figures | {"total": total})
    return taxes


def mirrored(content: Mapping[str, Any]) -> list[Line]:
    """Return the lines of a document the other way round."""
    return [Line(line["label"], -line["amount"], Decimal(line["percent"]), line["item"]) for line in content["lines"]]


def percent_of(content: Mapping[str, Any], item: int) -> Decimal:
    """Return the rate at which a document taxes one of its items."""
    return max((Decimal(line["percent"]) for line in content["lines"] if line["item"] == item), default=NO_TAX)


def plain(percent: Decimal) -> str:
    """Return a rate as people write it: `8.1`, `19`."""
    return f"{percent.normalize():f}" if percent else "0"
