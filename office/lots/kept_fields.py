"""The fields for how long a lot keeps data, in the form of its settings."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext

from common.translation import translated
from lots.kept_days import BY_OPERATOR, CLOCKS, Purpose, days_kept, default_days
from lots.models import Lot

KEPT = {f"kept_{purpose}": purpose for purpose in Purpose}


def kept_fields(lot: Lot) -> dict[str, forms.Field]:
    """Return a field for each purpose, with what the lot says now and the bounds; an empty one is the default again."""
    return {name: _field(purpose, lot) for name, purpose in KEPT.items()}


def said_of_days(cleaned: Mapping[str, Any]) -> dict[str, int]:
    """Return what the fields say that is not usual where the lot is."""
    given = {purpose: cleaned[name] for name, purpose in KEPT.items() if cleaned.get(name) is not None}
    return {str(kind): days for kind, days in given.items() if days != default_days(kind, cleaned["timezone"])}


def _field(purpose: Purpose, lot: Lot) -> forms.Field:
    clock, usual = CLOCKS[purpose], default_days(purpose, lot.timezone)
    bounds = {"usual": usual, "least": clock.least, "most": clock.most}
    if purpose in BY_OPERATOR:
        help_text = gettext(
            "%(usual)s unless you say otherwise, %(least)s to %(most)s; of your lots, the longest counts."
        )
    else:
        help_text = gettext("%(usual)s unless you say otherwise, %(least)s to %(most)s.")
    return forms.IntegerField(
        label=translated(clock.label),
        required=False,
        min_value=clock.least,
        max_value=clock.most,
        initial=days_kept(lot.kept_days, purpose, lot.timezone),
        help_text=help_text % bounds,
    )
