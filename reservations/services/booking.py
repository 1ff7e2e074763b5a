"""Booking a place."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from accounts.models import Permit, PermitKind, User
from accounts.vehicles import VehicleType
from billing.quoting import tariff_for
from billing.services import CodeUser, PayBy, take_use
from common.db.constraints import constraint_of
from common.errors import ConflictError, DomainError, InvalidValueError
from common.plates import MAX_RAW_LENGTH, as_typed, normalise, skeleton
from lots.booking_rules import Prepay
from lots.calendar import local_day
from lots.compatibility import SpotType, VehicleProfile, spot_types_for
from lots.models import Lot
from lots.services import lock_lot
from reservations.booked_time import BookedTime, check_period
from reservations.booker_phones import GivenPhone, verified_phone
from reservations.booking_codes import new_booking_code
from reservations.booking_mails import CONFIRM, mail_booker
from reservations.booking_mails import CONFIRMED as BOOKED
from reservations.free_places import PlaceKey
from reservations.limits import Booker, check_account, check_booker, lock_booker
from reservations.models import Reservation, ReservationStatus
from reservations.offering import TERMS, code_to_book, priced_for, priced_of, promised_period
from reservations.policy import free_until
from reservations.services.giving_places import asked_spot, move_away, place_for, put_at, refusal_of
from reservations.services.paying import HELD_AT_MOST, pay_booking
from reservations.services.settling import new_charge_locked

CONFIRMED = ReservationStatus.CONFIRMED
KEY_ONCE = "reservations_reservation_idempotency_key_key"


class NotBookableError(ConflictError):
    """The lot takes no bookings."""

    code = "not_bookable"


class BookingKeyUsedError(DomainError):
    """The idempotency key was used for another booking."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingWish:
    """What to book: `spot` is the number of a particular one, '' for any of the type."""

    time: BookedTime
    plate: str
    spot_type: str = SpotType.REGULAR
    spot: str = ""
    vehicle_type: str = VehicleType.REGULAR
    promo_code: str = ""


def book(  # noqa: PLR0913 - who, what, when
    *,
    lot: Lot,
    wish: BookingWish,
    at: datetime,
    driver: User | None = None,
    email: str = "",
    booked_by: User | None = None,
    idempotency_key: str | None = None,
    pay_by: PayBy | None = None,
    phone: GivenPhone | None = None,
) -> Reservation:
    """Book a place for a driver, or for a guest with an address; `booked_by` a person of the operator, also for nobody.

    Where bookings are prepaid the card to `pay_by` is asked, which must not be inside a transaction: look at the
    status, pending while its payment's outcome is not known or the payer has to act on its page. A guest's unpaid
    booking is pending until the address is confirmed. The operator's people are not bound by the limits of a person,
    and prepay nothing. The same key, wish and card give the first booking, whose payment is gone on with. Where the lot
    asks for a `phone` its code comes first: without one it is sent, and nothing is booked; not inside a transaction.

    Raises InvalidPeriodError, InvalidValueError, PlateError, NoTariffError (409), NotBookableError (409),
    NoAvailabilityError (409), BookingLimitError (409), AlreadyBookedError (409), BookingBlockedError (403),
    AccountDeletedError (403), BookingKeyUsedError, CodeUsedUpError (409), PaymentDeclinedError (402),
    PaymentRunningError (409), and what
    `verified_phone` raises.
    """
    check_period(wish.time, at=at)
    booker = _booker(wish, driver, email, by_operator=booked_by is not None)
    given = phone or GivenPhone()
    number = verified_phone(booker, lot, given, at=at) if booked_by is None else ""
    by = pay_by or PayBy()
    booking = _reserve(lot, wish, _BookingOrder(booker, booked_by, idempotency_key, by, number), at)
    return booking if booking.prepay == Prepay.NONE else pay_booking(booking=booking, by=by, at=at)


@dataclass(frozen=True, slots=True)
class _BookingOrder:
    booker: Booker
    booked_by: User | None
    key: str | None
    pay_by: PayBy
    phone: str


@transaction.atomic
def _reserve(lot: Lot, wish: BookingWish, order: _BookingOrder, at: datetime) -> Reservation:
    """Write the booking that keeps its place, with the charge that it is paid by, if it is to be."""
    lock_lot(lot.pk)
    booker, is_ours = order.booker, order.booked_by is not None
    fingerprint = _fingerprint(lot, wish, order)
    earlier = _earlier(order.key, fingerprint)
    if earlier is not None:
        return earlier
    lot = Lot.objects.select_related("operator").get(pk=lot.pk)
    if not is_ours and (not lot.bookable or lot.archived_at is not None):
        raise NotBookableError(_("%(lot)s can't be booked.") % {"lot": lot.name})
    check_vehicle(lot, wish.vehicle_type, wish.spot_type, booker.plate, wish.time)
    lock_booker(booker)
    check_account(booker)
    must_prepay = check_booker(booker, lot, wish.time, at=at, binds=not is_ours)
    booking = _new_booking(lot, wish, booker, at)
    if wish.promo_code:
        _use_code(booking, wish.promo_code, at)
    booking.booked_by, booking.idempotency_key, booking.fingerprint = order.booked_by, order.key, fingerprint
    booking.phone = order.phone
    if not is_ours:
        booking.prepay = _prepay_of(booking, at, must_prepay=must_prepay)
        is_guest = booker.driver is None
        booking.status = CONFIRMED if booking.prepay == Prepay.NONE and not is_guest else ReservationStatus.PENDING
    _write(booking, wish, at)
    if booking.prepay == Prepay.NONE:
        mail_booker(booking, BOOKED if booking.status == CONFIRMED else CONFIRM, at=at)
    return booking


def _earlier(key: str | None, fingerprint: str) -> Reservation | None:
    """Return the booking that a key stands for already. Raises BookingKeyUsedError for another wish."""
    if not key:
        return None
    related = Reservation.objects.select_related("lot", "charge", "driver", "tariff")
    earlier = related.filter(idempotency_key=key).first()
    if earlier is not None and earlier.fingerprint != fingerprint:
        raise _key_used()
    return earlier


def _prepay_of(booking: Reservation, at: datetime, *, must_prepay: bool) -> str:
    """Return how a booking is paid: at once where a hold would end before it does."""
    wanted = Prepay(booking.lot.prepay)
    if must_prepay and wanted is Prepay.NONE:
        wanted = Prepay.HOLD
    if not booking.price_amount:
        return Prepay.NONE
    return Prepay.CAPTURE if wanted is Prepay.HOLD and booking.ends_at > at + HELD_AT_MOST else wanted


def check_vehicle(lot: Lot, vehicle_type: str, spot_type: str, plate: str, time: BookedTime) -> None:
    """Refuse a type of spot that a vehicle may not use; an accessible one needs a permit on file for all the time.

    Raises InvalidValueError.
    """
    permit = spot_type == SpotType.HANDICAP and _has_permit(lot, plate, time)
    profile = VehicleProfile(VehicleType(vehicle_type), electric=spot_type == SpotType.EV, permit=permit)
    if spot_type in spot_types_for(profile):
        return
    if spot_type == SpotType.HANDICAP and not permit:
        raise InvalidValueError(_("Accessible spots need a permit on file for this plate."), path="spot_type")
    raise InvalidValueError(_("This vehicle doesn't fit into such a spot."), path="spot_type")


def readable_plate(plate: str) -> str:
    """Return a plate as it is compared. Raises PlateError, InvalidValueError for a text without one."""
    normalised = normalise(plate)
    # In capitals some letters are several, which makes a text longer. Cameras send words for a car without a plate.
    if normalised is None or normalised in settings.NO_PLATE_WORDS["camera"] or len(as_typed(plate)) > MAX_RAW_LENGTH:
        raise InvalidValueError(_("Type the plate as it is on the car."), path="plate")
    return normalised


def _booker(wish: BookingWish, driver: User | None, email: str, *, by_operator: bool) -> Booker:
    address = (driver.email if driver else email).strip().lower()
    if not address and not by_operator:
        raise InvalidValueError(_("Enter your email address."), path="email")
    return Booker(driver, address, readable_plate(wish.plate))


def _fingerprint(lot: Lot, wish: BookingWish, order: _BookingOrder) -> str:
    """Return a digest of what was asked; it gives no token away."""
    by = order.pay_by
    body = [lot.pk, wish.time.start.timestamp(), wish.time.end.timestamp(), wish.spot_type, wish.spot]
    body += [by.token, by.saved_method.pk if by.saved_method else None]
    body += [wish.vehicle_type, *order.booker.names()]
    body += [wish.promo_code] if wish.promo_code else []
    return hashlib.sha256(json.dumps(body).encode()).hexdigest()


def _has_permit(lot: Lot, plate: str, time: BookedTime) -> bool:
    first, last = local_day(lot, time.start), local_day(lot, time.end)
    of_plate = Permit.objects.filter(operator=lot.operator_id, plate_normalised=plate, kind=PermitKind.ACCESSIBLE)
    permits = of_plate.filter(valid_from__lte=first)
    return permits.exclude(valid_until__lt=last).exists()


def _new_booking(lot: Lot, wish: BookingWish, booker: Booker, at: datetime) -> Reservation:
    """Return the booking without its place, priced by the tariff of now."""
    tariff, wanted = tariff_for(lot, wish.time.start), promised_period(lot, wish.time)
    priced = priced_for(lot, tariff, wish.spot_type, wish.time, vehicle_type=wish.vehicle_type)
    return Reservation(
        code=new_booking_code(secrets.randbelow),
        token=secrets.token_urlsafe(16),
        lot=lot,
        driver=booker.driver,
        email=booker.email,
        plate=as_typed(wish.plate),
        plate_normalised=booker.plate,
        plate_skeleton=skeleton(booker.plate),
        vehicle_type=wish.vehicle_type,
        spot_type=wish.spot_type,
        starts_at=wish.time.start,
        ends_at=wish.time.end,
        during=DateTimeTZRange(*wanted),
        status=CONFIRMED,
        tariff=tariff,
        multiplier=Decimal(1),
        price_amount=priced.price(wish.time).total,
        cancel_free_until=free_until(wish.time.start, lot.cancel_minutes),
        created_at=at,
        **{name: getattr(lot, name) for name in TERMS},
    )


def _use_code(booking: Reservation, typed: str, at: datetime) -> None:
    """Take a use of a promo code with a new booking, and lower its price; who is refused later gives it back."""
    lot, by = booking.lot, CodeUser(person=booking.driver, email=booking.email, plate=booking.plate_normalised)
    use = take_use(code=code_to_book(lot, typed, at=at, by=by), by=by, at=at)
    booking.promo_use, booking.discounts = use, [use.as_discount()]
    booking.price_amount = priced_of(booking).price(booking.time).total


def _write(booking: Reservation, wish: BookingWish, at: datetime) -> None:
    """Give a new booking its place and write both, with the moves that it needs."""
    lot, wanted = booking.lot, promised_period(booking.lot, booking.time)
    spot = asked_spot(lot, wish.spot, wish.spot_type) if wish.spot else None
    asked = PlaceKey(spot.level_id, spot.pk) if spot else None
    placing = place_for(lot, wish.spot_type, wanted, at=at, asked=asked)
    booking.asked_for = spot is not None
    put_at(booking, placing.place)
    try:
        move_away(lot, placing)
        if booking.prepay != Prepay.NONE:
            booking.charge = new_charge_locked(booking, at=at)
        booking.save(force_insert=True)
    except IntegrityError as error:
        # Another lot's lock keeps nobody from using the key there at this instant.
        raise _key_used() if constraint_of(error) == KEY_ONCE else refusal_of(error) from error


def _key_used() -> BookingKeyUsedError:
    return BookingKeyUsedError(_("This idempotency key was already used for another booking."))
