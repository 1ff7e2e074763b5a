"""The price of a lost ticket without a known stay: a fixed fee."""

from datetime import datetime

from billing.pricing.lines import Price, PriceLine
from billing.pricing.rules import TariffRules
from billing.pricing.tax import tax_on


def price_lost_ticket(rules: TariffRules, *, entry: datetime, exit: datetime) -> Price:  # noqa: A002
    """Return the tariff's lost-ticket fee with its tax; 0 when it has none."""
    fee = rules.lost_ticket_fee
    if not fee:
        return Price(0, 0)
    tax = tax_on(rules, fee)
    lines = [PriceLine("lost", "Lost ticket", entry, exit, fee)]
    if rules.tax_included or not tax:
        return Price(fee, tax, tuple(lines))
    lines.append(PriceLine("tax", f"Tax {rules.tax_percent} %", entry, exit, tax))
    return Price(fee + tax, tax, tuple(lines))
