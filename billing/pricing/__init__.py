"""The pure pricing engine: rules in, prices with lines out. No clock, no I/O, no framework."""

from billing.pricing.curve import price_curve
from billing.pricing.discounts import NO_DISCOUNTS, Discounts, kept_discounts, parse_discounts
from billing.pricing.lines import Price, PriceLine
from billing.pricing.lost import price_lost_ticket
from billing.pricing.lowering import lower_price
from billing.pricing.overstay import price_overstay
from billing.pricing.parsing import parse_rules
from billing.pricing.passes import PassHours, covers_at, price_outside_pass
from billing.pricing.price import price_reservation, price_stay
from billing.pricing.rules import TariffRules
from billing.pricing.serializing import rules_to_json
from billing.pricing.surprises import placed_surprises, surprises
from billing.pricing.tax import tax_within
from billing.pricing.week import WeekStretch, week_of

__all__ = [
    "NO_DISCOUNTS",
    "Discounts",
    "PassHours",
    "Price",
    "PriceLine",
    "TariffRules",
    "WeekStretch",
    "covers_at",
    "kept_discounts",
    "lower_price",
    "parse_discounts",
    "parse_rules",
    "placed_surprises",
    "price_curve",
    "price_lost_ticket",
    "price_outside_pass",
    "price_overstay",
    "price_reservation",
    "price_stay",
    "rules_to_json",
    "surprises",
    "tax_within",
    "week_of",
]
