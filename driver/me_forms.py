"""Forms of drivers' own pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import VEHICLE_LABELS
from accounts.vehicles import VehicleType
from common.db.choices import choices_of
from common.plates import MAX_RAW_LENGTH
from tickets.links import LONGEST_LINK


class OwnTicketForm(forms.Form):
    """The ticket that a driver holds."""

    ticket = forms.CharField(
        label=_("Ticket number or link"),
        max_length=LONGEST_LINK,
        help_text=_("It starts with PS- and is on your ticket. Capitals, dashes and spaces don't matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class VehicleForm(forms.Form):
    """A driver's vehicle."""

    plate = forms.CharField(
        label=_("Plate"),
        max_length=MAX_RAW_LENGTH,
        help_text=_("As on the car, such as ZH 123456. Dashes and spaces don't matter."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    vehicle_type = forms.ChoiceField(label=_("Kind"), choices=choices_of(VEHICLE_LABELS), initial=VehicleType.REGULAR)
    electric = forms.BooleanField(label=_("Electric: may use charging spots"), required=False)
