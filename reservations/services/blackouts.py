"""Closing places for a time: no booking is placed there, those that stand in the way are moved or listed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import InvalidValueError
from lots.compatibility import SpotType
from lots.models import Level, Lot, SpotCount
from lots.services import lock_lot
from reservations.booked_time import BookedTime
from reservations.models import ActKind, Blackout, BookingAct, Reservation, ReservationStatus
from reservations.queries import in_the_way
from reservations.services.acts import changes_between, keep_acts
from reservations.services.closing import close_what_is_due
from reservations.services.giving_places import let_go, move_away, other_place, put_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingPlan:
    """What to close and when: the whole lot, or those of a level, of a type, or the bays with these numbers.

    In a lot that only counts cars, so many `places` of a level and type. `moves`: bookings that stand in the way are
    given other places as far as they may be moved; else all stay where they are, to be told by a person.
    """

    time: BookedTime
    reason: str
    level: Level | None = None
    spot_type: str = ""
    bays: Sequence[str] = ()
    places: int | None = None
    moves: bool = True


@dataclass(frozen=True, slots=True)
class MadeBlackout:
    """A blackout, the bookings that were moved for it, and those that still stand in its way."""

    blackout: Blackout
    moved: list[Reservation] = field(default_factory=list)
    left: list[Reservation] = field(default_factory=list)


@transaction.atomic
def preview_blackout(*, lot: Lot, plan: ClosingPlan, by: User, at: datetime) -> MadeBlackout:
    """Return what closing places would do, and write nothing. Raises what `make_blackout` raises."""
    made = make_blackout(lot=lot, plan=plan, by=by, at=at)
    transaction.set_rollback(True)
    return made


@transaction.atomic
def make_blackout(*, lot: Lot, plan: ClosingPlan, by: User, at: datetime) -> MadeBlackout:
    """Close places from now on to new bookings in its time, and move those that stand in the way as far as they may.

    What is left keeps its place on paper, is marked with `place_lost_at`, and is tried again before it starts. Gates
    follow at once or, when it begins later, by `apply_blackouts`. Raises InvalidValueError.
    """
    lock_lot(lot.pk)
    blackout = _new(lot, plan, by, at)
    blackout.save(force_insert=True)
    waiting = in_the_way(blackout)
    moved = _move(lot, waiting, by, at) if plan.moves else []
    left = [one for one in waiting if one not in moved]
    lost = [one for one in left if one.status != ReservationStatus.ACTIVE]
    for booking in lost:
        let_go(booking)
    Reservation.objects.filter(pk__in=[one.pk for one in lost], place_lost_at=None).update(place_lost_at=at)
    if blackout.starts_at <= at:
        close_what_is_due(lot=lot, at=at)
    return MadeBlackout(blackout, moved, left)


@transaction.atomic
def lift_blackout(*, blackout: Blackout, by: User, at: datetime) -> Blackout:
    """Open the places of a blackout again before its time; bookings left in its way have their places again.

    Idempotent.
    """
    lock_lot(blackout.lot_id)
    blackout = Blackout.objects.select_related("lot", "level").get(pk=blackout.pk)
    if blackout.lifted_at is None and blackout.ends_at > at:
        found = in_the_way(blackout)
        blackout.lifted_at, blackout.lifted_by = at, by
        blackout.save(update_fields=["lifted_at", "lifted_by"])
        again = [one.pk for one in found if one.status != ReservationStatus.ACTIVE and not is_closed(one)]
        Reservation.objects.filter(pk__in=again).update(place_lost_at=None)
        close_what_is_due(lot=blackout.lot, at=at)
    return blackout


def is_closed(booking: Reservation) -> bool:
    """Return whether the place of a booking is closed at some time of it."""
    closed = Blackout.objects.filter(lot=booking.lot_id, lifted_at=None)
    overlapping = closed.filter(starts_at__lt=booking.during.upper, ends_at__gt=booking.during.lower)
    return any(one.closes(booking) for one in overlapping)


def _new(lot: Lot, plan: ClosingPlan, by: User, at: datetime) -> Blackout:
    if plan.time.end <= max(plan.time.start, at):
        raise InvalidValueError(_("The end is before the start, or over already. Check both times."), path="end")
    blackout = Blackout(
        lot=lot,
        level=plan.level,
        spot_type=plan.spot_type,
        starts_at=plan.time.start,
        ends_at=plan.time.end,
        reason=plan.reason,
        made_by=by,
        made_at=at,
    )
    if plan.bays:
        blackout.bays = _bays(lot, plan.bays)
    if plan.places is not None:
        blackout.places, blackout.first_place = plan.places, _first_place(blackout, plan.places)
    return blackout


def _bays(lot: Lot, numbers: Sequence[str]) -> list[int]:
    known = dict(lot.spots.filter(number__in=numbers).values_list("number", "pk"))
    for number in numbers:
        if number not in known:
            raise InvalidValueError(_("%(lot)s has no spot %(spot)s.") % {"lot": lot.name, "spot": number}, path="bays")
    return sorted(known.values())


def _first_place(blackout: Blackout, places: int) -> int:
    """Return from which number on places are closed: the highest that are not closed then already."""
    lot, level, spot_type = blackout.lot, blackout.level, blackout.spot_type
    if lot.counts_spots or level is None or not spot_type:
        raise InvalidValueError(_("Choose a level and a kind to close only some of its places."), path="places")
    then = Blackout.objects.filter(lot=lot, lifted_at=None)
    then = then.filter(starts_at__lt=blackout.ends_at, ends_at__gt=blackout.starts_at)
    total = SpotCount.objects.filter(level=level, spot_type=spot_type).values_list("total", flat=True).first() or 0
    firsts = [one.first_place or 1 for one in then if one.closes_type(level.pk, SpotType(spot_type))]
    first = min([total + 1, *firsts]) - places
    if first < 1:
        raise InvalidValueError(_("So many places are not open there at that time."), path="places")
    return first


def _move(lot: Lot, waiting: Sequence[Reservation], by: User, at: datetime) -> list[Reservation]:
    """Give bookings other places, the earliest first, and return those that have one; the lot's lock is held."""
    moved, acts = [], []
    for booking in waiting:
        if booking.status == ReservationStatus.ACTIVE or booking.asked_for or booking.starts_at <= at:
            continue
        placing = other_place(booking, at=at)
        if placing is None:
            continue
        before = Reservation(spot=booking.spot)
        let_go(booking)
        move_away(lot, placing)
        put_at(booking, placing.place)
        booking.save(update_fields=["spot", "level", "place", "place_lost_at"])
        told = {name: value for name, value in changes_between(before, booking).items() if name == "spot"}
        acts.append(BookingAct(booking=booking, kind=ActKind.MOVED, by=by, at=at, changes=told))
        moved.append(booking)
    keep_acts(acts)
    return moved
