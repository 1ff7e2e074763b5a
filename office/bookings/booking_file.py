"""Everything about one booking: what, who, money, what each change of mind costs, and what was done with it."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.models import Debt, Payment
from common.translation import day_said, money_said
from lots.access import has_role_at
from lots.calendar import local_day, zone_of
from lots.models import SPOT_LABELS
from office.bookings.bookings_at_work import get_booking
from office.forms import WhyForm
from reservations.booking_mails import paying_words
from reservations.limits import Booker, missed_by
from reservations.models import ActKind, BookingAct, Reservation, ReservationStatus
from reservations.offering import policy_of_booking
from reservations.services.blackouts import is_closed
from tickets.models import Ticket


class BookingLine(NamedTuple):
    """A line of a booking's history."""

    at: datetime
    text: str
    details: str


@require_safe
@role_required(Role.ATTENDANT)
def booking(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a booking to the operator's people."""
    return render(request, "office/bookings/booking.html", file_context(request, get_booking(request, pk)))


def file_context(request: PersonRequest, booking: Reservation, **more: Any) -> dict[str, Any]:
    """Return the context of a booking's page."""
    status, charge = booking.status, booking.charge
    is_admin = has_role_at(request.user, Role.ADMIN, booking.lot)
    forgivable = is_admin and status == ReservationStatus.NO_SHOW and booking.forgiven_at is None
    payments = Payment.objects.filter(charge=charge).select_related("taken_by").order_by("pk")
    return {
        "booking": booking,
        "lot": booking.lot,
        "day": local_day(booking.lot, booking.starts_at),
        "charge": charge,
        "payments": list(payments) if charge else [],
        "debt": Debt.objects.filter(charge=charge).first() if charge else None,
        "paying": paying_words(booking),
        "policy": policy_of_booking(booking) if booking.is_live else None,
        "stay": Ticket.objects.filter(reservation=booking).order_by("-pk").first(),
        "missed": missed_by(Booker(booking.driver, booking.email, booking.plate_normalised), at=now()),
        "history": history_of(booking),
        "may_change": status in {ReservationStatus.CONFIRMED, ReservationStatus.ACTIVE},
        "may_cancel": status == ReservationStatus.CONFIRMED,
        "is_admin": is_admin,
        "closed": booking.is_live and is_closed(booking),
        "forgive_form": WhyForm() if forgivable else None,
    } | more


def history_of(booking: Reservation) -> list[BookingLine]:
    """Return what was done with a booking, the oldest first."""
    by = _by(booking.booked_by or booking.driver, booking.email)
    lines = [BookingLine(booking.created_at, _("Booked by %(name)s") % {"name": by}, "")]
    if booking.email_confirmed_at:
        lines.append(BookingLine(booking.email_confirmed_at, _("Address confirmed"), booking.email))
    if booking.missed_at:
        lines.append(BookingLine(booking.missed_at, _("The car had not come"), ""))
    for act in booking.acts.select_related("by").order_by("pk"):
        words = f"{ActKind(act.kind).label}, {_by(act.by or booking.driver, booking.email)}"
        lines.append(BookingLine(act.at, words, "; ".join([*_changes(booking, act), *([act.why] if act.why else [])])))
    return sorted(lines, key=lambda line: line.at)


def _by(person: object | None, email: str) -> str:
    return str(person or email or _("nobody known"))


def _changes(booking: Reservation, act: BookingAct) -> list[str]:
    return [
        f"{_said(booking, name, before)} → {_said(booking, name, after)}"
        for name, (before, after) in act.changes.items()
    ]


def _said(booking: Reservation, name: str, value: Any) -> str:
    """Return a value of an act in words."""
    if value is None:
        return "–"
    if name in {"starts_at", "ends_at"}:
        local = datetime.fromisoformat(value).astimezone(zone_of(booking.lot))
        return f"{day_said(local.date())} {local:%H:%M}"
    if name == "price_amount":
        return money_said(value, booking.lot.currency)
    return str(SPOT_LABELS[value]) if name == "spot_type" else str(value)
