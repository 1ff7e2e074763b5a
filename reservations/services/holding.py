"""Holding the spots of bookings that start soon, and moving those whose spot is taken."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Max, Q, Value
from django.utils.translation import gettext as _

from common.errors import ConflictError, FieldError
from lots.compatibility import larger_types
from lots.models import Lot, Spot, SpotStatus, Tracking
from lots.services import hold_spot, lock_lot
from reservations.booking_mails import MOVED, mail_booker, mail_place_lost
from reservations.free_places import PlaceKey
from reservations.models import Reservation, ReservationStatus
from reservations.placing import Placing
from reservations.services.blackouts import is_closed
from reservations.services.giving_places import NoAvailabilityError, move_away, other_place, put_at
from reservations.services.no_shows import BATCH, for_each, is_missed


class BookingEndedError(ConflictError):
    """The booking is not confirmed any more."""

    code = "booking_state"


_HELD_FROM = ExpressionWrapper(
    F("starts_at") - F("lot__hold_minutes") * Value(timedelta(minutes=1)), output_field=DateTimeField()
)


def hold_due_spots(*, at: datetime) -> int:
    """Hold the spots of bookings that start soon, move those whose spot is taken, and return how many have one now.

    A spot that the booking before still has is waited for. One that finds no spot, of its type or a larger one, is
    marked with `place_lost_at`, which is mailed, and tried again until its driver counts as a no-show. Where cars are
    only counted, those that have lost their place are tried again.
    """
    soon = Reservation.objects.filter(status=ReservationStatus.CONFIRMED)
    longest = timedelta(minutes=Lot.objects.aggregate(longest=Max("hold_minutes"))["longest"] or 0)
    soon = soon.annotate(held_from=_HELD_FROM).filter(starts_at__lte=at + longest, held_from__lte=at, ends_at__gt=at)
    not_held = Q(spot=None) | Q(spot__hold=None) | ~Q(spot__hold=F("pk"))
    lost = Q(lot__tracking=Tracking.LEVELS, place_lost_at__isnull=False)
    without = soon.filter(Q(not_held, lot__tracking=Tracking.SPOTS) | lost)
    return for_each(without.order_by("starts_at", "pk")[:BATCH], lambda booking: _hold(booking, at), "spot_not_held")


@transaction.atomic
def _hold(booking: Reservation, at: datetime) -> bool:
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot", "spot").get(pk=booking.pk)
    if booking.status != ReservationStatus.CONFIRMED or is_missed(booking, at):
        return False
    return _hold_spot(booking, at) if booking.lot.counts_spots else _place_again(booking, at)


def _hold_spot(booking: Reservation, at: datetime) -> bool:
    spot, was_lost, told = booking.spot, booking.place_lost_at is not None, False
    if spot is not None and spot.hold == booking.pk:
        return False
    closed = spot is not None and is_closed(booking)
    if spot is None or closed or spot.status != SpotStatus.AVAILABLE:
        if spot is not None and not closed and _is_given_back_in_time(spot, booking, at):
            return False
        spot = _other_spot(booking, at)
        if spot is None:
            _note_lost(booking, at)
            return False
        told = booking.asked_for or spot.spot_type != booking.spot_type
    if told or was_lost:
        _tell_place(booking, at)
    if spot.status != SpotStatus.AVAILABLE:
        return False
    hold_spot(spot=spot, reservation_id=booking.pk)
    return True


@transaction.atomic
def give_other_place(*, booking: Reservation, spot_type: str, at: datetime) -> Reservation:
    """Give a booking without a place one of a type that a person chose, at the same price, and mail that.

    Idempotent: one that has a place stays where it is. Raises BookingEndedError, NoAvailabilityError (409).
    """
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot", "spot").get(pk=booking.pk)
    if booking.status != ReservationStatus.CONFIRMED:
        raise BookingEndedError(_("This booking needs no place any more."))
    if booking.place_lost_at is None:
        return booking
    placing = other_place(booking, at=at, spot_type=spot_type, empty_first=True)
    if placing is None:
        message = _("No place of this kind is free.")
        raise NoAvailabilityError(message, errors=[FieldError("spot_type", message)])
    _take(booking, placing)
    _tell_place(booking, at)
    if booking.spot is not None and booking.spot.status == SpotStatus.AVAILABLE:
        hold_spot(spot=booking.spot, reservation_id=booking.pk)
    return booking


def _place_again(booking: Reservation, at: datetime) -> bool:
    """Give a counted booking that has lost its place another one, and say that; return whether there is one."""
    placing = other_place(booking, at=at) if booking.place_lost_at is not None else None
    if placing is None:
        return False
    _take(booking, placing)
    _tell_place(booking, at)
    return True


def _take(booking: Reservation, placing: Placing[PlaceKey]) -> None:
    move_away(booking.lot, placing)
    put_at(booking, placing.place)
    booking.save(update_fields=["spot", "level", "place", "place_lost_at"])


def _note_lost(booking: Reservation, at: datetime) -> None:
    if booking.place_lost_at is None:
        booking.place_lost_at = at
        booking.save(update_fields=["place_lost_at"])
        mail_place_lost(booking, at=at)


def _tell_place(booking: Reservation, at: datetime) -> None:
    """Tell who booked where the place is, who had asked for another one, or was told that there is none."""
    booking.place_lost_at = None
    booking.sequence += 1
    booking.save(update_fields=["place_lost_at", "sequence"])
    mail_booker(booking, MOVED, at=at)


def _is_given_back_in_time(spot: Spot, booking: Reservation, at: datetime) -> bool:
    """Return whether another booking has the spot until before this one starts, and has not overstayed."""
    before = Reservation.objects.live().filter(spot=spot, ends_at__gt=at, ends_at__lte=booking.starts_at)
    return not spot.maintenance and before.exists()


def _other_spot(booking: Reservation, at: datetime) -> Spot | None:
    """Move a booking to another spot, of its type or else a larger one, and return it; None when there is none.

    One that is free now comes first. The price stays, whatever the spot is.
    """
    for spot_type in (booking.spot_type, *larger_types(booking.spot_type)):
        placing = other_place(booking, at=at, spot_type=spot_type, empty_first=True)
        if placing is not None:
            _take(booking, placing)
            return booking.spot
    return None
