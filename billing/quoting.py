"""What a stay or a booking would cost, without anything being written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from billing.models import Tariff
from billing.pricing import Price, parse_discounts, price_reservation, price_stay
from billing.tariffs import is_valid_on, rules_of, tariff_on
from common.errors import ConflictError, InvalidValueError
from common.time import day_words
from lots.calendar import holidays_of, local_day, zone_of
from lots.compatibility import SpotType
from lots.models import Lot

LONGEST_QUOTE = timedelta(days=366)


class NoTariffError(ConflictError):
    """The lot has no tariff on the day the stay would begin."""

    code = "no_tariff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody would like to know the price of; both instants are aware."""

    entry: datetime
    exit: datetime
    spot_type: str = SpotType.REGULAR
    discounts: Sequence[Mapping[str, Any]] = ()
    reservation: bool = False


def quote(lot: Lot, wish: Wish, *, known: Tariff | None = None) -> Price:
    """Price a stay (or, as a reservation, a booking) by the tariff valid on the local day it begins.

    No tariff is looked up when the `known` one of the lot, which is in force, is valid on that day. Raises
    NoTariffError, InvalidValueError for an exit before the entry or a stay of more than a year, and what the pricing
    engine raises for discounts.
    """
    _check_times(wish)
    day = local_day(lot, wish.entry)
    tariff = known if known is not None and is_valid_on(known, day) else tariff_on(lot, day)
    if tariff is None:
        raise NoTariffError(f"{lot.name} has no prices for {day_words(day)}.")
    return _price(lot, tariff, wish)


def _check_times(wish: Wish) -> None:
    if wish.exit < wish.entry:
        raise InvalidValueError("The exit lies before the entry. Check both times.", path="exit")
    if wish.exit - wish.entry > LONGEST_QUOTE:
        raise InvalidValueError(f"A quote covers at most {LONGEST_QUOTE.days} days.", path="exit")


def _price(lot: Lot, tariff: Tariff, wish: Wish) -> Price:
    terms: dict[str, Any] = {
        "spot_type": wish.spot_type,
        "timezone": zone_of(lot),
        "holidays": holidays_of(lot, wish.entry, wish.exit),
        "discounts": parse_discounts(list(wish.discounts), "discounts"),
    }
    if wish.reservation:
        return price_reservation(rules_of(tariff), start=wish.entry, end=wish.exit, **terms)
    return price_stay(rules_of(tariff), entry=wish.entry, exit=wish.exit, **terms)
