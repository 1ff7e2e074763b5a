"""The filter of the list of payments."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import PaymentMethod, PaymentState


class PaymentsFilter(forms.Form):
    """Which payments to list."""

    q = forms.CharField(label=_("Plate or ticket"), required=False, max_length=40)
    method = forms.ChoiceField(label=_("Method"), choices=[("", _("Any")), *PaymentMethod.choices], required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("Any")), *PaymentState.choices], required=False)
    lot = forms.SlugField(required=False, widget=forms.HiddenInput)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def add_prefix(self, field_name: str) -> str:
        """Name the days `from` and `to` in the address, as the API does."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)
