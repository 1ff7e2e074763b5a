"""Writes of reservations that gates cause."""

from django.db import transaction

from lots.models import Spot
from lots.services import assert_lot_locked
from reservations.models import LIVE, Reservation, ReservationStatus


@transaction.atomic
def activate_reservation(*, reservation_id: int, spot_id: int | None, level_id: int | None) -> Reservation:
    """Record that the driver has arrived at the given place. The lot must be locked.

    Releases the held spot, because from now on the stay has its own place.
    """
    booking = Reservation.objects.select_for_update().get(pk=reservation_id)
    assert_lot_locked(booking.lot_id)
    Spot.objects.filter(hold=booking.pk).update(hold=None)
    booking.spot_id = spot_id
    booking.level_id = level_id
    booking.status = ReservationStatus.ACTIVE
    booking.save(update_fields=["spot", "level", "status"])
    return booking


@transaction.atomic
def complete_reservation(*, reservation_id: int) -> None:
    """Record that the driver has left; a reservation that is no longer live stays unchanged."""
    Reservation.objects.filter(pk=reservation_id, status__in=LIVE).update(status=ReservationStatus.COMPLETED)
