"""Mails to those who booked: essential ones, each queued in the transaction of its cause."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from common.money import format_money
from common.time import day_words
from lots.booking_rules import Prepay
from lots.calendar import zone_of
from notifications.attachments import Attachment, register_attachment
from notifications.services import new_message, queue_messages
from reservations.booking_links import booking_link, confirming_link
from reservations.calendar_files import calendar_facts, calendar_file, calendar_type
from reservations.models import Reservation

CONFIRM, CONFIRMED, CHANGED, CANCELLED = "booking_confirm", "booking_confirmed", "booking_changed", "booking_cancelled"


def _calendar(context: Mapping[str, Any]) -> Attachment:
    facts = context["calendar"]
    return Attachment(f"{context['code']}.ics", calendar_file(facts), calendar_type(facts))


for _template in (CONFIRMED, CHANGED, CANCELLED):
    register_attachment(_template, _calendar)


def mail_booker(booking: Reservation, template: str, *, at: datetime) -> None:
    """Queue a mail about a booking to the address that it was made with, if there is one; once for each change."""
    if not booking.email:
        return
    message = new_message(
        key=f"{template}:{booking.code}:{booking.sequence}",
        operator_id=booking.lot.operator_id,
        recipient=booking.email,
        template=template,
        context=_context(booking, template, at),
        at=at,
    )
    queue_messages([message])


def _context(booking: Reservation, template: str, at: datetime) -> dict[str, Any]:
    lot, zone = booking.lot, zone_of(booking.lot)
    context = {
        "lot": lot.name,
        "address": ", ".join(part for part in (lot.address, f"{lot.postal_code} {lot.city}".strip()) if part),
        "code": booking.code,
        "plate": booking.plate,
        "kind": booking.get_spot_type_display(),
        "spot": booking.spot.number if booking.asked_for and booking.spot else "",
        "starts": _clock(booking.starts_at.astimezone(zone)),
        "ends": _clock(booking.ends_at.astimezone(zone)),
        "zone": lot.timezone,
        "price": format_money(booking.price_amount, lot.currency),
        "paying": paying_words(booking),
        "fee": format_money(booking.fee_amount, lot.currency) if booking.fee_amount else "",
        "free_until": _clock(booking.cancel_free_until.astimezone(zone)) if booking.cancel_free_until > at else "",
        "link": booking_link(booking),
        "calendar": calendar_facts(booking, at=at),
    }
    return context | ({"confirm_link": confirming_link(booking)} if template == CONFIRM else {})


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
    return f"{day_words(local.date())}, {local:%H:%M}"
