"""Mails about bookings: essential ones, each queued in the transaction of its cause."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.access import admins_at
from accounts.models import User
from common.translation import day_said, money_said
from lots.booking_rules import Prepay
from lots.calendar import zone_of
from lots.displays import language_for
from notifications.attachments import Attachment, register_attachment
from notifications.models import Message
from notifications.services import new_message, queue_messages
from reservations.booking_links import BOOKINGS_TO_LOOK_AT, booking_link, confirming_link
from reservations.calendar_files import calendar_facts, calendar_file, calendar_type
from reservations.models import Reservation
from reservations.queries import booked_elsewhere

CONFIRM, CONFIRMED, CHANGED, CANCELLED = "booking_confirm", "booking_confirmed", "booking_changed", "booking_cancelled"
MOVED, PLACE_LOST, PLACE_LOST_HERE = "booking_moved", "booking_place_lost", "booking_place_lost_here"
LAPSED, MISSED = "booking_lapsed", "booking_missed"
REFUNDED, NOT_REFUNDED = "booking_refunded", "booking_not_refunded"


def _calendar(context: Mapping[str, Any]) -> Attachment:
    facts = context["calendar"]
    return Attachment(f"{context['code']}.ics", calendar_file(facts), calendar_type(facts))


for _template in (CONFIRMED, CHANGED, CANCELLED, MOVED, REFUNDED):
    register_attachment(_template, _calendar)


def mail_booker(booking: Reservation, template: str, *, at: datetime, word: str = "") -> None:
    """Queue a mail about a booking to the address that it was made with, if there is one; once for each change.

    `word` is what a person says about it.
    """
    if booking.email:
        key = f"{booking.code}:{booking.sequence}"
        with override(language_for(booking.driver, booking.lot)):
            context = _context(booking, template, at) | {"word": word}
        queue_messages([_message(booking, f"{template}:{key}", booking.email, context, at)])


def booking_message(booking: Reservation, key: str, *, at: datetime, expires_at: datetime) -> Message:
    """Return an optional message to the booker; its `key` begins with its template."""
    message = _message(booking, key, booking.email, _context(booking, key.partition(":")[0], at), at)
    message.expires_at = expires_at
    return message


def mail_place_lost(booking: Reservation, *, at: datetime) -> None:
    """Tell who booked, and the admins of the operator, that a booking has no place; once for each loss."""
    assert booking.place_lost_at is not None  # noqa: S101 it was noted just now
    loss = f"{booking.code}:{booking.place_lost_at:%Y%m%d%H%M%S}"
    told = [(PLACE_LOST, booking.email, language_for(booking.driver, booking.lot))] if booking.email else []
    told += [(PLACE_LOST_HERE, admin.email, language_for(admin, booking.lot)) for admin in _admins(booking)]
    messages = []
    for template, address, language in told:
        with override(language):
            facts = _context(booking, PLACE_LOST, at)
        if template == PLACE_LOST_HERE:
            facts |= {"manage_link": f"{settings.PUBLIC_URL}/{BOOKINGS_TO_LOOK_AT}"}
        messages.append(_message(booking, f"{template}:{loss}:{_digest(address)}", address, facts, at))
    queue_messages(messages)


def _admins(booking: Reservation) -> list[User]:
    admins = admins_at(booking.lot.operator_id, lot_id=booking.lot_id)
    return [admin.user for admin in admins.select_related("user").order_by("user__email")]


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _message(booking: Reservation, key: str, recipient: str, context: Mapping[str, Any], at: datetime) -> Message:
    """Return a message whose `key` begins with its template."""
    return new_message(
        key=key,
        operator_id=booking.lot.operator_id,
        recipient=recipient,
        template=key.partition(":")[0],
        context=context,
        at=at,
    )


def _context(booking: Reservation, template: str, at: datetime) -> dict[str, Any]:
    lot, zone = booking.lot, zone_of(booking.lot)
    spot = booking.spot if booking.asked_for or template == MOVED else None
    context = {
        "language": get_language(),
        "lot": lot.name,
        "address": ", ".join(part for part in (lot.address, f"{lot.postal_code} {lot.city}".strip()) if part),
        "code": booking.code,
        "plate": booking.plate,
        "kind": booking.get_spot_type_display(),
        "spot": spot.number if spot else "",
        "free_kind": spot.get_spot_type_display() if spot and spot.spot_type != booking.spot_type else "",
        "starts": _clock(booking.starts_at.astimezone(zone)),
        "ends": _clock(booking.ends_at.astimezone(zone)),
        "zone": lot.timezone,
        "price": money_said(booking.price_amount, lot.currency),
        "paying": paying_words(booking),
        "fee": money_said(booking.fee_amount, lot.currency) if booking.fee_amount else "",
        "percent": booking.no_show_percent,
        "waited_until": _clock(booking.missed_at.astimezone(zone)) if booking.missed_at else "",
        "free_until": _clock(booking.cancel_free_until.astimezone(zone)) if booking.cancel_free_until > at else "",
        "link": booking_link(booking),
        "calendar": calendar_facts(booking, at=at),
        "elsewhere": ", ".join(_elsewhere(booking)) if template in {CONFIRM, CONFIRMED} else "",
    }
    return context | ({"confirm_link": confirming_link(booking)} if template == CONFIRM else {})


def _elsewhere(booking: Reservation) -> list[str]:
    """Return in which other lots a guest has booked the plate at the same time; accounts are warned on the page."""
    if booking.driver_id is not None:
        return []
    among = Reservation.objects.filter(email=booking.email, driver=None)
    return [other.lot.name for other in booked_elsewhere(booking, among)]


def paying_words(booking: Reservation) -> str:
    """Return when a booking is paid, as a sentence."""
    if not booking.price_amount:
        return _("There is nothing to pay.")
    words = {
        Prepay.NONE: _("You pay when you leave."),
        Prepay.HOLD: _("Your card holds this amount; it is taken when you have parked."),
        Prepay.CAPTURE: _("It is paid."),
    }
    return words[Prepay(booking.prepay)]


def _clock(local: datetime) -> str:
    return f"{day_said(local.date())}, {local:%H:%M}"
