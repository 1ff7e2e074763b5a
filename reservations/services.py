"""Every write of a reservation that a gate causes."""

from django.db import transaction

from lots.services import release_holds
from reservations.models import LIVE, Reservation, ReservationStatus


@transaction.atomic
def activate_reservation(*, reservation_id: int, spot_id: int | None, level_id: int | None) -> Reservation:
    """Note that the driver arrived and stands at the given place; the lot's lock is held.

    The held spot is let go: from here on the stay itself has its place.
    """
    booking = Reservation.objects.select_for_update().get(pk=reservation_id)
    release_holds(lot_id=booking.lot_id, reservation_id=booking.pk)
    booking.spot_id = spot_id
    booking.level_id = level_id
    booking.status = ReservationStatus.ACTIVE
    booking.save(update_fields=["spot", "level", "status"])
    return booking


@transaction.atomic
def complete_reservation(*, reservation_id: int) -> None:
    """Note that the driver left; a reservation that ended otherwise stays as it is."""
    Reservation.objects.filter(pk=reservation_id, status__in=LIVE).update(status=ReservationStatus.COMPLETED)
