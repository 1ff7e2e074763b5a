"""What is done to single bays on the plan, with the bookings that have them. Each act takes the lot's lock."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError, FieldError, InvalidValueError
from common.time import truncate
from lots.models import Lot, Spot, SpotStatus, Zone
from lots.services import (
    SpotInUseError,
    ZoneValues,
    change_zone,
    hold_spot,
    lock_lot,
    number_zone,
    retype_spots,
    set_maintenance,
    spots_named,
)
from reservations.booked_time import BookedTime
from reservations.models import Blackout, Reservation, ReservationQuerySet, ReservationStatus
from reservations.services.blackouts import ClosingPlan, MadeBlackout, is_closed, lift_blackout, make_blackout
from reservations.services.booking import BookingWish, book, readable_plate
from reservations.services.closing import close_what_is_due

MOST_TOLD = 8


class BayClosedError(ConflictError):
    """The bay is closed together with others, and opens with them."""

    code = "bay_closed"


@transaction.atomic
def close_bays(  # noqa: PLR0913 - what, why, when, by whom
    *, lot: Lot, numbers: Sequence[str], reason: str, until: datetime | None, by: User, at: datetime
) -> MadeBlackout | None:
    """Take bays out of use: until an instant, as a blackout that ends by itself, or until a person puts them back.

    Cars that stand there may stay. Raises UnknownSpotError, and InvalidValueError for an end that is over.
    """
    lock_lot(lot.pk)
    if until is None:
        set_maintenance(lot=lot, numbers=numbers, on=True, note=reason)
        return None
    set_maintenance(lot=lot, numbers=numbers, on=False)  # or they would stay out of use when the time is over
    plan = ClosingPlan(time=BookedTime(truncate(at), until), reason=reason, bays=tuple(numbers))
    return make_blackout(lot=lot, plan=plan, by=by, at=at)


@transaction.atomic
def open_bays(*, lot: Lot, numbers: Sequence[str], by: User, at: datetime) -> list[Spot]:
    """Put bays back into use, also those that a blackout or another person took out of it.

    Bookings have their places there again.
    Idempotent. Raises UnknownSpotError, and BayClosedError for one that is closed with a level, a kind or the lot.
    """
    lock_lot(lot.pk)
    spots = spots_named(lot, numbers)
    running = list(Blackout.objects.running(at).filter(lot=lot).select_related("level"))
    _refuse_closed_with_others(spots, running)
    keys = {spot.pk for spot in spots}
    for blackout in running:
        left = [key for key in blackout.bays if key not in keys]
        if len(left) == len(blackout.bays):
            continue
        if not left:
            lift_blackout(blackout=blackout, by=by, at=at)
            continue
        blackout.bays = left
        blackout.save(update_fields=["bays"])
    lost = Reservation.objects.live().filter(spot__in=keys).exclude(place_lost_at=None).select_related("spot")
    again = [one.pk for one in lost if one.status != ReservationStatus.ACTIVE and not is_closed(one)]
    Reservation.objects.filter(pk__in=again).update(place_lost_at=None)
    set_maintenance(lot=lot, numbers=numbers, on=False)
    close_what_is_due(lot=lot, at=at)
    return spots_named(lot, numbers)


@transaction.atomic
def retype_bays(*, lot: Lot, numbers: Sequence[str], spot_type: str) -> list[Spot]:
    """Give bays another type. Raises as `retype_spots`, and SpotInUseError for one that is booked."""
    lock_lot(lot.pk)
    changed = [spot for spot in spots_named(lot, numbers) if spot.spot_type != spot_type]
    _refuse_booked(Reservation.objects.live().filter(spot__in=changed), "spot_type")
    return retype_spots(lot=lot, numbers=numbers, spot_type=spot_type)


@transaction.atomic
def change_row(*, zone: Zone, values: ZoneValues) -> Zone:
    """Change a zone, and number its bays again if its numbers are other ones.

    Raises as `change_zone` and `number_zone`, and SpotInUseError for a bay that was asked for by its number.
    """
    lock_lot(zone.level.lot_id)
    numbering = (values.prefix, values.start, values.step)
    if zone.level.lot.counts_spots and numbering != (zone.prefix, zone.start, zone.step):
        _refuse_booked(Reservation.objects.live().filter(spot__zone=zone, asked_for=True), "prefix")
        number_zone(zone=zone, prefix=values.prefix, start=values.start, step=values.step)
    return change_zone(zone=zone, values=values)


@transaction.atomic
def hold_bays(  # noqa: PLR0913 - what for whom, when, by whom
    *, lot: Lot, numbers: Sequence[str], plates: Sequence[str], time: BookedTime, by: User, at: datetime
) -> list[Reservation]:
    """Keep bays for the cars with these plates, one each, as bookings that a person of the operator makes.

    They are held at once. Raises InvalidValueError unless there are as many plates as bays, UnknownSpotError,
    SpotInUseError, and what `book` raises.
    """
    lock_lot(lot.pk)
    spots = spots_named(lot, numbers)
    if len(plates) != len(spots):
        raise InvalidValueError(
            _("Type as many plates as spots are selected, with commas between them."), path="plates"
        )
    taken = [spot for spot in spots if spot.status != SpotStatus.AVAILABLE]
    if taken:
        told = [_("%(spot)s is not free.") % {"spot": spot.number} for spot in taken[:MOST_TOLD]]
        raise SpotInUseError(" ".join(told), errors=[FieldError("plates", one) for one in told])
    made = []
    # In one order, as everybody who books for several waits for the same names in it.
    for plate, spot in sorted(zip(plates, spots, strict=True), key=lambda pair: readable_plate(pair[0])):
        wish = BookingWish(time=time, plate=plate, spot_type=spot.spot_type, spot=spot.number)
        booking = book(lot=lot, wish=wish, at=at, booked_by=by)
        hold_spot(spot=spot, reservation_id=booking.pk)
        made.append(booking)
    return made


def _refuse_closed_with_others(spots: Sequence[Spot], running: Sequence[Blackout]) -> None:
    for blackout in running:
        for spot in spots:
            closes = blackout.closes_place(spot.level_id, spot.spot_type, spot=spot.pk, number=None)
            if closes and not blackout.bays:
                text = _("%(spot)s is closed together with others: %(reason)s. Open them under Bookings, Blackouts.")
                raise BayClosedError(text % {"spot": spot.number, "reason": blackout.reason})


def _refuse_booked(bookings: ReservationQuerySet, path: str) -> None:
    booked = list(dict.fromkeys(bookings.order_by("spot__ordinal").values_list("spot__number", flat=True)))
    if booked:
        told = [_("%(spot)s is booked.") % {"spot": number} for number in booked[:MOST_TOLD]]
        raise SpotInUseError(" ".join(told), errors=[FieldError(path, one) for one in told])
