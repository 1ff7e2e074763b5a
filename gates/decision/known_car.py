"""What an arriving car has at the lot already: a booking, a pass, a stay."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from gates.decision.context import Booking, Context, HeldPass, OpenStay, PlateRead
from lots.compatibility import spot_types_for
from tickets.matching import match_holders

STANDING = timedelta(minutes=10)
"""How long a car may stand in its entry lane and still be the same arrival."""


def booking_of(
    plate: str | None, bookings: Sequence[Booking], *, at: datetime, early_minutes: int, region: str | None = None
) -> Booking | None:
    """Return the booking whose window a car with this plate comes in; of several of one plate, the first to start.

    With a `region` only of those that meet it.
    """
    early = timedelta(minutes=early_minutes)
    running = [booking for booking in bookings if booking.start - early <= at < booking.end]
    return min(match_holders(plate, running, region), key=lambda booking: booking.start, default=None)


def has_just_left(left_at: datetime | None, *, at: datetime, reentry_minutes: int) -> bool:
    """Return whether a car that left at `left_at` comes back so soon that it gets no grace again."""
    return left_at is not None and timedelta(0) <= at - left_at <= timedelta(minutes=reentry_minutes)


def expected_booking(read: PlateRead, context: Context) -> Booking | None:
    """Return the booking that this car comes for."""
    if not context.bookings:
        return None
    region, minutes = context.region_of(read), context.policy.early_minutes
    return booking_of(read.plate, context.bookings, at=context.now, early_minutes=minutes, region=region)


def owes_prepayment(read: PlateRead, context: Context) -> bool:
    """Return whether this car is let in only with a prepaid booking, and comes without one."""
    if not any(block.prepay for block in context.blocks_of(read)):
        return False
    booking = expected_booking(read, context)
    return booking is None or not booking.prepaid


def passes_of_car(
    read: PlateRead, context: Context, inside: OpenStay | None
) -> tuple[HeldPass | None, HeldPass | None]:
    """Return the pass of this car that is valid now and has room, or the one whose pool is full.

    Of several the holder's own comes first, then the one that ends first. The place of a stay whose exit was missed is
    free again.
    """
    if not context.passes:
        return None, None
    fitting = {*spot_types_for(read.vehicle)}
    valid = [held for held in context.passes if held.valid_now and (not held.types or fitting & {*held.types})]
    own = sorted(match_holders(read.plate, valid, context.region_of(read)), key=_pass_order)
    for held in own:
        given_back = inside is not None and inside.pass_id == held.pass_id
        if held.pool_free is None or held.pool_free + given_back > 0:
            return held, None
    return None, next(iter(own), None)


def _pass_order(held: HeldPass) -> tuple[bool, date, int]:
    return not held.own, held.until or date.max, held.pass_id


def stays_of_car(read: PlateRead, context: Context) -> tuple[OpenStay | None, tuple[OpenStay, ...]]:
    """Return the stay that this car has, or those of which it may have one.

    A read without its region may be of any car with its plate; one that still stands in this lane is the one.
    """
    own = tuple(
        stay
        for stay in context.stays
        if stay.plate is not None and stay.plate == read.plate and context.meets(read, stay.region)
    )
    if len(own) <= 1 or not context.policy.plates_by_region:
        return next(iter(own), None), ()
    standing = [stay for stay in own if is_standing(stay, read, context)]
    return (standing[0], ()) if len(standing) == 1 else (None, own)


def is_standing(stay: OpenStay, read: PlateRead, context: Context) -> bool:
    """Return whether the car of a stay still stands in the lane that it came in by."""
    if stay.entry_gate != context.lane.code or abs(context.now - stay.entered_at) > STANDING:
        return False
    # Which cars came in between may not be known yet when records come late.
    return read.offline or not stay.others_since
