"""The form of a fee that is paid in cash and by card in one go."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import PaymentMethod
from common.money import InvalidAmountError, parse_money
from common.translation import translated
from desk.forms import ExitCardForm
from desk.station import Station
from gates.services import Tender


class MixedForm(ExitCardForm):
    """The part that is paid in cash; a card pays the rest."""

    tendered = forms.CharField(
        label=_("Part in cash"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, station: Station, *args: Any, **kwargs: Any) -> None:
        """Keep its fields apart from those of the other forms on the page."""
        super().__init__(station, *args, auto_id="id_mixed_%s", **kwargs)

    def clean_tendered(self) -> int:
        """Return the cash in minor units."""
        try:
            return parse_money(self.cleaned_data["tendered"], self.station.lot.currency)
        except InvalidAmountError as error:
            raise forms.ValidationError(translated(error.message)) from error

    def cash(self) -> Tender:
        """Return the cash."""
        given = self.cleaned_data
        return Tender(method=PaymentMethod.CASH, key=given["key"], tendered=given["tendered"], agreed=given["agreed"])
