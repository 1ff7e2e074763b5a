"""Bookings made, changed, cancelled and forgiven by the operator's people; what it costs comes first."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.time import truncate
from common.translation import money_said
from common.web.forms import refuse
from lots.access import has_role_at
from lots.boards import lot_counts
from lots.models import Lot
from office.bookings.booking_file import file_context
from office.bookings.bookings_at_work import get_booking, scope_asked
from office.bookings.change_forms import IN_FULL, CallerForm, OfficeCancelForm, OfficeChangeForm
from office.forms import WhyForm
from reservations.offering import offer_booking
from reservations.policy import cancel_fee
from reservations.services import book, cancel_booking, change_booking, forgive_no_show, preview_change

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@role_required(Role.ATTENDANT)
def new_booking(request: PersonRequest) -> HttpResponse:
    """Book for a caller (`?lot=`), with the price shown first."""
    scope, at = scope_asked(request), truncate(now())
    name = scope.chosen or next(iter(scope.lots), None)
    if name is None:
        raise Http404
    lot = Lot.objects.select_related("operator").get(pk=name.pk)
    form = CallerForm(lot, lot_counts(lot).kinds, at, request.POST or None)
    offer, status = None, 200
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                wish = form.wish
                offer = offer_booking(lot, wish.spot_type, wish.time, at=at)
                status = 200
                if form.agrees_to(offer.price.total):
                    key = f"office-{request.user.pk}-{form.cleaned_data['key']}"
                    email = form.cleaned_data["email"]
                    made = book(lot=lot, wish=wish, at=at, email=email, booked_by=request.user, idempotency_key=key)
                    messages.success(
                        request, _("%(plate)s is booked: %(code)s.") % {"plate": made.plate, "code": made.code}
                    )
                    return redirect("office:booking", made.pk)
        except DomainError as error:
            refuse(form, error)
            status = error.status
    context = {"form": form, "lot": lot, "scope": scope, "offer": offer, "tab": "new"}
    return render(request, "office/bookings/new.html", context, status=status)


@form_page
@role_required(Role.ATTENDANT)
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a booking's period, spot, kind or plate; the difference comes first."""
    booking, at = get_booking(request, pk), truncate(now())
    form = OfficeChangeForm(booking, lot_counts(booking.lot).kinds, request.POST or None)
    preview, status = None, 200
    if form.is_bound:
        status = 422
        terms: dict[str, Any] = {"booking": booking, "at": at, "by_operator": request.user}
        try:
            if form.is_valid():
                preview = preview_change(change=form.change, **terms)
                status = 200
                if form.agrees_to(preview.difference):
                    change_booking(change=form.change, **terms)
                    messages.success(request, _("The booking is changed."))
                    return redirect("office:booking", pk)
        except DomainError as error:
            refuse(form, error)
            status = error.status
    context = {"booking": booking, "lot": booking.lot, "form": form, "preview": preview}
    context |= {"more": max(0, preview.difference), "less": max(0, -preview.difference)} if preview else {}
    return render(request, "office/bookings/change.html", context, status=status)


@form_page
@role_required(Role.ATTENDANT)
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Cancel a booking by what was agreed to; who manages the lot may give everything back."""
    booking, at = get_booking(request, pk), truncate(now())
    may_refund = has_role_at(request.user, Role.ADMIN, booking.lot)
    fee = cancel_fee(booking.price_amount, booking.late_cancel_percent, booking.cancel_free_until, at=at)
    words = money_said(fee, booking.lot.currency)
    form = OfficeCancelForm(request.POST or None, fee=fee, fee_words=words, may_refund=may_refund)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid() and form.cleaned_data["fee"] != fee:
            form.add_error(None, _("Cancelling costs something else by now. Please look at it again."))
        if form.is_valid():
            free = form.cleaned_data["how"] == IN_FULL
            why = form.cleaned_data["why"]
            try:
                cancel_booking(booking=booking, at=at, free=free, by_operator=request.user, why=why)
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                messages.success(request, _("%(code)s is cancelled.") % {"code": booking.code})
                return redirect("office:booking", pk)
    context = {"booking": booking, "lot": booking.lot, "form": form}
    return render(request, "office/bookings/cancel.html", context, status=status)


@require_POST
@role_required(Role.ADMIN)
def forgive(request: PersonRequest, pk: int) -> HttpResponse:
    """Forgive a no-show: it counts no more, and its fee goes back."""
    booking = get_booking(request, pk, Role.ADMIN)
    form, status = WhyForm(request.POST), 422
    if form.is_valid():
        try:
            forgive_no_show(booking=booking, by=request.user, why=form.cleaned_data["why"], at=now())
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("The no-show counts no more, and its fee goes back."))
            return redirect("office:booking", pk)
    return render(
        request, "office/bookings/booking.html", file_context(request, booking, forgive_form=form), status=status
    )
