"""Discounts on a price that is known, whatever it is for."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from billing.pricing.discounts import Discounts, deductions
from billing.pricing.lines import Price, PriceLine
from billing.pricing.rules import TariffRules
from billing.pricing.tax import tax_on

Earlier: TypeAlias = Callable[[int], Price]


def lower_price(
    price: Price, discounts: Discounts, rules: TariffRules, *, span: tuple[datetime, datetime], earlier: Earlier
) -> Price:
    """Return a price with discounts, its tax that of what remains.

    `earlier` prices the same with its end that many minutes earlier, by which free minutes count.
    """
    start, end = span
    total = net_of(price, rules)
    lines = [line for line in price.lines if line.kind != "tax"]
    for label, off in deductions(total, discounts, lambda minutes: net_of(earlier(minutes), rules)):
        total -= off
        lines.append(PriceLine("discount", label, start, end, -off))
    tax = tax_on(rules, total)
    if rules.tax_included:
        return Price(total, tax, tuple(lines))
    if tax:
        lines.append(PriceLine("tax", f"Tax {rules.tax_percent} %", start, end, tax))
    return Price(total + tax, tax, tuple(lines))


def net_of(price: Price, rules: TariffRules) -> int:
    """Return the amount of a price that discounts lower: without the tax that is added to it."""
    return price.total if rules.tax_included else price.total - price.tax
