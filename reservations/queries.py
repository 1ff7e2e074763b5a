"""Bookings that belong together."""

from reservations.models import Reservation, ReservationQuerySet


def booked_elsewhere(booking: Reservation, among: ReservationQuerySet) -> list[Reservation]:
    """Return the bookings `among` these that have the same plate in other lots at some time of a booking, with lots."""
    same = among.live().filter(plate_normalised=booking.plate_normalised)
    then = same.filter(starts_at__lt=booking.ends_at, ends_at__gt=booking.starts_at)
    return list(then.exclude(lot=booking.lot_id).select_related("lot").order_by("starts_at", "pk"))
