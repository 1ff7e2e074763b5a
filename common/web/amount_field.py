"""A form field for typed amounts of money."""

from typing import Any

from django import forms

from common.money import InvalidAmountError, parse_money
from common.translation import translated

_ATTRS = {"inputmode": "decimal", "autocomplete": "off"}


class AmountField(forms.CharField):
    """An amount in major units as people type it, cleaned to minor units; None when it may be and is left empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs=_ATTRS), **kwargs)
        self.currency = ""

    def clean(self, value: Any) -> Any:
        """Return the minor units of the field's `currency`, which the form sets."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_money(text, self.currency)
        except InvalidAmountError as error:
            raise forms.ValidationError(translated(error.message)) from error
