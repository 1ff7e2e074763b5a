"""Changing one's mind about a booking: change it in place, extend it, cancel it, give its place back early."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from common.errors import DomainError
from common.time import truncate
from common.translation import money_said
from driver.book_forms import pay_by_of, refuse_at
from driver.book_page import takes_cards
from driver.book_plan import MOST_SPOTS, plan_of
from driver.booking_forms import CancelForm, ChangeForm
from driver.booking_page import booking_context, cancel_fee_of, stage_of
from driver.own_bookings import get_booking
from lots.boards import lot_counts
from lots.booking_rules import Prepay
from lots.compatibility import SpotType
from reservations.models import Reservation
from reservations.offering import SpotToAskFor, spots_to_ask_for
from reservations.services import (
    ChangedBooking,
    cancel_booking,
    change_booking,
    preview_change,
    release_early,
    return_from_booking_page,
)

WAITING = "booking_change"
"""The key of the session's last change that waits for its payer on a page of the provider."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def change_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Change or extend a booking; the difference is shown before it is agreed to."""
    booking, at = get_booking(request, reference), truncate(now())
    if not stage_of(booking).may_change:
        return redirect("driver:booking", reference)
    kinds = lot_counts(booking.lot).kinds
    driver = signed_in(request)
    form = ChangeForm(booking, kinds, at, request.POST if request.method == "POST" else None, driver=driver)
    preview, status = None, 200
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                preview = preview_change(booking=booking, change=form.change, at=at)
                status = 200
                if form.agrees_to(preview.difference):
                    return _change(request, booking, reference, form, at)
        except DomainError as error:
            refuse_at((form,), error)
            status = error.status
    if preview and preview.difference > 0 and booking.prepay != Prepay.NONE:
        form.ask_card()
    context = _change_context(booking, reference, form, preview, at)
    return render(request, "driver/booking/change.html", context, status=status)


@require_safe
@never_cache
def changed_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Go on with a change whose payer comes back from the provider's page."""
    booking, at = get_booking(request, reference), truncate(now())
    return_from_booking_page(booking=booking, gave_up="left" in request.GET, at=at)
    waiting = request.session.pop(WAITING, None)
    if waiting and waiting["booking"] == booking.pk:
        driver = signed_in(request)
        form = ChangeForm(booking, lot_counts(booking.lot).kinds, at, waiting["typed"], driver=driver)
        by = pay_by_of(waiting["payment"], driver, "")
        try:
            if form.is_valid():
                change_booking(booking=booking, change=form.change, at=at, pay_by=by)
                messages.success(request, _("Your booking was changed."))
        except DomainError as error:
            messages.error(request, error.message)
    return redirect("driver:booking", reference)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def cancel_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what cancelling a booking costs now, and cancel it."""
    booking, at = get_booking(request, reference), truncate(now())
    if stage_of(booking).name != "to_come":
        return redirect("driver:booking", reference)
    fee = cancel_fee_of(booking, at)
    context = booking_context(booking, reference, at)
    if request.method != "POST":
        return render(request, "driver/booking/cancel.html", context)
    form = CancelForm(request.POST)
    if not form.is_valid() or form.cleaned_data["fee"] < fee:
        form.add_error(None, _("Cancelling costs more by now. Please look at it again."))
        return render(request, "driver/booking/cancel.html", context | {"form": form}, status=422)
    try:
        cancelled = cancel_booking(booking=booking, at=at)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        words = _("Your booking was cancelled. This cost %(fee)s.") if cancelled.fee_amount else ""
        fee_words = {"fee": money_said(cancelled.fee_amount, booking.lot.currency)}
        messages.success(request, words % fee_words if words else _("Your booking was cancelled, free of charge."))
    return redirect("driver:booking", reference)


@require_POST
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the place of a parked booking back to others from now on."""
    booking, at = get_booking(request, reference), truncate(now())
    try:
        release_early(booking=booking, until=at, at=at)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Thank you. Others can have your place now."))
    return redirect("driver:booking", reference)


def _change(request: HttpRequest, booking: Reservation, reference: str, form: ChangeForm, at: datetime) -> HttpResponse:
    """Carry out a change that was agreed to, or lead to the page on which it is paid."""
    payment = form.cleaned_data.get("payment", "")
    back = request.build_absolute_uri(reverse("driver:changed_back", args=[reference]))
    by = pay_by_of(payment, form.driver, back)
    changed = change_booking(booking=booking, change=form.change, at=at, pay_by=by)
    if changed.payment is not None and changed.payment.page_url:
        request.session[WAITING] = {"booking": booking.pk, "typed": form.typed(), "payment": payment}
        return redirect(changed.payment.page_url)
    messages.success(request, _("Your booking was changed."))
    return redirect("driver:booking", reference)


def _spots(booking: Reservation, form: ChangeForm, at: datetime) -> list[SpotToAskFor]:
    """Return the spots of the chosen kind, free where others than the booking have them not."""
    if "spot" not in form.fields or form["spot_type"].value() not in set(SpotType):
        return []
    asked = form["spot"].value() or ""
    return spots_to_ask_for(booking.lot, form["spot_type"].value(), form.time, at=at, also=asked, without=booking)


def _change_context(
    booking: Reservation, reference: str, form: ChangeForm, preview: ChangedBooking | None, at: datetime
) -> dict[str, Any]:
    difference = preview.difference if preview else 0
    spots = _spots(booking, form, at)
    return {
        "plan": plan_of(spots, form) if len(spots) <= MOST_SPOTS else [],
        "booking": booking,
        "lot": booking.lot,
        "reference": reference,
        "form": form,
        "preview": preview,
        "less": -difference,
        "difference": difference,
        "stage": stage_of(booking),
        "takes_cards": takes_cards(),
    }
