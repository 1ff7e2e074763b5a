"""How bookings look to programs: money in minor units, instants with the offset of the lot's zone."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Payment, PaymentState
from lots.calendar import zone_of
from lots.models import Lot
from reservations.access import bookings_visible_to
from reservations.models import Reservation, ReservationQuerySet
from reservations.offering import BookingOffer, policy_of_booking
from reservations.policy import BookingPolicy
from reservations.queries import booked_elsewhere

RELATED = ("lot", "tariff", "spot", "level", "charge")


def with_answer_parts(bookings: ReservationQuerySet) -> ReservationQuerySet:
    """Load what `booking_json` needs with the bookings: two statements, however many they are."""
    return bookings.select_related(*RELATED).prefetch_related("charge__payments")


def booking_json(request: HttpRequest, booking: Reservation) -> dict[str, Any]:
    """Return a booking as an answer shows it."""
    charge, zone = booking.charge, zone_of(booking.lot)
    payments = list(charge.payments.all()) if charge else []
    return {
        "id": booking.pk,
        "code": booking.code,
        "status": booking.status,
        "lot": booking.lot.slug,
        "spot": booking.spot.number if booking.spot else None,
        "level": booking.level.number if booking.level else None,
        "spot_type": booking.spot_type,
        "start": booking.starts_at.astimezone(zone),
        "end": booking.ends_at.astimezone(zone),
        "plate": booking.plate,
        "vehicle_type": booking.vehicle_type,
        "email": booking.email,
        "price": booking.price_amount,
        "currency": booking.lot.currency,
        "prepay": booking.prepay,
        "held": sum(map(_held_amount, payments)),
        "paid": charge.captured_amount - charge.refunded_amount if charge else 0,
        "fee": booking.fee_amount,
        "refunded": charge.refunded_amount if charge else 0,
        "page_url": next((request.build_absolute_uri(one.page_url) for one in payments if _waits(one)), None),
        "policy": _policy_json(policy_of_booking(booking), zone),
    }


def warnings_json(booking: Reservation, person: User) -> list[dict[str, str]]:
    """Return what is odd about a booking, as far as the person who made or changed it may know."""
    others = booked_elsewhere(booking, bookings_visible_to(person))
    message = _("%(plate)s is booked at %(lot)s at this time, too.")
    return [
        {"code": "booked_elsewhere", "message": message % {"plate": other.plate, "lot": other.lot.name}}
        for other in others
    ]


def offer_json(offer: BookingOffer, lot: Lot) -> dict[str, Any]:
    """Return what a lot offers as an answer shows it."""
    return {
        "available": offer.available,
        "price": offer.price.total,
        "tax": offer.price.tax,
        "currency": offer.currency,
        "lines": [line.as_json() for line in offer.price.lines],
        "policy": _policy_json(offer.policy, zone_of(lot)),
    }


def _policy_json(policy: BookingPolicy, zone: ZoneInfo) -> dict[str, Any]:
    facts = asdict(policy)
    return {name: fact.astimezone(zone) if isinstance(fact, datetime) else fact for name, fact in facts.items()}


def _held_amount(payment: Payment) -> int:
    """Return what is held by a payment, less what is about to be let go."""
    if payment.state != PaymentState.AUTHORISED:
        return 0
    return payment.authorised_amount if payment.settling_amount is None else payment.settling_amount


def _waits(payment: Payment) -> bool:
    return payment.state == PaymentState.PENDING and bool(payment.page_url)
