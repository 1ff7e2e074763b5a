"""The rules of a tariff, as values that never change."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from billing.pricing.plans import Band, Cap, Periods, Plan, Step, StepsBeyond
from billing.pricing.timetable import Timetable, compile_timetable
from billing.pricing.windows import HOLIDAY, WHOLE_DAY, Window

__all__ = ["Band", "BlockCap", "Cap", "Package", "Periods", "Plan", "Step", "StepsBeyond", "TariffRules"]

SPOT_TYPES = ("compact", "regular", "large", "motorcycle", "handicap", "ev")


@dataclass(frozen=True, slots=True)
class BlockCap:
    """The most that `periods` consecutive periods may cost; blocks follow each other from the first period on."""

    periods: int
    price: int


@dataclass(frozen=True, slots=True)
class Package:
    """The most a stay costs whose entry and exit fit; `max_hours` counts elapsed time from entry to exit."""

    price: int
    name: str = ""
    days: tuple[str, ...] = ()
    entry: Window = WHOLE_DAY
    exit: Window = WHOLE_DAY
    max_hours: int = 24


@dataclass(frozen=True)
class TariffRules:
    """All that decides a price. `day_starts_at` is a minute of the day, or None when days count from entry."""

    plans: tuple[Plan, ...]
    caps: tuple[Cap, ...] = ()
    block_caps: tuple[BlockCap, ...] = ()
    packages: tuple[Package, ...] = ()
    grace_minutes: int = 0
    free_minutes: int = 0
    exit_grace_minutes: int = 15
    minimum_charge: int = 0
    lost_ticket_fee: int = 0
    tax_percent: Decimal = Decimal(0)
    tax_included: bool = True
    day_starts_at: int | None = None

    @cached_property
    def names_holiday(self) -> bool:
        """Whether holidays are days of their own here: a plan names them."""
        return any(HOLIDAY in plan.days for plan in self.plans)

    @cached_property
    def timetable(self) -> Timetable:
        """The rules laid out for fast reading, worked out once."""
        return compile_timetable(self.plans, self.caps)
