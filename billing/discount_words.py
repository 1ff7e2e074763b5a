"""What a discount gives, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from billing.words import length_words
from common.translation import money_said


def discount_words(discount: Mapping[str, Any], currency: str) -> str:
    """Return `1 h free`, `50 % off` or `CHF 2.00 off`."""
    if "free_minutes" in discount:
        return _("%(length)s free") % {"length": length_words(discount["free_minutes"])}
    if "percent" in discount:
        return _("%(percent)s %% off") % {"percent": discount["percent"]}
    return _("%(amount)s off") % {"amount": money_said(discount["amount"], currency)}
