"""The pure pricing engine: rules in, prices with lines out. No clock, no I/O, no framework."""

from billing.pricing.discounts import NO_DISCOUNTS, Discounts, kept_discounts, parse_discounts
from billing.pricing.lines import Price, PriceLine
from billing.pricing.lost import price_lost_ticket
from billing.pricing.lowering import lower_price
from billing.pricing.overstay import price_overstay
from billing.pricing.parsing import parse_rules
from billing.pricing.passes import PassHours, price_outside_pass
from billing.pricing.price import price_reservation, price_stay
from billing.pricing.rules import TariffRules
from billing.pricing.serializing import rules_to_json
from billing.pricing.surprises import surprises
from billing.pricing.tax import tax_within

__all__ = [
    "NO_DISCOUNTS",
    "Discounts",
    "PassHours",
    "Price",
    "PriceLine",
    "TariffRules",
    "kept_discounts",
    "lower_price",
    "parse_discounts",
    "parse_rules",
    "price_lost_ticket",
    "price_outside_pass",
    "price_overstay",
    "price_reservation",
    "price_stay",
    "rules_to_json",
    "surprises",
    "tax_within",
]
