"""Bookings whose driver has no place, or says that there was none: what a person can do about them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.notes import LONGEST_NOTE
from common.time import truncate
from common.web.forms import refuse
from lots.access import lots_visible_to
from lots.boards import lot_counts
from lots.models import SPOT_LABELS
from reservations.models import (
    NotParkedReport,
    NotParkedReportQuerySet,
    ReportOutcome,
    Reservation,
    ReservationQuerySet,
)
from reservations.services import (
    cancel_booking,
    carry_out,
    give_other_place,
    refund_report,
    reject_report,
)

CANCEL = "cancel"


class ReportForm(forms.Form):
    """What becomes of the money, and the word that the driver gets."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=[
            (ReportOutcome.REFUNDED, gettext_lazy("Give everything back")),
            (ReportOutcome.REJECTED, gettext_lazy("The booking stays as it is")),
        ],
        widget=forms.RadioSelect,
    )
    word = forms.CharField(
        label=gettext_lazy("A word to the driver"),
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class OtherPlaceForm(forms.Form):
    """The kind of spot that a booking without a place gets."""

    spot_type = forms.ChoiceField(label=gettext_lazy("Kind of spot"))

    def __init__(self, booking: Reservation, data: Any) -> None:
        """Offer the kinds of the booking's lot."""
        super().__init__(data, initial={"spot_type": booking.spot_type})
        kinds = lot_counts(booking.lot).kinds
        self.fields["spot_type"].choices = [(kind, SPOT_LABELS[kind]) for kind in kinds]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def report(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what a driver says who could not park, and decide it."""
    row = get_object_or_404(reports_at(request), pk=pk)
    form, status = ReportForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                return _decide(request, row, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
            status = error.status
    return render(request, "office/exceptions/report.html", {"report": row, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def no_place(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a booking without a place one of another kind, or cancel it with everything given back."""
    booking, at = get_object_or_404(without_place_at(request), pk=pk), truncate(now())
    form, status = OtherPlaceForm(booking, request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        try:
            if CANCEL in request.POST:
                cancel_booking(booking=booking, at=at, free=True, by_operator=request.user)
                messages.success(
                    request, _("The booking was cancelled. The driver gets everything back, and an email.")
                )
                return redirect("office:exceptions")
            if form.is_valid():
                give_other_place(booking=booking, spot_type=form.cleaned_data["spot_type"], at=at)
                messages.success(request, _("The booking has a place again. The driver gets an email."))
                return redirect("office:exceptions")
            status = 422
        except DomainError as error:
            refuse(form, error)
            status = error.status
    return render(request, "office/exceptions/no_place.html", {"booking": booking, "form": form}, status=status)


def reports_at(request: PersonRequest) -> NotParkedReportQuerySet:
    """Return the reports about bookings at the lots of the operators whose admin a person is."""
    found = NotParkedReport.objects.filter(booking__lot__in=lots_visible_to(request.user, Role.ADMIN))
    return found.select_related("booking__lot", "booking__charge", "booking__driver", "decided_by")


def without_place_at(request: PersonRequest) -> ReservationQuerySet:
    """Return the bookings at those lots that are to come and have no place, the next first."""
    found = Reservation.objects.without_place().filter(lot__in=lots_visible_to(request.user, Role.ADMIN))
    return found.select_related("lot", "spot", "charge", "driver").order_by("starts_at", "pk")


def _decide(request: PersonRequest, row: NotParkedReport, *, outcome: str, word: str) -> HttpResponse:
    at = truncate(now())
    if outcome == ReportOutcome.REJECTED:
        reject_report(report=row, by=request.user, word=word, at=at)
    else:
        decided, asked = refund_report(report=row, by=request.user, word=word, at=at)
        if asked is not None:
            said = _("A second person has to approve this refund first. Decide here again after that.")
            messages.warning(request, said)
            return redirect("office:refunds")
        carry_out(booking=decided.booking, at=at)
    messages.success(request, _("Decided. The driver gets an email."))
    return redirect("office:exceptions")
