"""A tariff's plans and their parts. Amounts are integers in minor units; windows are in local time."""

from dataclasses import dataclass
from typing import Literal

from billing.pricing.windows import WHOLE_DAY, Window

Periods = Literal["any", "first", "later"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What each started increment costs; with `prorata`, its exact share, of started `prorata_minutes` if given."""

    price: int
    increment_minutes: int
    prorata: bool = False
    prorata_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterRate(Rate):
    """The rate of a band from so many minutes after it was entered."""

    after_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Rate):
    """A part of the day with its rate, and those that follow it (`then`) while the clock does not leave the band.

    With `once`, the price is charged when the band is entered and nothing until the clock leaves it; its increment is
    as long as its window.
    """

    window: Window
    once: bool = False
    then: tuple[LaterRate, ...] = ()

    @property
    def rates(self) -> tuple[Rate, ...]:
        """Return all rates of the band in order."""
        return (self, *self.then)


@dataclass(frozen=True, slots=True)
class Step:
    """The total price of a period of at most `up_to_minutes`."""

    up_to_minutes: int
    price: int


@dataclass(frozen=True, slots=True)
class StepsBeyond:
    """The price of each started block after the last step."""

    each_minutes: int
    price: int


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that one opening of the window may cost, on the days on which it opens (none means all)."""

    window: Window
    price: int
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Prices for periods that start on its days, in its entry window, on its spot types, of its vehicle types.

    None named means all. It has either bands or steps.
    """

    name: str = ""
    priority: int = 0
    days: tuple[str, ...] = ()
    entry: Window = WHOLE_DAY
    spot_types: tuple[str, ...] = ()
    vehicle_types: tuple[str, ...] = ()
    periods: Periods = "any"
    max_price: int | None = None
    bands: tuple[Band, ...] = ()
    steps: tuple[Step, ...] = ()
    steps_beyond: StepsBeyond | None = None
    caps: tuple[Cap, ...] = ()
