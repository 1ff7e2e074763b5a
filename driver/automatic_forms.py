"""The form by which a driver agrees to automatic payment."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from billing.models import SavedMethod
from common.errors import DomainError
from common.money import parse_money
from common.translation import translated
from driver.own_agreements import currencies, usable_cards


class AgreementForm(forms.Form):
    """A card, a limit for each stay, and the driver's word."""

    saved_method = forms.ModelChoiceField(
        SavedMethod.objects.none(), label=gettext_lazy("Card"), empty_label=None, widget=forms.RadioSelect
    )
    limit = forms.CharField(
        label=gettext_lazy("Limit for each stay"),
        max_length=20,
        help_text=gettext_lazy("A stay that costs more is not charged: then you pay it as usual."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        help_text=gettext_lazy("Car parks with another currency don't charge you automatically."),
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("I agree that this card is charged without asking me when this car leaves"),
    )

    def __init__(self, *args: Any, driver: User, **kwargs: Any) -> None:
        """Offer the driver's cards, and the currencies of the car parks."""
        super().__init__(*args, **kwargs)
        cards, currency = self.fields["saved_method"], self.fields["currency"]
        cards.queryset = usable_cards(driver)  # type: ignore[attr-defined]
        cards.initial = cards.queryset.first()  # type: ignore[attr-defined]
        currency.choices = [(code, code) for code in currencies(driver)]  # type: ignore[attr-defined]
        if len(currency.choices) == 1:  # type: ignore[attr-defined]
            currency.widget = forms.HiddenInput()
            currency.initial = currency.choices[0][0]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the limit in the chosen currency."""
        given = super().clean() or {}
        if "limit" in given and "currency" in given:
            try:
                given["limit"] = parse_money(given["limit"], given["currency"])
            except DomainError as error:
                self.add_error("limit", translated(error.message))
            else:
                if not given["limit"]:
                    self.add_error("limit", _("The limit must be more than nothing."))
        return given
