"""Quotes: what a stay or a booking would cost; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from billing.models import Tariff
from billing.models.promo_codes import discount_of
from billing.pricing import Discounts, Price, kept_discounts, parse_discounts, price_reservation, price_stay
from billing.pricing.rules import USUAL_VEHICLE
from billing.services.promo_codes import CodeUser, check_uses, find_code
from billing.tariffs import is_valid_on, rules_of, tariff_on
from common.errors import ConflictError, InvalidValueError
from common.translation import day_said
from lots.calendar import holidays_of, local_day, zone_of
from lots.compatibility import SpotType
from lots.models import Lot

LONGEST_QUOTE = timedelta(days=366)


class NoTariffError(ConflictError):
    """The lot has no tariff on the day the stay would begin."""

    code = "no_tariff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A stay or booking to quote; both instants are aware, and `stays_before` as for `price_stay`."""

    entry: datetime
    exit: datetime
    spot_type: str = SpotType.REGULAR
    vehicle_type: str = USUAL_VEHICLE
    discounts: Sequence[Mapping[str, Any]] = ()
    promo_code: str = ""
    reservation: bool = False
    stays_before: int = 0


def quote(lot: Lot, wish: Wish, *, known: Tariff | None = None, at: datetime | None = None) -> Price:
    """Price a stay or a booking by the tariff of the local day on which it begins.

    `known` is a tariff in force at the lot: while it is valid on that day no other is looked up. A promo code is looked
    at as of `at`. Raises NoTariffError, InvalidValueError (exit before entry, longer than a year, or no such code),
    CodeUsedUpError (409) and InvalidDiscountError.
    """
    _check_times(wish)
    return _price(lot, tariff_for(lot, wish.entry, known=known), wish, at)


def tariff_for(lot: Lot, start: datetime, *, known: Tariff | None = None) -> Tariff:
    """Return the tariff of the local day at an instant; `known` while it is valid then. Raises NoTariffError."""
    day = local_day(lot, start)
    tariff = known if known is not None and is_valid_on(known, day) else tariff_on(lot, day)
    if tariff is None:
        raise NoTariffError(_("%(lot)s has no prices for %(day)s.") % {"lot": lot.name, "day": day_said(day)})
    return tariff


def _check_times(wish: Wish) -> None:
    if wish.exit < wish.entry:
        raise InvalidValueError(_("The exit is before the entry. Check both times."), path="exit")
    if wish.exit - wish.entry > LONGEST_QUOTE:
        raise InvalidValueError(_("A quote covers at most %(days)s days.") % {"days": LONGEST_QUOTE.days}, path="exit")


def _discounts(lot: Lot, wish: Wish, at: datetime | None) -> Discounts:
    """Return the discounts of a wish, and those of its promo code as of `at`."""
    given = parse_discounts(list(wish.discounts), "discounts")
    if not wish.promo_code:
        return given
    code = find_code(lot, wish.promo_code, at=at or wish.entry)
    check_uses(code, CodeUser())
    kept = [{"name": "", "discount": discount} for discount in wish.discounts]
    return kept_discounts([*kept, discount_of(code)])


def _price(lot: Lot, tariff: Tariff, wish: Wish, at: datetime | None) -> Price:
    terms: dict[str, Any] = {
        "spot_type": wish.spot_type,
        "vehicle_type": wish.vehicle_type,
        "timezone": zone_of(lot),
        "holidays": holidays_of(lot, wish.entry, wish.exit),
        "discounts": _discounts(lot, wish, at),
    }
    if wish.reservation:
        return price_reservation(rules_of(tariff), start=wish.entry, end=wish.exit, **terms)
    return price_stay(rules_of(tariff), entry=wish.entry, exit=wish.exit, stays_before=wish.stays_before, **terms)
