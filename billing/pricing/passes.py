"""Prices the parts of a stay outside a pass's days and hours."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing.pricing.discounts import NO_DISCOUNTS
from billing.pricing.lines import Price
from billing.pricing.price import ONE, price_of
from billing.pricing.rules import USUAL_VEHICLE, TariffRules
from billing.pricing.stays import Stay, make_stay
from billing.pricing.windows import DAY_SECONDS, HOLIDAY, WHOLE_DAY, Window, day_bit, day_mask, day_numbers


@dataclass(frozen=True, slots=True)
class PassHours:
    """When a pass covers a stay: its window on its days (none means all), from `first_date` to `last_date` inclusive.

    A holiday counts as `holiday` instead of its weekday when the pass names holidays.
    """

    days: tuple[str, ...] = ()
    window: Window = WHOLE_DAY
    first_date: date | None = None
    last_date: date | None = None


def price_outside_pass(  # noqa: PLR0913 - each one decides the price, and all are named
    rules: TariffRules,
    *,
    hours: PassHours,
    entry: datetime,
    exit: datetime,  # noqa: A002
    spot_type: str,
    timezone: ZoneInfo,
    holidays: Collection[date] = (),
    multiplier: Decimal = ONE,
    vehicle_type: str = USUAL_VEHICLE,
) -> Price:
    """Price each interval that the pass does not cover as a separate stay without grace, and add them up.

    Free minutes, packages and the minimum apply to each interval. Raises what `price_stay` raises.
    """
    stay = make_stay(
        rules,
        entry=entry,
        exit_=exit,
        spot_type=spot_type,
        vehicle_type=vehicle_type,
        timezone=timezone,
        holidays=holidays,
        multiplier=multiplier,
        grace=False,
        free=True,
    )
    pass_holidays = day_numbers(holidays if HOLIDAY in hours.days else ())
    prices = [
        price_of(replace(stay, entry=start, exit=end), NO_DISCOUNTS)
        for start, end in _uncovered(stay, hours, pass_holidays)
    ]
    lines = tuple(line for price in prices for line in price.lines)
    return Price(sum(price.total for price in prices), sum(price.tax for price in prices), lines)


def _uncovered(stay: Stay, hours: PassHours, holidays: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield the uncovered intervals, with adjacent ones merged."""
    begun: int | None = None
    for start, covered in _stretches(stay, hours, holidays):
        if covered and begun is not None:
            yield begun, start
            begun = None
        elif not covered and begun is None:
            begun = start
    if begun is not None:
        yield begun, stay.exit


def _stretches(stay: Stay, hours: PassHours, holidays: frozenset[int]) -> Iterator[tuple[int, bool]]:
    """Yield the instants at which cover may change, and whether the stay is covered from there."""
    edges = sorted({hours.window.opens * 60, hours.window.closes * 60, DAY_SECONDS})
    instant = stay.entry
    while instant < stay.exit:
        offset, until = stay.clock.offset_at(instant)
        day, second = divmod(instant + offset, DAY_SECONDS)
        yield instant, _covers(hours, day, second, holidays)
        instant = min(until, instant + next(edge for edge in edges if edge > second) - second)


def _covers(hours: PassHours, day: int, second: int, holidays: frozenset[int]) -> bool:
    opened = day - hours.window.days_back(second)
    first = min(day_numbers([hours.first_date or date.min]))
    last = min(day_numbers([hours.last_date or date.max]))
    return (
        hours.window.holds(second)
        and first <= opened <= last
        and bool(day_mask(hours.days) & day_bit(opened, holidays))
    )
