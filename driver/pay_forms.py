"""Forms to find and pay a stay."""

import uuid
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models.promo_codes import LONGEST_CODE
from billing.providers import cards_are_simulated, pages_take_cards
from billing.providers.simulated import TEST_CARDS
from common.errors import DomainError
from common.money import LARGEST_AMOUNT
from common.plates import MAX_RAW_LENGTH, PlateError, as_typed, normalise
from common.time import FIRST_YEAR, LAST_YEAR
from common.translation import translated
from driver.code_field import code_field
from tickets.links import LONGEST_LINK
from tickets.numbers import parse_reference


class FindForm(forms.Form):
    """The number on a ticket."""

    number = forms.CharField(
        label=_("Ticket number"),
        help_text=_("It starts with PS- and is on your ticket. Capitals, dashes and spaces don't matter."),
        max_length=LONGEST_LINK,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "placeholder": "PS-"}
        ),
    )

    def clean_number(self) -> str:
        """Return the number in its one form; a link that was scanned or pasted is understood, too."""
        try:
            return parse_reference(self.cleaned_data["number"])
        except DomainError as error:
            raise forms.ValidationError(
                gettext("%(message)s Please check it against your ticket.") % {"message": translated(error.message)}
            ) from error


class CodeForm(forms.Form):
    """A promo code to try on a fee."""

    code = code_field()


class PayForm(forms.Form):
    """A card, the address for the receipt, the amount shown, and a key that makes a double submit one payment.

    Where the provider's own page asks for the card, this form does not.
    """

    token = forms.ChoiceField(label=_("Card"), widget=forms.RadioSelect, choices=())
    receipt_email = forms.EmailField(
        label=_("Email for the receipt"),
        required=False,
        error_messages={"invalid": _("Enter a valid email address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    promo_code = forms.CharField(max_length=LONGEST_CODE, required=False, widget=forms.HiddenInput)
    amount = forms.IntegerField(label=_("Amount"), min_value=0, max_value=LARGEST_AMOUNT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the test cards where cards are simulated; nothing where a code leaves nothing to pay."""
        super().__init__(*args, **kwargs)
        self.is_free = self["amount"].value() in {0, "0"} and bool(self["promo_code"].value())
        if pages_take_cards() or self.is_free:
            del self.fields["token"]
            return
        field = self.fields["token"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        simulated = cards_are_simulated()
        field.choices = [(card.token, f"{card.label} – {card.shows}") for card in TEST_CARDS] if simulated else []
        field.initial = TEST_CARDS[0].token


class PlatePayForm(PayForm):
    """Paying by plate: a plate proves nothing, so no code and no receipt, which would tell of the stay."""

    receipt_email = None  # type: ignore[assignment]
    promo_code = None  # type: ignore[assignment]


class NamedCarForm(forms.Form):
    """A car in a lot, as its driver remembers it: plate, day and about when it came, on the lot's clock."""

    plate = forms.CharField(
        label=_("Plate"),
        max_length=MAX_RAW_LENGTH,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    day = forms.DateField(
        label=_("Day on which you came"),
        error_messages={"invalid": _("Enter a day, such as 2026-03-31.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    clock = forms.TimeField(
        label=_("About when did you come?"),
        help_text=_("Within an hour of it is close enough."),
        error_messages={"invalid": _("Enter a time, such as 14:30.")},
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def clean_plate(self) -> str:
        """Return the plate as it is shown. Raises ValidationError when nothing of it can be a plate."""
        try:
            plate = normalise(self.cleaned_data["plate"])
        except PlateError as error:
            raise forms.ValidationError(translated(error.message)) from error
        if plate is None:
            raise forms.ValidationError(gettext("Enter a number plate."))
        return as_typed(self.cleaned_data["plate"])

    def clean_day(self) -> date:
        """Return the day. Raises ValidationError for years of no clock."""
        day: date = self.cleaned_data["day"]
        if not FIRST_YEAR < day.year < LAST_YEAR:
            raise forms.ValidationError(gettext("Enter a day, such as 2026-03-31."))
        return day

    def came(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the first and the last instant at which the clock of `zone` shows what was typed."""
        local = datetime.combine(self.cleaned_data["day"], self.cleaned_data["clock"]).replace(second=0, microsecond=0)
        both = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return min(both), max(both)


def new_key() -> str:
    """Return an idempotency key for one form."""
    return uuid.uuid4().hex
