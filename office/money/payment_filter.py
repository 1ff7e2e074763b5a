"""The filter of the list of payments, and what it finds."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analytics.local_days import on_days
from analytics.scope import Scope
from billing.models import Payment, PaymentMethod, PaymentState
from tickets.queries import stays_named


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


def find_payments(scope: Scope, wanted: dict[str, Any]) -> QuerySet[Payment]:
    """Return the payments in the scope that match a valid PaymentsFilter, the newest first."""
    days = on_days(scope, "created_at", wanted.get("since"), wanted.get("until"), lot="charge__lot")
    found = Payment.objects.filter(days).select_related("charge__lot", "charge__ticket", "taken_by")
    if wanted.get("q"):
        found = found.filter(stays_named(wanted["q"], of="charge__ticket__"))
    for name in ("method", "state"):
        if wanted.get(name):
            found = found.filter(**{name: wanted[name]})
    return found.order_by("-id")
