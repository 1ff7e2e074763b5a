"""Writes of reservations that gates cause."""

from django.db import transaction

from reservations.models import LIVE, Reservation, ReservationStatus


@transaction.atomic
def complete_reservation(*, reservation_id: int) -> None:
    """Record that the driver has left; a reservation that is no longer live stays unchanged."""
    Reservation.objects.filter(pk=reservation_id, status__in=LIVE).update(status=ReservationStatus.COMPLETED)
