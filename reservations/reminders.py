"""Telling bookers that their booking starts soon, and that the booked time of a parked car ends."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils.translation import override

from lots.displays import language_for
from notifications.models import Message
from notifications.services import queue_messages
from reservations.booking_kinds import ENDS_SOON, STARTS_SOON
from reservations.booking_mails import booking_message
from reservations.models import Reservation, ReservationStatus

BEFORE_START = timedelta(minutes=60)
BEFORE_END = timedelta(minutes=30)
TOO_LATE = timedelta(minutes=5)
"""How long before an instant nobody needs to be told of it any more."""
BATCH = 500


def remind_bookers(*, at: datetime) -> int:
    """Queue what is due about starts and ends of bookings, each once, and return how many messages were queued."""
    # A person who booked less than two hours before the start knows of it.
    starting = Reservation.objects.filter(
        status=ReservationStatus.CONFIRMED,
        starts_at__range=(at + TOO_LATE, at + BEFORE_START),
        created_at__lte=F("starts_at") - 2 * BEFORE_START,
    )
    ending = Reservation.objects.filter(
        status=ReservationStatus.ACTIVE,
        ends_at__range=(at + TOO_LATE, at + BEFORE_END),
        starts_at__lte=F("ends_at") - 2 * BEFORE_END,
    )
    return _remind(starting, STARTS_SOON, "starts_at", at) + _remind(ending, ENDS_SOON, "ends_at", at)


def _remind(due: QuerySet[Reservation], template: str, when: str, at: datetime) -> int:
    rows = due.filter(~Q(email="")).order_by(when, "pk").values_list("pk", "code", when)
    keys = {pk: f"{template}:{code}:{instant:%Y%m%d%H%M}" for pk, code, instant in rows}
    told = set(Message.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    untold = [pk for pk, key in keys.items() if key not in told][:BATCH]
    messages = []
    for booking in Reservation.objects.filter(pk__in=untold).select_related("lot__operator", "spot", "level", "driver"):
        with override(language_for(booking.driver, booking.lot)):
            messages.append(booking_message(booking, keys[booking.pk], at=at, expires_at=getattr(booking, when)))
    queue_messages(messages)
    return len(messages)
