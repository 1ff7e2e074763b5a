"""The rules of a tariff as immutable values."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from billing.pricing.plans import Band, Cap, LaterRate, Periods, Plan, Rate, Step, StepsBeyond
from billing.pricing.special_days import NAMES_BEFORE, SpecialDays
from billing.pricing.timetable import Timetable, compile_timetable
from billing.pricing.windows import EVENT, HOLIDAY, WEEKDAYS, WHOLE_DAY, Window, day_numbers

__all__ = [
    "Band",
    "BlockCap",
    "Cap",
    "LaterRate",
    "Package",
    "Periods",
    "Plan",
    "Rate",
    "Regular",
    "SpecialDays",
    "Step",
    "StepsBeyond",
    "TariffRules",
]

SPOT_TYPES = ("compact", "regular", "large", "motorcycle", "handicap", "ev")
VEHICLE_TYPES = ("motorcycle", "compact", "regular", "large")
USUAL_VEHICLE = "regular"
"""What a vehicle of which nothing is known is priced as."""


@dataclass(frozen=True, slots=True)
class BlockCap:
    """The most that `periods` consecutive periods may cost. Blocks count from the first period."""

    periods: int
    price: int


@dataclass(frozen=True, slots=True)
class Package:
    """The most that a stay whose entry and exit fit may cost; `max_hours` is elapsed time."""

    price: int
    name: str = ""
    days: tuple[str, ...] = ()
    entry: Window = WHOLE_DAY
    exit: Window = WHOLE_DAY
    max_hours: int = 24


@dataclass(frozen=True, slots=True)
class Regular:
    """The percentage off from the n-th paid stay of a plate in a local month on."""

    from_stay: int
    percent: Decimal


@dataclass(frozen=True)
class TariffRules:
    """All rules of a tariff.

    `day_starts_at` is a minute of the day; None means that days count from entry. With `one_period` no new day ever
    starts: a stay is one period, however long it is.
    """

    plans: tuple[Plan, ...]
    caps: tuple[Cap, ...] = ()
    block_caps: tuple[BlockCap, ...] = ()
    packages: tuple[Package, ...] = ()
    regulars: tuple[Regular, ...] = ()
    grace_minutes: int = 0
    free_minutes: int = 0
    exit_grace_minutes: int = 15
    minimum_charge: int = 0
    lost_ticket_fee: int = 0
    tax_percent: Decimal = Decimal(0)
    tax_included: bool = True
    day_starts_at: int | None = None
    one_period: bool = False
    special_days: tuple[SpecialDays, ...] = ()

    @cached_property
    def names_holiday(self) -> bool:
        """Whether a plan names holidays, so that they don't count as weekdays."""
        return self._names(HOLIDAY)

    @cached_property
    def day_names(self) -> tuple[str, ...]:
        """What plans, caps and packages may call a day; its bit is its place here."""
        return (*NAMES_BEFORE, *(special.name for special in self.special_days))

    @cached_property
    def kinds_of_day(self) -> tuple[str, ...]:
        """The kinds of day that are told apart, one of which each local day is: weekdays, and what a plan names."""
        return tuple(name for name in self.day_names if name in WEEKDAYS or self._names(name))

    @cached_property
    def special_bits(self) -> dict[int, int]:
        """The bits of special dates, by days since 1970; without those that no plan tells from other days."""
        kinds = {
            number: special.name if self._names(special.name) else EVENT
            for special in self.special_days
            for number in day_numbers(special.dates)
        }
        return {number: 1 << self.day_names.index(kind) for number, kind in kinds.items() if self._names(kind)}

    @cached_property
    def vehicles_told_apart(self) -> tuple[str, ...]:
        """The vehicle types that plans name, and one of those that none names; one when none names any."""
        named = {name for plan in self.plans for name in plan.vehicle_types}
        others = [USUAL_VEHICLE, *VEHICLE_TYPES]
        other = next((name for name in others if name not in named), None)
        return tuple(name for name in VEHICLE_TYPES if name in named or name == other)

    def regular_after(self, stays_before: int) -> Regular | None:
        """Return what a plate gets with so many paid stays in the month before this one."""
        reached = [regular for regular in self.regulars if regular.from_stay <= stays_before + 1]
        return reached[-1] if reached else None

    @cached_property
    def timetable(self) -> Timetable:
        """The rules compiled for fast lookup, once."""
        return compile_timetable(self.plans, self.caps, self.day_names)

    def _names(self, day: str) -> bool:
        return any(day in plan.days for plan in self.plans)
