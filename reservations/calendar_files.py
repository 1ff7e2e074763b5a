"""Calendar files of bookings, by RFC 5546: the same event each time, with a sequence that rises."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from reservations.booking_links import booking_link
from reservations.models import NOT_STARTED, Reservation, ReservationStatus

GONE = (ReservationStatus.CANCELLED, ReservationStatus.LAPSED)


def calendar_facts(booking: Reservation, *, at: datetime) -> dict[str, Any]:
    """Return what a booking's calendar file says, as JSON, so that a queued mail can keep it."""
    lot = booking.lot
    method = "CANCEL" if booking.status in GONE else "REQUEST"
    return {
        "method": method if booking.email else "PUBLISH",
        "uid": f"{booking.code}@{urlsplit(settings.PUBLIC_URL).hostname}",
        "sequence": booking.sequence,
        "status": "CANCELLED" if booking.status in GONE else "CONFIRMED",
        "stamp": at.isoformat(),
        "start": booking.starts_at.isoformat(),
        "end": booking.ends_at.isoformat(),
        "summary": _("Parking at %(lot)s") % {"lot": lot.name},
        "description": _("Booking %(code)s for %(plate)s") % {"code": booking.code, "plate": booking.plate},
        "location": ", ".join(
            part for part in (lot.name, lot.address, f"{lot.postal_code} {lot.city}".strip()) if part
        ),
        "url": booking_link(booking),
        "name": lot.name,
        "address": booking.email,
    }


def calendar_type(facts: Mapping[str, Any]) -> str:
    """Return the MIME type of a calendar file, which repeats its method."""
    return f"text/calendar; method={facts['method']}"


def calendar_file(facts: Mapping[str, Any]) -> bytes:
    """Return the calendar file of a booking from its `calendar_facts`."""
    # Slow to import, and few processes need it.
    from icalendar import Calendar, Event, vCalAddress, vText

    event = Event()
    for name in ("start", "end", "stamp"):
        event.add(f"dt{name}", datetime.fromisoformat(facts[name]))
    for name in ("uid", "sequence", "status", "summary", "description", "location", "url"):
        event.add(name, facts[name])
    event.add("transp", "TRANSPARENT")
    organizer = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["CN"] = vText(facts["name"])
    event["organizer"] = organizer
    if facts["method"] != "PUBLISH":
        attendee = vCalAddress(f"mailto:{facts['address']}")
        attendee.params["PARTSTAT"], attendee.params["RSVP"] = vText("ACCEPTED"), vText("FALSE")
        event.add("attendee", attendee, encode=False)
    calendar = Calendar()
    for name, value in (("version", "2.0"), ("prodid", "-//Parking//Bookings//EN"), ("method", facts["method"])):
        calendar.add(name, value)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def is_in_calendars(booking: Reservation) -> bool:
    """Return whether a booking's file should be offered: it is to come, or calendars have to forget it."""
    return booking.status in {*NOT_STARTED, ReservationStatus.ACTIVE, ReservationStatus.CANCELLED}
