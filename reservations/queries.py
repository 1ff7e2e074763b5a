"""Bookings that belong together."""

from reservations.models import Blackout, Reservation, ReservationQuerySet


def booked_elsewhere(booking: Reservation, among: ReservationQuerySet) -> list[Reservation]:
    """Return the bookings `among` these that have the same plate in other lots at some time of a booking, with lots."""
    same = among.live().filter(plate_normalised=booking.plate_normalised)
    then = same.filter(starts_at__lt=booking.ends_at, ends_at__gt=booking.starts_at)
    return list(then.exclude(lot=booking.lot_id).select_related("lot").order_by("starts_at", "pk"))


def in_the_way(blackout: Blackout) -> list[Reservation]:
    """Return the bookings on places that a blackout closes, at some time of it, the earliest first."""
    then = Reservation.objects.live().filter(lot=blackout.lot_id)
    then = then.filter(during__overlap=(blackout.starts_at, blackout.ends_at))
    found = then.select_related("lot", "spot", "level", "driver").order_by("starts_at", "pk")
    return [booking for booking in found if blackout.closes(booking)]
