"""Writes of bookings that gates and their attendants cause."""

from django.db import transaction

from reservations.models import LIVE, Reservation, ReservationStatus


@transaction.atomic
def complete_reservation(*, reservation_id: int) -> None:
    """Record that the driver has left; a reservation that is no longer live stays unchanged."""
    Reservation.objects.filter(pk=reservation_id, status__in=LIVE).update(status=ReservationStatus.COMPLETED)


@transaction.atomic
def expect_again(*, reservation_id: int) -> None:
    """Record that the driver has not come after all: the car that was taken for theirs is another.

    One that had counted as a no-show before is one again.
    """
    active = Reservation.objects.filter(pk=reservation_id, status=ReservationStatus.ACTIVE)
    active.filter(missed_at=None).update(status=ReservationStatus.CONFIRMED)
    active.update(status=ReservationStatus.NO_SHOW)


@transaction.atomic
def resume_reservation(*, reservation_id: int) -> None:
    """Record that the driver has not left after all; a place that has been promised to others meanwhile is lost."""
    booking = Reservation.objects.select_for_update().get(pk=reservation_id)
    if booking.status != ReservationStatus.COMPLETED:
        return
    booking.status = ReservationStatus.ACTIVE
    if booking.spot_id is not None and is_promised(spot_id=booking.spot_id, for_booking=booking):
        booking.spot = None
    if booking.place is not None and _is_place_promised(booking):
        booking.place = None
    booking.save(update_fields=["status", "spot", "place"])


def is_promised(*, spot_id: int, for_booking: Reservation) -> bool:
    """Return whether another booking has a spot at some time of this one."""
    others = Reservation.objects.live().filter(spot_id=spot_id, during__overlap=for_booking.during)
    return others.exclude(pk=for_booking.pk).exists()


def _is_place_promised(booking: Reservation) -> bool:
    others = Reservation.objects.live().filter(during__overlap=booking.during).exclude(pk=booking.pk)
    numbered = {"level": booking.level_id, "spot_type": booking.spot_type, "place": booking.place}
    return others.filter(**numbered).exists()
