"""What a document says in figures: lines and tax per rate that add up to its total. Pure; amounts in minor units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.pricing import tax_within
from common.money import round_half_up
from common.words import text as _

NO_TAX = Decimal(0)
Rates = dict[Decimal, int]
"""Amounts by tax rate in percent."""


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
class Owed:
    """A charge as its documents see it: its lines with their labels, what is due, and the credits that lower it.

    Lines marked `untaxed`, such as a rounding in cash, carry no tax.
    """

    lines: Sequence[Mapping[str, Any]]
    due: int
    credits: Sequence[tuple[str, int]]
    percent: Decimal

    @property
    def charged(self) -> int:
        """Return the due amount less credits."""
        return self.due - sum(amount for _reason, amount in self.credits)

    @property
    def _untaxed(self) -> int:
        return sum(int(line["amount"]) for line in self.lines if line.get("untaxed"))

    def rates_of(self, paid: int) -> Rates:
        """Return the parts of a paid amount that are taxed and that are not; what is untaxed is paid last."""
        taxed = paid - self._untaxed if paid >= self.charged else min(paid, self.charged - self._untaxed)
        return {self.percent: taxed, NO_TAX: paid - taxed} if self.percent else {NO_TAX: paid}

    def lines_for(self, amount: int, *, before: int, item: int = 0) -> list[Line]:
        """Return the lines of an amount, after `before` on earlier documents: all lines when it is everything."""
        if before == 0 and amount == self.charged:
            return list(self._all_lines(item))
        earlier, now = self.rates_of(before), self.rates_of(before + amount)
        parts = {percent: now[percent] - earlier[percent] for percent in now}
        return [
            Line(_("Part of the fee") if percent or not self.percent else _("Rounding"), part, percent, item)
            for percent, part in parts.items()
            if part
        ]

    def _all_lines(self, item: int) -> Iterable[Line]:
        for line in self.lines:
            yield Line(str(line["label"]), int(line["amount"]), NO_TAX if line.get("untaxed") else self.percent, item)
        beyond = self.due - sum(int(line["amount"]) for line in self.lines)
        if beyond:
            # A price that fell after it was paid, or a charge without lines.
            label = _("Paid before at a higher price") if self.lines else _("Parking fee")
            yield Line(label, beyond, self.percent, item)
        for reason, amount in self.credits:
            yield Line(reason, -amount, self.percent, item)


def taxes_of(lines: Iterable[Line], before: Mapping[Decimal, int]) -> list[dict[str, object]]:
    """Return net, tax and total per rate, rounded once each, given what earlier documents had `before` at each rate.

    The tax is that of all so far less that of what was before, so that parts never tax more than the whole.
    """
    totals: Rates = {}
    for line in lines:
        totals[line.percent] = totals.get(line.percent, 0) + line.amount
    return [
        _taxed(percent, total, before.get(percent, 0))
        for percent, total in sorted(totals.items(), reverse=True)
        if total or len(totals) == 1
    ]


def _taxed(percent: Decimal, total: int, before: int) -> dict[str, object]:
    tax = tax_within(before + total, percent) - tax_within(before, percent)
    return {"percent": plain(percent), "before": before, "net": total - tax, "tax": tax, "total": total}


def added(*amounts: Mapping[Decimal, int]) -> Rates:
    """Return the sums per rate."""
    sums: Rates = {}
    for one in amounts:
        for percent, amount in one.items():
            sums[percent] = sums.get(percent, 0) + amount
    return sums


def credit_of(
    content: Mapping[str, Any], credited: Sequence[Mapping[str, Any]], *, amount: int, item: int | None, label: str
) -> dict[str, object]:
    """Return lines, taxes and total of a credit note for `amount` of a document, after the contents `credited` before.

    `item` is what the money was paid for; None credits the whole document. Credit notes for all of it mirror it
    exactly, however many they are.
    """
    lines = [_line(one) for one in content["lines"] if item is None or one["item"] == item]
    if not credited and amount == content["total"]:
        mirrored = [Line(line.label, -line.amount, line.percent, line.item) for line in map(_line, content["lines"])]
    else:
        earlier = -sum(one["amount"] for note in credited for one in note["lines"] if item in {None, one["item"]})
        mirrored = _parts(lines, earlier, amount, label, item or 0)
    return {
        "lines": [line.as_json() for line in mirrored],
        "taxes": _mirrored_taxes(content, credited, mirrored),
        "total": -amount,
    }


def _parts(lines: Sequence[Line], earlier: int, amount: int, label: str, item: int) -> list[Line]:
    """Share an amount over the rates of some lines, so that the shares of all that is credited give each rate whole."""
    totals = added(*({line.percent: line.amount} for line in lines))
    shares = added(
        _shares(totals, earlier + amount), {percent: -part for percent, part in _shares(totals, earlier).items()}
    )
    return [Line(label, -part, percent, item) for percent, part in shares.items() if part]


def _shares(totals: Rates, amount: int) -> Rates:
    whole, shares = sum(totals.values()), dict.fromkeys(totals, 0)
    *others, last = sorted(totals)
    for percent in others:
        shares[percent] = round_half_up(Fraction(totals[percent] * amount, whole))
    shares[last] = amount - sum(shares.values())
    return shares


def _mirrored_taxes(
    content: Mapping[str, Any], credited: Sequence[Mapping[str, Any]], lines: Sequence[Line]
) -> list[dict[str, object]]:
    taxes = []
    back = added(*({line.percent: -line.amount} for line in lines))
    for rate in content["taxes"]:
        percent = Decimal(rate["percent"])
        if not back.get(percent):
            continue
        earlier = -sum(one["total"] for note in credited for one in note["taxes"] if one["percent"] == rate["percent"])
        left = rate["before"] + rate["total"] - earlier
        tax = tax_within(left, percent) - tax_within(left - back[percent], percent)
        total = -back[percent]
        taxes.append({"percent": rate["percent"], "before": left, "net": total + tax, "tax": -tax, "total": total})
    return taxes


def _line(frozen: Mapping[str, Any]) -> Line:
    return Line(frozen["label"], frozen["amount"], Decimal(frozen["percent"]), frozen["item"])


def plain(percent: Decimal) -> str:
    """Return a rate as people write it: `8.1`, `19`."""
    return f"{percent.normalize():f}" if percent else "0"
