"""Tax: how much of an amount is tax, and how much is added to one."""

from decimal import Decimal
from fractions import Fraction

from billing.pricing.rules import TariffRules
from common.money import round_half_up


def tax_within(gross: int, percent: Decimal) -> int:
    """Return the tax inside an amount that includes it, in minor units.

    What tax was added to gives that same tax back: half a unit of the net amount is less than half a unit of the gross.
    """
    return gross - round_half_up(gross / (1 + Fraction(percent) / 100)) if percent else 0


def tax_on(rules: TariffRules, amount: int) -> int:
    """Return the tax of an amount as the tariff names it: inside it, or to be added to it."""
    if rules.tax_included:
        return tax_within(amount, rules.tax_percent)
    return round_half_up(amount * Fraction(rules.tax_percent) / 100)
