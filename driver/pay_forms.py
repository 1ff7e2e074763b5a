"""What a driver types to pay."""

import uuid
from typing import Any

from django import forms

from billing.providers import cards_are_simulated
from billing.providers.simulated import TEST_CARDS
from common.errors import DomainError
from common.money import LARGEST_AMOUNT
from tickets.numbers import parse_number


class FindForm(forms.Form):
    """The number on a ticket, typed as anyone would."""

    number = forms.CharField(
        label="Ticket number",
        help_text="It starts with PS- and stands on your ticket. Capitals, dashes and spaces don't matter.",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "placeholder": "PS-"}
        ),
    )

    def clean_number(self) -> str:
        """Return the number in its canonical form."""
        try:
            return parse_number(self.cleaned_data["number"])
        except DomainError as error:
            raise forms.ValidationError(f"{error.message} Please check it against your ticket.") from error


class PayForm(forms.Form):
    """A card, where the receipt goes, the amount that was shown, and a key that makes a double submit one payment."""

    token = forms.ChoiceField(label="Card", widget=forms.RadioSelect, choices=())
    receipt_email = forms.EmailField(
        label="Email for the receipt", required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    amount = forms.IntegerField(min_value=0, max_value=LARGEST_AMOUNT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the test cards where cards are simulated."""
        super().__init__(*args, **kwargs)
        field = self.fields["token"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        simulated = cards_are_simulated()
        field.choices = [(card.token, f"{card.label} – {card.shows}") for card in TEST_CARDS] if simulated else []
        field.initial = TEST_CARDS[0].token


def new_key() -> str:
    """Return a key for one showing of the form."""
    return uuid.uuid4().hex
