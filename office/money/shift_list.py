"""The list of shifts: columns, filter, and what it finds."""

from typing import Any

from django import forms
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from analytics.local_days import on_days
from analytics.scope import Scope
from billing.models import Shift, ShiftState
from billing.shifts import with_difference
from common.web.listing import ListColumn, Listing, Sought
from office.list_filters import LotsFilter, choices_with

SHIFTS = Listing(
    "shifts",
    _("Shifts"),
    columns=(
        ListColumn(
            "cashier", _("Cashier"), Coalesce(NullIf("person__name", Value("")), "person__email", "device__name")
        ),
        ListColumn("drawer", _("Drawer"), "drawer"),
        ListColumn("opened", _("Opened"), "opened_at", falls=True),
        ListColumn("closed", _("Closed"), "closed_at", falls=True),
        ListColumn("off", _("Over or short"), "off", style="number cell-key"),
        ListColumn("note", _("Note")),
    ),
    usual="-opened",
    along="opened",
    part="lot",
    row="office/shifts/_row.html",
    url="office:shifts",
    noun=_("shifts"),
    empty="office/shifts/_empty.html",
)
_SIZES = (("short", _("Short")), ("over", pgettext_lazy("cash", "Over")), ("exact", _("Exact")))
_OFF = {"short": Q(off__lt=0), "over": Q(off__gt=0), "exact": Q(off=0)}


class ShiftsFilter(LotsFilter):
    """The filter of the list of shifts; its days are those on which they were opened."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Cashier"), required=False, empty_label=_("Anybody"))
    state = forms.ChoiceField(label=_("State"), choices=choices_with(_("Any"), ShiftState.choices), required=False)
    off = forms.ChoiceField(label=_("Over or short"), choices=choices_with(_("Any"), _SIZES), required=False)
    field_order = ["lot", "person", "state", "off", "since", "until"]

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data, scope)
        cashiers = Shift.objects.filter(lot__in=scope.ids).order_by().values("person")
        self.fields["person"].queryset = User.objects.filter(pk__in=cashiers).order_by("email")  # type: ignore[attr-defined]


def find_shifts(scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the shifts in the scope that match a valid ShiftsFilter; the days are by each lot's clock."""
    days = on_days(scope, "opened_at", wanted.get("since"), wanted.get("until"))
    found = with_difference(Shift.objects.filter(days)).select_related("lot__operator", "person", "device")
    sieve = _OFF.get(wanted.get("off", ""), Q())
    for name in ("person", "state"):
        if wanted.get(name):
            sieve &= Q(**{name: wanted[name]})
    return Sought(found, sieve, parts=scope.ids)
