"""A stay as pricing sees it: whole seconds, the lot's clock and the rules."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from billing.pricing.errors import (
    ExitBeforeEntryError,
    InvalidMultiplierError,
    TimeOutOfRangeError,
    TimeWithoutZoneError,
)
from billing.pricing.rules import TariffRules
from billing.pricing.values import FIRST_YEAR, LAST_YEAR
from billing.pricing.wallclock import WallClock, wall_clock
from billing.pricing.windows import DAY_SECONDS, day_bit, day_numbers
from common.words import text as _

LONGEST_STAY_DAYS = 50 * 366
MULTIPLIER_BOUNDS = (Decimal("0.50"), Decimal("3.00"))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay to price. `entry` and `exit` are seconds since 1970 UTC, `holidays` days since 1970."""

    rules: TariffRules
    entry: int
    exit: int
    spot_type: str
    vehicle_type: str
    clock: WallClock
    holidays: frozenset[int]
    multiplier: Decimal
    grace_minutes: int
    free_minutes: int

    @property
    def priced_start(self) -> int:
        """Return the instant at which periods start: the entry plus the free minutes."""
        return self.entry + self.free_minutes * 60

    def day_bit(self, day: int) -> int:
        """Return the bit of a local day: a special date or `holiday` when a plan names it so, else its weekday."""
        return self.rules.special_bits.get(day) or day_bit(day, self.holidays)


def make_stay(  # noqa: PLR0913 - each one decides the price, and all are named
    rules: TariffRules,
    *,
    entry: datetime,
    exit_: datetime,
    spot_type: str,
    vehicle_type: str,
    timezone: tzinfo,
    holidays: Collection[date],
    multiplier: Decimal,
    grace: bool,
    free: bool,
) -> Stay:
    """Check and gather what a price depends on.

    Raises `TimeWithoutZoneError`, `TimeOutOfRangeError`, `ExitBeforeEntryError`, `InvalidMultiplierError`.
    """
    start, end = span_of(entry, exit_)
    if not (multiplier.is_finite() and MULTIPLIER_BOUNDS[0] <= multiplier <= MULTIPLIER_BOUNDS[1]):
        raise InvalidMultiplierError(_("The price multiplier must be between 0.50 and 3.00."))
    return Stay(
        rules=rules,
        entry=start,
        exit=end,
        spot_type=spot_type,
        vehicle_type=vehicle_type,
        clock=wall_clock(timezone),
        holidays=day_numbers(holidays if rules.names_holiday else ()),
        multiplier=multiplier,
        grace_minutes=rules.grace_minutes if grace else 0,
        free_minutes=rules.free_minutes if free else 0,
    )


def span_of(entry: datetime, exit_: datetime) -> tuple[int, int]:
    """Return the start and end of a stay as instants.

    Raises `TimeWithoutZoneError`, `TimeOutOfRangeError` and `ExitBeforeEntryError`.
    """
    start, end = instant_of(entry), instant_of(exit_)
    if end < start:
        raise ExitBeforeEntryError(_("The exit is before the entry. Check both times."))
    if end - start > LONGEST_STAY_DAYS * DAY_SECONDS:
        raise TimeOutOfRangeError(_("The stay is longer than fifty years. Check both times."))
    return start, end


def instant_of(moment: datetime) -> int:
    """Return an aware datetime as whole seconds since 1970 UTC.

    Raises `TimeWithoutZoneError` for a naive one and `TimeOutOfRangeError` outside the years 1970 to 2200.
    """
    if moment.utcoffset() is None:
        raise TimeWithoutZoneError(_("A time needs its offset from UTC, such as 2026-03-02T08:15:00+01:00."))
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise TimeOutOfRangeError(
            _("Times can be priced from the year %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)
        )
    elapsed = moment - _EPOCH
    return elapsed.days * DAY_SECONDS + elapsed.seconds
