"""The list of open debts: columns, filter, and what it finds."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.access import Person
from accounts.models import Role
from analytics.local_days import on_days
from analytics.scope import Scope
from billing.models import Debt, DebtAppeal, DebtQuerySet, DebtReminder
from common.web.listing import ListColumn, Listing, RowsAct, Sought
from lots.access import lots_visible_to
from office.list_filters import AmountsFilter, amounts_asked
from office.stays_sought import plate_or_none

DEBTS = Listing(
    "debts",
    _("Open debts"),
    columns=(
        ListColumn("plate", _("Plate"), "plate_normalised"),
        ListColumn("lot", _("Lot"), "charge__lot__name"),
        ListColumn("since", _("Since"), "created_at", falls=True),
        ListColumn("why", _("Why"), "reason"),
        ListColumn("reminders", _("Reminders"), "reminded", falls=True),
        ListColumn("owed", _("Owed"), "charge__balance_amount", style="number cell-key", falls=True),
    ),
    usual="-since",
    along="since",
    part="operator",
    row="office/debts/_row.html",
    url="office:debts",
    acts=(RowsAct("office:bulk", _("Write off…"), "write_off"),),
    noun=_("debts"),
    none=_("Nobody owes anything"),
    hint=_("When a car leaves without paying, what it owes is listed here by plate."),
    exported="debts",
)


class DebtsFilter(AmountsFilter):
    """The filter of the list of open debts; the days are those since which they are owed."""

    q = forms.CharField(label=_("Plate"), required=False, max_length=40)
    appeals = forms.BooleanField(label=_("Appeals"), required=False)
    field_order = ["q", "lot", "since", "until", "least", "most", "appeals"]

    def clean_appeals(self) -> bool:
        """Return whether only debts with an appeal are asked for, as a link to them says without a value."""
        return "appeals" in self.data


def find_debts(person: Person, scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the open debts that a person manages and that match a valid DebtsFilter."""
    found = debts_managed_by(person).open().annotate(appealed=has_appeal(), reminded=_reminders())
    if scope.chosen is not None:
        found = found.filter(charge__lot=scope.chosen.pk)
    if wanted.get("since") or wanted.get("until"):
        found = found.filter(on_days(scope, "created_at", wanted.get("since"), wanted.get("until"), lot="charge__lot"))
    if wanted.get("appeals"):
        found = found.filter(has_appeal())
    sieve, whole = amounts_asked(wanted, "charge__balance_amount", "charge__currency"), Q()
    if wanted.get("q"):
        plate = plate_or_none(wanted["q"])
        whole = Q(plate_normalised=plate) & sieve if plate else Q()
        sieve &= Q(plate_normalised__contains=plate) if plate else Q(pk=None)
    return Sought(found, sieve, whole, parts=sorted({lot.operator_id for lot in scope.shown}))


def debts_managed_by(person: Person) -> DebtQuerySet:
    """Return the debts at the lots that a person manages."""
    lots = lots_visible_to(person, Role.ADMIN)
    return Debt.objects.filter(charge__lot__in=lots).select_related("charge__lot", "charge__ticket", "invoice")


def has_appeal() -> Exists:
    """Match the debts with an appeal to answer."""
    return Exists(DebtAppeal.objects.open().filter(debt=OuterRef("pk")))


def _reminders() -> Subquery:
    sent = DebtReminder.objects.filter(debt=OuterRef("pk"), left_out=False).order_by("-number")
    return Subquery(sent.values("number")[:1])
