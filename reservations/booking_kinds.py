"""The kinds of messages about bookings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, KindGroup, Words, register_kinds
from reservations import booking_mails as mails

STARTS_SOON, ENDS_SOON = "booking_starts_soon", "booking_ends_soon"
_LINK = "https://parking.example/bookings/BK-7K3M9Q/"
_SAMPLE: dict[str, Any] = {
    "lot": "City Garage",
    "address": "Löwenstrasse 12, 8001 Zürich",
    "code": "BK-7K3M9Q",
    "plate": "ZH 314 159",
    "kind": "Regular",
    "spot": "2A-17",
    "free_kind": "",
    "starts": "Fri 27 Nov 2026, 09:00",
    "ends": "Fri 27 Nov 2026, 12:00",
    "zone": "Europe/Zurich",
    "price": "CHF 14.00",
    "paying": "Your card holds this amount; it is taken when you have parked.",
    "fee": "CHF 7.00",
    "percent": 50,
    "waited_until": "Fri 27 Nov 2026, 09:15",
    "free_until": "Fri 27 Nov 2026, 08:00",
    "link": _LINK,
    "elsewhere": "",
    "word": "",
    "calendar": {},
}
_WHY = _("You booked parking with this address.")


def _kind(name: str, label: Words, more: Mapping[str, Any] | None = None, **options: Any) -> Kind:
    sample = _SAMPLE | dict(more or {})
    options.setdefault("why", _WHY)
    return Kind(name, label, KindGroup.BOOKINGS, sample=sample, **options)


register_kinds(
    _kind(
        mails.CONFIRM,
        _("Booking to be confirmed"),
        {"confirm_link": "https://parking.example/bookings/confirm/signed/"},
        why=_("Somebody booked parking with this address."),
    ),
    _kind(mails.CONFIRMED, _("Booking confirmed")),
    _kind(mails.CHANGED, _("Booking changed")),
    _kind(mails.CANCELLED, _("Booking cancelled")),
    _kind(mails.MOVED, _("Booking moved to another spot")),
    _kind(mails.LAPSED, _("Booking not confirmed in time")),
    _kind(mails.MISSED, _("No-show")),
    _kind(mails.PLACE_LOST, _("No place for a booking")),
    _kind(
        mails.PLACE_LOST_HERE,
        _("A booking without a place"),
        {"manage_link": "https://parking.example/manage/exceptions/"},
        why=_("You are an admin of the operator."),
        for_admins=True,
    ),
    _kind(
        mails.REFUNDED,
        _("Booking given back"),
        {"word": "The barrier was broken.\nWe are sorry."},
        multiline=frozenset({"word"}),
    ),
    _kind(
        mails.NOT_REFUNDED,
        _("Booking not given back"),
        {"word": "The gate opened for you at 09:04."},
        multiline=frozenset({"word"}),
    ),
    _kind(STARTS_SOON, _("Booking starts soon"), essential=False, can_wait=False, worth=timedelta(hours=1)),
    _kind(
        ENDS_SOON,
        _("Booked time ends in 30 minutes"),
        {"minutes": 30, "overstay": "CHF 2.00"},
        essential=False,
        can_wait=False,
        worth=timedelta(minutes=30),
    ),
)
