"""Every write of a reservation that a gate causes."""

from django.db import transaction

from reservations.models import LIVE, Reservation, ReservationStatus


@transaction.atomic
def complete_reservation(*, reservation_id: int) -> None:
    """Note that the driver left; a reservation that ended otherwise stays as it is."""
    Reservation.objects.filter(pk=reservation_id, status__in=LIVE).update(status=ReservationStatus.COMPLETED)
