"""The list of payments: columns, filter, and what it finds."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.local_days import on_days
from analytics.scope import Scope
from billing.models import Payment, PaymentMethod, PaymentState
from common.web.listing import ListColumn, Listing, Sought
from office.lane_fields import people_of
from office.list_filters import AmountsFilter, amounts_asked, choices_with
from office.stays_sought import stays_sought

PAYMENTS = Listing(
    "payments",
    _("Payments"),
    columns=(
        ListColumn("plate", _("Plate"), "charge__ticket__plate_normalised"),
        ListColumn("when", _("When"), "created_at", falls=True),
        ListColumn("lot", _("Lot"), "charge__lot__name"),
        ListColumn("method", _("Method"), "method"),
        ListColumn("state", _("State"), "state"),
        ListColumn("amount", _("Amount"), "amount", style="number cell-key", falls=True),
        ListColumn("refunded", _("Refunded"), style="number"),
    ),
    usual="-when",
    along="when",
    row="office/payments/_row.html",
    url="office:payments",
    noun=_("payments"),
    none=_("No payments found"),
    hint=_("Try a part of the plate, another state or more days."),
    exported="payments",
)


class PaymentsFilter(AmountsFilter):
    """Which payments to list."""

    q = forms.CharField(label=_("Plate or ticket"), required=False, max_length=40)
    method = forms.ChoiceField(label=_("Method"), choices=choices_with(_("Any"), PaymentMethod.choices), required=False)
    state = forms.ChoiceField(label=_("State"), choices=choices_with(_("Any"), PaymentState.choices), required=False)
    by = forms.ModelChoiceField(User.objects.none(), label=_("Taken by"), required=False, empty_label=_("Anybody"))
    field_order = ["q", "lot", "method", "state", "since", "until", "least", "most", "by"]

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data, scope)
        self.fields["by"].queryset = people_of(scope)  # type: ignore[attr-defined]


def find_payments(scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the payments in the scope that match a valid PaymentsFilter."""
    days = on_days(scope, "created_at", wanted.get("since"), wanted.get("until"), lot="charge__lot")
    found = Payment.objects.filter(days).select_related("charge__lot", "charge__ticket", "taken_by")
    sieve = amounts_asked(wanted, "amount", "charge__currency")
    for name, field in (("method", "method"), ("state", "state"), ("by", "taken_by")):
        if wanted.get(name):
            sieve &= Q(**{field: wanted[name]})
    return stays_sought(Sought(found, sieve), wanted.get("q", ""), of="charge__ticket__")
