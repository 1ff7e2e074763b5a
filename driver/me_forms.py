"""What drivers type about themselves and their stays."""

from django import forms

from accounts.models import VEHICLE_LABELS
from accounts.vehicles import VehicleType
from common.db.choices import choices_of

LONGEST_LINK = 300
LONGEST_PLATE = 32


class OwnTicketForm(forms.Form):
    """The ticket that a driver has in hand."""

    ticket = forms.CharField(
        label="Ticket number or link",
        max_length=LONGEST_LINK,
        help_text="It starts with PS- and is on your ticket. Capitals, dashes and spaces don't matter.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class VehicleForm(forms.Form):
    """A driver's vehicle."""

    plate = forms.CharField(
        label="Plate",
        max_length=LONGEST_PLATE,
        help_text="As on the car, such as ZH 123456. Dashes and spaces don't matter.",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    vehicle_type = forms.ChoiceField(label="Kind", choices=choices_of(VEHICLE_LABELS), initial=VehicleType.REGULAR)
    electric = forms.BooleanField(label="Electric: may use charging spots", required=False)
