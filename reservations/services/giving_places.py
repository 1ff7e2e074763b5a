"""Giving a booking its place, and moving others for it. The lot's lock is held."""

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from common.db.constraints import constraint_of
from common.errors import ConflictError, FieldError, InvalidValueError
from lots.models import Lot, Spot
from lots.services import assert_lot_locked, release_hold
from reservations.free_places import PlaceKey, Stock, load_stock
from reservations.models import Reservation
from reservations.offering import promised_period
from reservations.placing import Period, Placing

NEVER_TWICE = frozenset(
    {
        *("reservation_spot_never_double_booked", "reservation_place_never_double_booked"),
        "reservation_never_on_a_closed_place",
    }
)


class NoAvailabilityError(ConflictError):
    """No place that fits is free over the whole period."""

    code = "no_availability"


def place_for(  # noqa: PLR0913 - what decides the place
    lot: Lot,
    spot_type: str,
    wanted: Period,
    *,
    at: datetime,
    asked: PlaceKey | None = None,
    kept: PlaceKey | None = None,
    without: Reservation | None = None,
) -> Placing[PlaceKey]:
    """Return the place for a booking over a period, and the moves of others that it needs; nothing is written.

    The place that was `asked` for; else the one `kept` if it is free; else any, by which the least free time is broken
    up. Raises NoAvailabilityError (409).
    """
    stock = load_stock(lot, spot_type, wanted, at=at, without=without)
    if stock.room(wanted):
        place = stock.free_place(wanted, kept) if kept and not asked else None
        place = place or stock.free_place(wanted, asked)
        placing = Placing(place, {}) if place else stock.cleared_place(wanted, asked)
        if placing is not None:
            return placing
    raise _nothing_free(asked)


def other_place(
    booking: Reservation, *, at: datetime, spot_type: str = "", empty_first: bool = False
) -> Placing[PlaceKey] | None:
    """Return another place for a booking that can't keep its own, with the moves of others; None when there is none.

    It is of the booking's type unless another is given; with `empty_first` a spot that nobody has now is preferred. As
    it was promised before, the share that may be promised is not looked at.
    """
    wanted = promised_period(booking.lot, booking.time)
    stock = load_stock(booking.lot, spot_type or booking.spot_type, wanted, at=at, without=booking)
    place = (_empty_now(booking.lot, stock).free_place(wanted) if empty_first else None) or stock.free_place(wanted)
    return Placing(place, {}) if place else stock.cleared_place(wanted)


def _empty_now(lot: Lot, stock: Stock) -> Stock:
    """Return the stock with only those spots that nobody has now."""
    empty = set(lot.spots.available().values_list("pk", flat=True))
    places = [place for place in stock.places if place.spot_id in empty]
    return replace(stock, places=places, busy=[one for one in stock.busy if one.place.spot_id in empty])


def asked_spot(lot: Lot, number: str, spot_type: str) -> Spot:
    """Return the spot of this number that a driver asks for. Raises InvalidValueError."""
    if not lot.counts_spots:
        raise InvalidValueError(_("Spots have no numbers here. Choose a type."), path="spot")
    spot = lot.spots.filter(number=number).first()
    if spot is None:
        raise InvalidValueError(_("%(lot)s has no spot %(spot)s.") % {"lot": lot.name, "spot": number}, path="spot")
    if spot.spot_type != spot_type:
        raise InvalidValueError(_("This spot is of another type."), path="spot")
    return spot


def put_at(booking: Reservation, place: PlaceKey) -> None:
    """Set the place of a booking; nothing is written."""
    booking.level_id, booking.spot_id, booking.place = place
    booking.place_lost_at = None


def move_away(lot: Lot, placing: Placing[PlaceKey]) -> None:
    """Give the bookings that make room their new places, in one statement: some may exchange theirs."""
    assert_lot_locked(lot.pk)
    rows = list(Reservation.objects.filter(pk__in=placing.moves))
    for row in rows:
        put_at(row, placing.moves[row.pk])
    if rows:
        Reservation.objects.bulk_update(rows, ["spot", "level", "place", "place_lost_at"])


def let_go(booking: Reservation) -> None:
    """Release the hold of a booking on its spot, if it has one."""
    if booking.spot is not None and booking.spot.hold == booking.pk:
        release_hold(spot=booking.spot, reservation_id=booking.pk)


def refusal_of(error: IntegrityError) -> Exception:
    """Return the refusal that a violated constraint stands for, else the error itself."""
    return _nothing_free(None) if constraint_of(error) in NEVER_TWICE else error


def _nothing_free(asked: PlaceKey | None) -> NoAvailabilityError:
    message = (
        _("No place is free for all of this time.") if asked is None else _("This spot is not free all that time.")
    )
    return NoAvailabilityError(message, errors=[FieldError("spot" if asked else "start", message)])
