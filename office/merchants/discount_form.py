"""A discount as people type it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.pricing import NO_DISCOUNTS, Discounts, parse_discounts
from common.errors import DomainError
from common.money import InvalidAmountError, parse_money
from common.translation import translated
from common.web.forms import as_sentence

GIVES = [
    ("free_minutes", _("Minutes free")),
    ("percent", _("Percent off")),
    ("amount", _("Amount off")),
]


NOTHING = (NO_DISCOUNTS, Discounts(percents=(Decimal(0),)), Discounts(amounts=(0,)))


class DiscountForm(forms.Form):
    """What is given and how much of it; `discount` is that as the pricing engine takes it."""

    gives = forms.ChoiceField(label=_("Gives"), choices=GIVES)
    value = forms.CharField(
        label=_("How much"),
        max_length=20,
        help_text=_("Minutes, a percentage such as 12.5, or an amount such as 3.50."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """Take amounts in this currency."""
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_value(self) -> str:
        """Refuse what the engine would refuse, at this field."""
        text: str = self.cleaned_data["value"].strip()
        gives = self.cleaned_data.get("gives")
        if gives is None:
            return text
        try:
            value = self._read(str(gives), text)
            is_nothing = parse_discounts([value]) in NOTHING
        except InvalidAmountError as error:
            raise forms.ValidationError(translated(error.message)) from error
        except DomainError as error:
            messages = [one.message for one in error.errors] or [error.message]
            raise forms.ValidationError([as_sentence(message) for message in messages]) from error
        if is_nothing:
            raise forms.ValidationError(_("This would give nothing."))
        self.discount = value
        return text

    def _read(self, gives: str, text: str) -> dict[str, Any]:
        if gives == "amount":
            return {"amount": parse_money(text, self.currency)}
        if gives == "percent":
            return {"percent": text.removesuffix("%").strip()}
        return {gives: int(text) if text.isascii() and text.isdigit() else text}
