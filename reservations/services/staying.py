"""Until when a parked car can stay on its place."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from common.errors import FieldError
from common.translation import day_said
from lots.calendar import zone_of
from reservations.booked_time import BookedTime
from reservations.free_places import place_of
from reservations.models import Reservation
from reservations.offering import promised_period
from reservations.services.giving_places import NoAvailabilityError, place_for


def cannot_stay(before: Reservation, changed: Reservation, spot_type: str, at: datetime) -> NoAvailabilityError:
    """Return why a car that is parked can't stay as long as the changed booking says, with until when it can."""
    lot, pause = before.lot, timedelta(minutes=before.lot.turnaround_minutes)
    others = Reservation.objects.live().filter(spot=before.spot_id, level=before.level_id, place=before.place)
    others = others.filter(starts_at__gt=before.ends_at + pause, starts_at__lt=changed.ends_at + pause)
    for start in others.order_by("-starts_at").values_list("starts_at", flat=True):
        until = BookedTime(before.starts_at, start - pause)
        with suppress(NoAvailabilityError):
            wanted = promised_period(lot, until)
            place_for(lot, spot_type, wanted, at=at, asked=place_of(before), without=before)
            clock = until.end.astimezone(zone_of(lot))
            said = _("Your place is promised to somebody else after that. You can stay until %(time)s on %(day)s.")
            message = said % {"time": f"{clock:%H:%M}", "day": day_said(clock.date())}
            return NoAvailabilityError(message, errors=[FieldError("end", message)])
    message = _("Your place is promised to somebody else after your time, so you can't stay longer.")
    return NoAvailabilityError(message, errors=[FieldError("end", message)])
