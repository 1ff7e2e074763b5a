"""What a driver types about their own stays."""

from django import forms

LONGEST_LINK = 300


class OwnTicketForm(forms.Form):
    """The ticket that a driver has in hand."""

    ticket = forms.CharField(
        label="Ticket number or link",
        max_length=LONGEST_LINK,
        help_text="It starts with PS- and is on your ticket. Capitals, dashes and spaces don't matter.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
