"""The field for a promo code."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models.promo_codes import LONGEST_CODE


def code_field() -> forms.CharField:
    """Return the field for a promo code, which may stay empty."""
    return forms.CharField(
        label=_("Promo code"),
        required=False,
        max_length=LONGEST_CODE,
        help_text=_("Capitals and dashes don't matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
