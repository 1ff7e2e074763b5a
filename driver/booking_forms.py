"""Forms about a booking that exists."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FindBookingForm(forms.Form):
    """The code of a booking, and the address that it was made with."""

    code = forms.CharField(
        label=_("Booking code"),
        max_length=30,
        help_text=_("It starts with BK- and is in our email. Capitals, dashes and spaces don't matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "placeholder": "BK-"}
        ),
    )
    email = forms.EmailField(
        label=_("Email"),
        help_text=_("The address that you booked with."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
