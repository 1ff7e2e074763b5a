"""Changing a booking in place."""

import copy
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment, PaymentState
from billing.quoting import tariff_for
from billing.services import PayBy
from common.errors import ConflictError, DomainError, FieldError, InvalidValueError
from common.plates import as_typed, skeleton
from lots.booking_rules import Prepay
from lots.services import lock_lot
from reservations.booked_time import check_period
from reservations.booking_mails import CHANGED, mail_booker
from reservations.free_places import PlaceKey, place_of
from reservations.limits import Booker, BookingBlockedError, check_booker, lock_booker
from reservations.models import ActKind, Reservation, ReservationStatus
from reservations.offering import priced_of, promised_period
from reservations.placing import Placing
from reservations.policy import changed_price, free_until
from reservations.services.acts import changes_between, keep_act
from reservations.services.booking import check_vehicle, readable_plate
from reservations.services.giving_places import (
    NoAvailabilityError,
    asked_spot,
    let_go,
    move_away,
    place_for,
    put_at,
    refusal_of,
)
from reservations.services.no_shows import is_missed, miss_if_due
from reservations.services.paying import PaymentDeclinedError, charge_card, settle_booking
from reservations.services.settling import ask_more_locked, carry_out, settle_locked
from reservations.services.staying import cannot_stay

FIELDS = (
    *("plate", "plate_normalised", "plate_skeleton", "spot_type", "spot", "asked_for", "level", "place"),
    *("place_lost_at", "starts_at", "ends_at", "during", "tariff", "price_amount", "cancel_free_until", "sequence"),
)
COLUMNS = tuple(field.attname for field in Reservation._meta.concrete_fields if field.name in FIELDS)  # noqa: SLF001 - documented


class BookingStateError(ConflictError):
    """The booking is not in a state in which this can be done."""

    code = "booking_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingChange:
    """What to change of a booking; None keeps it. `spot` is a number, '' for any of the type."""

    start: datetime | None = None
    end: datetime | None = None
    spot: str | None = None
    spot_type: str | None = None
    plate: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedBooking:
    """A booking as it is after a change, and by how much its price rises (minor units; negative: falls).

    `payment` is that of the difference; while it is pending the booking is as it was.
    """

    booking: Reservation
    difference: int
    payment: Payment | None = None


def preview_change(
    *, booking: Reservation, change: BookingChange, at: datetime, by_operator: User | None = None
) -> ChangedBooking:
    """Return what a change would make of a booking, and write nothing. Raises what `change_booking` raises."""
    before = _loaded(booking)
    changed, _placing = _draft(before, _ChangeOrder(change, at=at, by_operator=by_operator), locks=False)
    return ChangedBooking(changed, changed.price_amount - before.price_amount)


def change_booking(
    *,
    booking: Reservation,
    change: BookingChange,
    at: datetime,
    by_operator: User | None = None,
    pay_by: PayBy | None = None,
) -> ChangedBooking:
    """Change the period, place, type or plate of a booking that has not ended; of one that is parked, a later end.

    A parked car keeps its place; others are moved for it. Once cancelling costs, the price falls no more. The same
    change again changes nothing. What a prepaid booking costs more is paid first, in the same way, with the card to
    `pay_by`, which must not be inside a transaction: while that `payment` is pending nothing is changed, and the same
    call again goes on with it. What it costs less goes back. A person of the operator (`by_operator`) is not bound by
    the limits of a person and needs no card: what it costs more is paid at the exit.

    Raises BookingStateError (409), NoAvailabilityError (409), AlreadyBookedError (409), BookingLimitError (409),
    BookingBlockedError (403), InvalidPeriodError, InvalidValueError, PlateError, NoTariffError (409),
    PaymentDeclinedError (402) and PaymentRunningError (409).
    """
    miss_if_due(booking=booking, at=at)
    order = _ChangeOrder(change, at=at, by_operator=by_operator)
    if booking.prepay != Prepay.NONE and by_operator is None:
        shown = preview_change(booking=booking, change=change, at=at)
        if shown.difference > 0 and shown.booking.missed_at is None:  # who came late pays the rest at the exit
            return _change_for_more(booking, order, pay_by or PayBy())
    changed = _apply(booking, order)
    carry_out(booking=changed.booking, at=at)
    return changed


@dataclass(frozen=True, slots=True)
class _ChangeOrder:
    change: BookingChange
    at: datetime
    by_operator: User | None

    def key_for(self, booking: Reservation, by: PayBy) -> str:
        """Return the idempotency key of what this change of a booking costs more, by a card."""
        change = self.change
        body = [booking.sequence, change.start, change.end, change.spot, change.spot_type, change.plate, by.token]
        body.append(by.saved_method.pk if by.saved_method else None)
        return f"booking-{booking.pk}-{hashlib.sha256(repr(body).encode()).hexdigest()[:32]}"


def _change_for_more(booking: Reservation, order: _ChangeOrder, by: PayBy) -> ChangedBooking:
    """Have the difference paid, then change the booking; what was paid goes back when it can't be changed any more."""
    before, charge, more = _ask_more(booking, order)
    payment = charge_card(before, charge, by, amount=more, key=order.key_for(before, by), at=order.at)
    if payment.state == PaymentState.PENDING:
        return ChangedBooking(before, more, payment)
    if max(payment.authorised_amount, payment.captured_amount) < more:
        settle_booking(booking=before, at=order.at)
        raise PaymentDeclinedError
    try:
        changed = _apply(before, order, paid=more)
    except DomainError:
        settle_booking(booking=before, at=order.at)
        raise
    return replace(changed, payment=payment)


@transaction.atomic
def _ask_more(booking: Reservation, order: _ChangeOrder) -> tuple[Reservation, Charge, int]:
    """Let the charge of a booking ask for what it costs after the change; return both, and the difference."""
    lock_lot(booking.lot_id)
    before = _loaded(booking)
    changed, _placing = _draft(before, order)
    charge = ask_more_locked(changed, at=order.at)
    before.unsettled_since = order.at
    before.save(update_fields=["unsettled_since"])
    return before, charge, changed.price_amount - before.price_amount


@transaction.atomic
def _apply(booking: Reservation, order: _ChangeOrder, *, paid: int | None = None) -> ChangedBooking:
    """Write a change, as long as it costs no more than what was paid for it."""
    lock_lot(booking.lot_id)
    before = _loaded(booking)
    changed, placing = _draft(before, order)
    difference = changed.price_amount - before.price_amount
    if all(getattr(changed, name) == getattr(before, name) for name in COLUMNS):
        return ChangedBooking(before, 0)
    if before.prepay != Prepay.NONE and before.missed_at is None:
        if order.by_operator is None and difference > (paid or 0):
            raise BookingStateError(_("The booking was changed meanwhile. Look at the price again."))
        # What was not prepaid falls first.
        more = difference if order.by_operator is not None or difference < 0 else 0
        changed.at_exit_amount = max(0, before.at_exit_amount + more)
    if place_of(changed) != place_of(before) or changed.starts_at != before.starts_at:
        let_go(before)
    changed.sequence += 1
    changed.unsettled_since = None
    try:
        if placing is not None:
            move_away(changed.lot, placing)
        if changed.prepay != Prepay.NONE:
            settle_locked(changed, at=order.at)
        changed.save(update_fields=[*FIELDS, "at_exit_amount", "unsettled_since", "charge"])
    except IntegrityError as error:
        raise refusal_of(error) from error
    told = changes_between(before, changed)
    keep_act(changed, ActKind.CHANGED, by=order.by_operator, at=order.at, changes=told)
    mail_booker(changed, CHANGED, at=order.at)
    return ChangedBooking(changed, difference)


def _loaded(booking: Reservation) -> Reservation:
    related = ("lot__operator", "tariff", "spot", "driver", "charge")
    return Reservation.objects.select_related(*related).get(pk=booking.pk)


def _draft(
    before: Reservation, order: _ChangeOrder, *, locks: bool = True
) -> tuple[Reservation, Placing[PlaceKey] | None]:
    """Return the booking as it would be, and its place with the moves that it needs, if it needs another.

    The one who books is locked, unless it is only looked at.
    """
    change, at = order.change, order.at
    changed = copy.copy(before)
    changed.starts_at, changed.ends_at = change.start or before.starts_at, change.end or before.ends_at
    changed.spot_type = change.spot_type or before.spot_type
    _require_changeable(before, changed, change, at)
    if change.plate is not None:
        changed.plate, changed.plate_normalised = as_typed(change.plate), readable_plate(change.plate)
        changed.plate_skeleton = skeleton(changed.plate_normalised)
    if (changed.spot_type, changed.plate_normalised) != (before.spot_type, before.plate_normalised):
        check_vehicle(changed.lot, changed.vehicle_type, changed.spot_type, changed.plate_normalised, changed.time)
    _check_booker(before, changed, at, binds=order.by_operator is None, locks=locks)
    _reprice(before, changed, at)
    return changed, _replace(before, changed, change, at)


def _require_changeable(before: Reservation, changed: Reservation, change: BookingChange, at: datetime) -> None:
    if before.status not in {ReservationStatus.CONFIRMED, ReservationStatus.ACTIVE} or is_missed(before, at):
        raise BookingStateError(_("This booking can't be changed any more."))
    if before.status == ReservationStatus.ACTIVE:
        fixed = {"start": changed.starts_at != before.starts_at, "spot_type": changed.spot_type != before.spot_type}
        fixed["spot"] = bool(change.spot) and (before.spot is None or change.spot != before.spot.number)
        fixed["plate"] = change.plate is not None and readable_plate(change.plate) != before.plate_normalised
        errors = [FieldError(name, _("The car is inside already.")) for name, moved in fixed.items() if moved]
        if errors:
            raise BookingStateError(_("While the car is inside only the end can be changed."), errors=errors)
        if changed.ends_at < before.ends_at:
            raise InvalidValueError(_("What is booked can't be shortened while the car is inside."), path="end")
    if changed.time != before.time:
        check_period(changed.time, at=at, begun=changed.starts_at == before.starts_at <= at)


def _check_booker(before: Reservation, changed: Reservation, at: datetime, *, binds: bool, locks: bool) -> None:
    if changed.time == before.time and changed.plate_normalised == before.plate_normalised:
        return
    booker = Booker(changed.driver, changed.email, changed.plate_normalised)
    if locks:
        lock_booker(booker)
    new_plate = changed.plate_normalised != before.plate_normalised
    must_prepay = check_booker(booker, changed.lot, changed.time, at=at, binds=binds and new_plate, but=before.pk)
    if must_prepay and changed.prepay == Prepay.NONE:
        message = _("This plate is let in only with a prepaid booking. Please book again.")
        raise BookingBlockedError(message, errors=[FieldError("plate", message)])


def _reprice(before: Reservation, changed: Reservation, at: datetime) -> None:
    if (changed.time, changed.spot_type) == (before.time, before.spot_type):
        return
    lot = changed.lot
    changed.tariff = tariff_for(lot, changed.starts_at, known=before.tariff)
    priced = priced_of(changed)
    free = before.cancel_free_until
    changed.price_amount = changed_price(before.price_amount, priced.price(changed.time).total, free, at=at)
    if at <= free:
        changed.cancel_free_until = free_until(changed.starts_at, before.cancel_minutes)


def _replace(
    before: Reservation, changed: Reservation, change: BookingChange, at: datetime
) -> Placing[PlaceKey] | None:
    """Set the place of a changed booking, and return it with the moves of others; None when it stays where it is."""
    lot, own, asked = changed.lot, place_of(before), None
    if change.spot is not None and before.status != ReservationStatus.ACTIVE:
        spot = asked_spot(lot, change.spot, changed.spot_type) if change.spot else None
        asked, changed.asked_for = (PlaceKey(spot.level_id, spot.pk) if spot else None), spot is not None
    elif changed.spot_type != before.spot_type:
        own, changed.asked_for = None, False
    if (changed.time, changed.spot_type) == (before.time, before.spot_type) and asked in {None, own}:
        return None
    if asked is None and (before.asked_for or before.status == ReservationStatus.ACTIVE):
        asked = own
    wanted = promised_period(lot, changed.time)
    changed.during = DateTimeTZRange(*wanted)
    # Its spot may be of another type than was booked: a free upgrade, or what the lane gave it.
    kept = before.spot.spot_type if before.spot and asked is not None and asked == own else changed.spot_type
    try:
        placing = place_for(lot, kept, wanted, at=at, asked=asked, kept=own, without=before)
    except NoAvailabilityError as error:
        if before.status != ReservationStatus.ACTIVE:
            raise
        raise cannot_stay(before, changed, kept, at) from error
    put_at(changed, placing.place)
    return placing
