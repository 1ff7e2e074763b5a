"""The driver's own pages: present and past stays, and vehicles."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, login_required_page
from accounts.models import Vehicle
from accounts.services import add_vehicle, change_vehicle, remove_vehicle
from billing.models import SavedMethod
from billing.services import withdraw_for_vehicle
from common.errors import DomainError, NotFoundError
from common.web.htmx import live_response
from common.web.paging import page_of
from driver.me_forms import OwnTicketForm, VehicleForm
from driver.own_agreements import shared_plates
from driver.own_bookings import bookings_to_come, past_bookings
from driver.own_debts import owed_by
from driver.own_stays import PresentStay, past_stay, past_stays, present_stays, stays_of
from passes.models import CompanyManager, Pass
from reports.month_spending import month_sums
from reservations.models import Reservation, ReservationStatus
from tickets.lookups import look_up_own
from tickets.models import TicketQuerySet
from tickets.services import prove_stay

LAST_STAYS = 5


@require_safe
@login_required_page
def driver_home(request: PersonRequest) -> HttpResponse:
    """Show the open stays (the live part), this month's sums, the last stays and the vehicles."""
    at = now()
    stays = stays_of(request.user)
    present = present_stays(stays, at)
    coming = bookings_to_come(request.user)
    shown = [[stay.ticket.number, stay.ticket.status, stay.fee.owed, stay.length.seconds // 60] for stay in present]
    shown += [[one.code, one.status, one.sequence, int(at.timestamp()) // 60] for one in coming[:1]]
    return live_response(
        request,
        "driver/me/home.html#live",
        lambda: _home(request, stays, present, OwnTicketForm(), at) | _coming(coming, at),
        etag_source=shown,
    )


@require_safe
@login_required_page
def own_bookings_page(request: PersonRequest) -> HttpResponse:
    """List a driver's bookings: those to come, and page by page those that are over."""
    context = {"coming": bookings_to_come(request.user), "page": page_of(past_bookings(request.user), request)}
    return render(request, "driver/me/bookings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def add_stay(request: PersonRequest) -> HttpResponse:
    """Add a stay to a driver's account by the number or link of its ticket."""
    if request.method != "POST":
        return redirect("driver:me")
    form, at = OwnTicketForm(request.POST), now()
    if form.is_valid():
        try:
            ticket, kind = look_up_own(request, request.user, form.cleaned_data["ticket"])
        except DomainError as error:
            form.add_error("ticket", error.message)
            return _again(request, form, at, status=422 if isinstance(error, NotFoundError) else error.status)
        prove_stay(ticket=ticket, driver=request.user, kind=kind, at=at)
        messages.success(request, _("%(number)s is one of your stays now.") % {"number": ticket.number})
        return redirect("driver:me")
    return _again(request, form, at, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def vehicles(request: PersonRequest) -> HttpResponse:
    """List a driver's vehicles and add one."""
    form = VehicleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            added = add_vehicle(owner=request.user, at=now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error("plate", error.message)
        else:
            messages.success(
                request, _("%(plate)s was added. To see a stay, add its ticket to your page.") % {"plate": added.plate}
            )
            return redirect("driver:vehicles")
    context = {"form": form, "page": page_of(request.user.vehicles.all(), request)}
    return render(request, "driver/me/vehicles.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def vehicle(request: PersonRequest, vehicle_id: int) -> HttpResponse:
    """Change one of the driver's vehicles."""
    mine = get_object_or_404(Vehicle, pk=vehicle_id, owner=request.user)
    initial = {"plate": mine.plate, "vehicle_type": mine.vehicle_type, "electric": mine.electric}
    form = VehicleForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            _change(mine, form)
        except DomainError as error:
            form.add_error("plate", error.message)
        else:
            messages.success(request, _("Your vehicle was changed."))
            return redirect("driver:vehicles")
    return render(
        request, "driver/me/vehicle.html", {"form": form, "vehicle": mine}, status=422 if form.errors else 200
    )


@require_POST
@login_required_page
def remove(request: PersonRequest, vehicle_id: int) -> HttpResponse:
    """Remove one of the driver's vehicles. Idempotent."""
    mine = Vehicle.objects.filter(pk=vehicle_id, owner=request.user).first()
    if mine is not None:
        with transaction.atomic():
            withdraw_for_vehicle(vehicle=mine, at=now())
            remove_vehicle(vehicle=mine)
        messages.success(request, _("%(plate)s was removed from your vehicles.") % {"plate": mine.plate})
    return redirect("driver:vehicles")


@transaction.atomic
def _change(mine: Vehicle, form: VehicleForm) -> None:
    """Change a vehicle; what was agreed for another plate ends."""
    changed = change_vehicle(vehicle=mine, at=now(), **form.cleaned_data)
    if changed.plate_normalised != mine.plate_normalised:
        withdraw_for_vehicle(vehicle=changed, at=now())


def _again(request: PersonRequest, form: OwnTicketForm, at: datetime, *, status: int) -> HttpResponse:
    stays = stays_of(request.user)
    context = _home(request, stays, present_stays(stays, at), form, at) | _coming(bookings_to_come(request.user), at)
    return render(request, "driver/me/home.html", context, status=status)


def _coming(coming: list[Reservation], at: datetime) -> dict[str, Any]:
    """Return what the page shows of the bookings to come: the next one that is not parked, and all of them."""
    waiting = next((one for one in coming if one.status != ReservationStatus.ACTIVE), None)
    starts_in = max(waiting.starts_at - at, timedelta()) if waiting else None
    return {"coming": coming, "next_booking": waiting, "starts_in": starts_in}


def _home(
    request: PersonRequest, stays: TicketQuerySet, present: list[PresentStay], form: OwnTicketForm, at: datetime
) -> dict[str, Any]:
    return {
        "present": present,
        "form": form,
        "at": at,
        "vehicles": request.user.vehicles.all(),
        "shared_plates": shared_plates(request.user),
        "passes": Pass.objects.not_ended().filter(holder=request.user).order_by("valid_until", "pk")[:LAST_STAYS],
        "manages_company": CompanyManager.objects.filter(user=request.user).exists(),
        "debts": owed_by(request.user),
        "sums": month_sums(request.user, at),
        "past": [past_stay(ticket) for ticket in past_stays(stays)[:LAST_STAYS]],
        "cards": SavedMethod.objects.usable().filter(owner=request.user),
    }
