"""A form field for typed amounts of money."""

from typing import Any

from django import forms

from common.money import InvalidAmountError, parse_money
from common.translation import translated

_ATTRS = {"inputmode": "decimal", "autocomplete": "off"}


class AmountField(forms.CharField):
    """An amount in major units as people type it, cleaned to minor units; None when it may be and is left empty."""

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        """Take the amount in this currency; a form may set it later."""
        kwargs.setdefault("widget", forms.TextInput(attrs=dict(_ATTRS)))
        super().__init__(max_length=20, **kwargs)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        """Return the minor units of the field's `currency`."""
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            return parse_money(text, self.currency)
        except InvalidAmountError as error:
            raise forms.ValidationError(translated(error.message)) from error
