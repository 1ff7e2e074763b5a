"""The pure pricing engine: rules in, prices with their lines out. No clock, no I/O, no framework."""

from billing.pricing.discounts import Discounts, parse_discounts
from billing.pricing.lines import Price, PriceLine
from billing.pricing.parsing import parse_rules
from billing.pricing.price import price_reservation, price_stay
from billing.pricing.rules import TariffRules

__all__ = [
    "Discounts",
    "Price",
    "PriceLine",
    "TariffRules",
    "parse_discounts",
    "parse_rules",
    "price_reservation",
    "price_stay",
]
