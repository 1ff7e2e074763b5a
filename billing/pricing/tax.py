"""The tax inside an amount, or added to it."""

from decimal import Decimal
from fractions import Fraction

from billing.pricing.rules import TariffRules
from common.money import round_half_up


def tax_within(gross: int, percent: Decimal) -> int:
    """Return the tax inside a gross amount, in minor units.

    For an amount to which tax was added, it is exactly that tax: half a unit of net is less than half a unit of gross.
    """
    return gross - round_half_up(gross / (1 + Fraction(percent) / 100)) if percent else 0


def tax_on(rules: TariffRules, amount: int) -> int:
    """Return the tax of an amount: inside it, or on top of it, as the tariff says."""
    if rules.tax_included:
        return tax_within(amount, rules.tax_percent)
    return round_half_up(amount * Fraction(rules.tax_percent) / 100)
