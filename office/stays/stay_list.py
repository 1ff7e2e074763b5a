"""The list of stays, and of those in review: columns, filter, and what it finds."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from analytics.local_days import on_days
from analytics.long_stays import keep_long
from analytics.scope import Scope
from common.web.listing import ListColumn, Listing, RowsAct, Sought
from gates.stay_lanes import has_driven_through
from lots.models import Gate
from office.lane_fields import add_lanes
from office.list_filters import LENGTHS, AmountsFilter, LotsFilter, amounts_asked, choices_with, length_asked
from office.stays_sought import stays_sought
from tickets.models import OPEN, TicketStatus
from tickets.queries import with_fee_parts

_LENGTH = ExpressionWrapper(Coalesce(F("exit_at"), Now()) - F("entry_at"), output_field=DurationField())
_ALONG_ENTRIES = {*OPEN, TicketStatus.REVIEW}
"""The states whose stays an index of their own finds; the others are most of all stays."""

STAYS = Listing(
    "stays",
    _("Stays"),
    columns=(
        ListColumn("plate", _("Plate"), "plate_normalised"),
        ListColumn("ticket", _("Ticket"), style="nowrap cell-wide"),
        ListColumn("state", _("State"), "status"),
        ListColumn("lot", _("Lot"), "lot__name"),
        ListColumn("in", _("In"), "entry_at", falls=True),
        ListColumn("out", _("Out"), "exit_at", falls=True),
        ListColumn("length", _("Stayed"), _LENGTH, style="number", falls=True),
        ListColumn("paid", _("Paid"), "charge__captured_amount", style="number cell-key", falls=True),
    ),
    usual="-in",
    along="in",
    part="lot",
    row="office/stays/list/_row.html",
    url="office:stays",
    acts=(RowsAct("office:end_stays", _("End the ticked stays…")),),
    tick="stay",
    noun=_("stays"),
    none=_("No stays found"),
    hint=_("Try a part of the plate, another state or more days."),
    exported="stays",
)
REVIEWS = Listing(
    "reviews",
    _("Stays in review"),
    columns=(
        ListColumn("plate", _("Plate"), "plate_normalised"),
        ListColumn("ticket", _("Ticket"), style="nowrap cell-wide"),
        ListColumn("lot", _("Lot"), "lot__name"),
        ListColumn("in", _("Drove in"), "entry_at"),
        ListColumn("since", _("In review since"), "changed_at", style="cell-wide"),
        ListColumn("why", _("Why"), "changed_why", style="cell-key"),
    ),
    usual="since",
    along="since",
    part="lot",
    row="office/stays/review/_row.html",
    url="office:reviews",
    acts=(
        RowsAct("office:end_stays", _("End the ticked stays…")),
        RowsAct("office:bulk", _("Still inside…"), "return"),
        RowsAct("office:bulk", _("Not a real stay…"), "void"),
    ),
    tick="stay",
    noun=_("stays"),
    none=_("No stays in review"),
    hint=_("A missed exit or an exit before its entry is listed here."),
)


class ReviewsFilter(LotsFilter):
    """The filter of the list of stays in review; its days are those on which they were put in review."""

    q = forms.CharField(label=_("Plate or ticket"), required=False, max_length=40)
    field_order = ["q", "lot", "since", "until"]


class StaysFilter(AmountsFilter):
    """The filter of the list of stays; its days are those of entry, its amounts what was paid."""

    q = forms.CharField(label=_("Plate or ticket"), required=False, max_length=40)
    status = forms.ChoiceField(label=_("Status"), choices=choices_with(_("Any"), TicketStatus.choices), required=False)
    gate = forms.ModelChoiceField(Gate.objects.none(), label=_("Lane"), required=False, to_field_name="code")
    length = forms.ChoiceField(label=_("Stayed at least"), choices=choices_with(_("Any"), LENGTHS), required=False)
    long = forms.BooleanField(label=_("Long stays"), required=False)
    field_order = ["q", "lot", "gate", "status", "since", "until", "length", "least", "most", "long"]

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data, scope)
        add_lanes(self, scope)
        self.fields["least"].label, self.fields["most"].label = _("Paid at least"), _("Paid at most")


def find_stays(scope: Scope, wanted: dict[str, Any], at: datetime) -> Sought:
    """Return the stays in the scope that match a valid StaysFilter; the days are by each lot's clock."""
    stays = with_fee_parts().filter(on_days(scope, "entry_at", wanted.get("since"), wanted.get("until")))
    sieve, parts = amounts_asked(wanted, "charge__captured_amount", "lot__currency"), scope.ids
    if wanted.get("gate"):
        stays, parts = stays.filter(lot=wanted["gate"].lot_id), [wanted["gate"].lot_id]
        sieve &= has_driven_through(wanted["gate"])
    if wanted.get("long"):
        stays = keep_long(stays, scope.ids, at)
    if status := wanted.get("status"):
        if status in _ALONG_ENTRIES:
            stays = stays.filter(status=status)
        else:
            sieve &= Q(status=status)
    if (length := length_asked(wanted)) is not None:
        has_left = Q(exit_at__isnull=False, exit_at__gte=F("entry_at") + length)
        sieve &= has_left | Q(exit_at__isnull=True, entry_at__lte=at - length)
    return stays_sought(Sought(stays, sieve, parts=parts), wanted.get("q", ""))


def find_reviews(scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the stays in review in the scope that match a valid ReviewsFilter."""
    days = on_days(scope, "changed_at", wanted.get("since"), wanted.get("until"))
    return stays_sought(Sought(with_fee_parts().in_review().filter(days), parts=scope.ids), wanted.get("q", ""))
