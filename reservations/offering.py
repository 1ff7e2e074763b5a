"""What a lot offers over a period: how many places, at which price, and what changes of mind would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.vehicles import VehicleType
from billing.models import PromoCode, Tariff
from billing.models.promo_codes import discount_of
from billing.pricing import Price, kept_discounts
from billing.quoting import tariff_for
from billing.services import CodeUser, check_uses, find_code
from billing.tariffs import rules_of
from lots.calendar import holidays_of, zone_of
from lots.models import Lot
from reservations.booked_time import BookedTime, check_period
from reservations.free_places import PlaceKey, load_stock
from reservations.models import Reservation
from reservations.placing import Period
from reservations.policy import BookingPolicy, BookingTerms, Priced, free_until, policy_of

NOBODY = CodeUser()
TERMS = tuple(field.name for field in fields(BookingTerms))


@dataclass(frozen=True, slots=True)
class BookingOffer:
    """What booking one of `available` places would cost; nothing is kept."""

    available: int
    price: Price
    currency: str
    policy: BookingPolicy


def offer_booking(  # noqa: PLR0913 - what, when, for whom
    lot: Lot,
    spot_type: str,
    time: BookedTime,
    *,
    at: datetime,
    vehicle_type: str = VehicleType.REGULAR,
    code: PromoCode | None = None,
) -> BookingOffer:
    """Return what a lot offers a vehicle of a spot type over a period, with a promo code that is only looked at.

    Raises InvalidPeriodError, NoTariffError (409) and NoPlanError.
    """
    check_period(time, at=at)
    kept = [discount_of(code)] if code is not None else []
    tariff = tariff_for(lot, time.start)
    priced = priced_for(lot, tariff, spot_type, time, vehicle_type=vehicle_type, discounts=kept)
    price, terms = priced.price(time), terms_of(lot)
    policy = policy_of(
        priced,
        time,
        terms,
        price=price.total,
        cancel_free_until=free_until(time.start, terms.cancel_minutes),
        early_minutes=lot.early_minutes,
    )
    return BookingOffer(_available(lot, spot_type, time, at), price, lot.currency, policy)


def code_to_book(lot: Lot, typed: str, *, at: datetime, by: CodeUser = NOBODY) -> PromoCode:
    """Return the code that a text means for a booking; it is only looked at.

    Raises InvalidValueError and CodeUsedUpError (409).
    """
    code = find_code(lot, typed, at=at)
    check_uses(code, by)
    return code


class SpotToAskFor(NamedTuple):
    """A spot of a type, and whether it can be booked all of a period."""

    number: str
    level: str
    is_free: bool


def spots_to_ask_for(  # noqa: PLR0913 - what, when, for whom
    lot: Lot,
    spot_type: str,
    time: BookedTime,
    *,
    at: datetime,
    also: str = "",
    without: Reservation | None = None,
) -> list[SpotToAskFor]:
    """Return the spots of a type with whether they are free all of a period, in the lot's order.

    The spot `also` is, too, if others can be moved off it; what the booking `without` has is free. None have numbers
    where cars are only counted.
    """
    if not lot.counts_spots:
        return []
    wanted = promised_period(lot, time)
    stock = load_stock(lot, spot_type, wanted, at=at, without=without)
    stretches = stock.free_stretches(wanted) if stock.room(wanted) else ()
    free = {stretch.place.spot_id for stretch in stretches}
    spots = lot.spots.filter(spot_type=spot_type).order_by("level__number", "ordinal", "pk")
    return [
        SpotToAskFor(
            number,
            level,
            pk in free or (number == also and bool(stock.cleared_place(wanted, PlaceKey(level_id, pk)))),
        )
        for pk, level_id, level, number in spots.values_list("pk", "level_id", "level__name", "number")
    ]


def policy_of_booking(booking: Reservation) -> BookingPolicy:
    """Return what the changes of mind about a booking cost, by what was agreed to."""
    return policy_of(
        priced_of(booking),
        booking.time,
        terms_of(booking),
        price=booking.price_amount,
        cancel_free_until=booking.cancel_free_until,
        early_minutes=booking.lot.early_minutes,
    )


def priced_of(booking: Reservation) -> Priced:
    """Return what prices a booking."""
    return priced_for(
        booking.lot,
        booking.tariff,
        booking.spot_type,
        booking.time,
        multiplier=booking.multiplier,
        vehicle_type=booking.vehicle_type,
        discounts=booking.discounts,
    )


def priced_for(  # noqa: PLR0913 - each one decides the price
    lot: Lot,
    tariff: Tariff,
    spot_type: str,
    time: BookedTime,
    *,
    multiplier: Decimal = Decimal(1),
    vehicle_type: str = VehicleType.REGULAR,
    discounts: Sequence[Mapping[str, Any]] = (),
) -> Priced:
    """Return what prices a booking of a lot that is yet to be made, with the discounts that it will keep."""
    return Priced(
        rules=rules_of(tariff),
        spot_type=spot_type,
        timezone=zone_of(lot),
        holidays=holidays_of(lot, time.start, time.end),
        multiplier=multiplier,
        vehicle_type=vehicle_type,
        discounts=kept_discounts(discounts),
    )


def terms_of(source: Lot | Reservation) -> BookingTerms:
    """Return the terms that a lot has now, or that were agreed to with a booking."""
    return BookingTerms(**{name: getattr(source, name) for name in TERMS})


def promised_period(lot: Lot, time: BookedTime) -> Period:
    """Return the period in which nobody else may be promised the place of a booking."""
    return Period(time.start, time.end + timedelta(minutes=lot.turnaround_minutes))


def _available(lot: Lot, spot_type: str, time: BookedTime, at: datetime) -> int:
    wanted = promised_period(lot, time)
    stock = load_stock(lot, spot_type, wanted, at=at)
    room = stock.room(wanted) if lot.bookable else 0
    return room if room and (stock.free_place(wanted) or stock.cleared_place(wanted)) else 0
