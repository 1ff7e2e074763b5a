"""What people type about themselves, as clean values."""

from django import forms

from accounts.models import VehicleType

LONGEST_PLATE = 32


class VehicleForm(forms.Form):
    """A driver's vehicle."""

    plate = forms.CharField(
        label="Plate",
        max_length=LONGEST_PLATE,
        help_text="As on the car, such as ZH 123456. Dashes and spaces don't matter.",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    vehicle_type = forms.ChoiceField(label="Kind", choices=VehicleType.choices, initial=VehicleType.REGULAR)
    electric = forms.BooleanField(label="Electric: may use charging spots", required=False)
