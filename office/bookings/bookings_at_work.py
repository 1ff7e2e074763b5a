"""Load bookings for the people of their lot's operator."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import PersonRequest
from accounts.models import Role
from analytics.scope import Scope, scope_of
from lots.access import has_role_at, lots_visible_to
from lots.models import Lot
from reservations.models import Blackout, Reservation, ReservationQuerySet

RELATED = ("lot__operator", "tariff", "spot", "level", "charge", "driver", "booked_by")


def scope_asked(request: PersonRequest) -> Scope:
    """Return the lots at which the person works, or the one in the address."""
    return scope_of(request.user, request.GET.get("lot", ""), Role.ATTENDANT)


def shown_bookings() -> ReservationQuerySet:
    """Return the bookings with what their rows and pages show."""
    return Reservation.objects.select_related(*RELATED)


def get_booking(request: PersonRequest, pk: int, role: str = Role.ATTENDANT) -> Reservation:
    """Return a booking at a lot of the person; raises Http404 (not theirs) or PermissionDenied (role too low)."""
    booking = shown_bookings().filter(pk=pk, lot__in=lots_visible_to(request.user)).first()
    if booking is None:
        raise Http404(_("There is no such booking."))
    _require(request, role, booking.lot)
    return booking


def get_blackout(request: PersonRequest, pk: int, role: str = Role.ATTENDANT) -> Blackout:
    """Return a blackout at a lot of the person; raises Http404 (not theirs) or PermissionDenied (role too low)."""
    found = Blackout.objects.select_related("lot__operator", "level", "made_by", "lifted_by")
    blackout = found.filter(pk=pk, lot__in=lots_visible_to(request.user)).first()
    if blackout is None:
        raise Http404(_("There is no such blackout."))
    _require(request, role, blackout.lot)
    return blackout


def _require(request: PersonRequest, role: str, lot: Lot) -> None:
    if role != Role.ATTENDANT and not has_role_at(request.user, role, lot):
        raise PermissionDenied
