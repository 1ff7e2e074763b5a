"""A tariff's plans and their parts. Amounts are integers in minor units; windows are in local time."""

from dataclasses import dataclass
from typing import Literal

from billing.pricing.windows import WHOLE_DAY, Window

Periods = Literal["any", "first", "later"]


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the day in which each started increment costs `price`; with `prorata`, its exact share."""

    window: Window
    price: int
    increment_minutes: int
    prorata: bool = False


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
    """Prices for periods that start on its days, in its entry window, on its spot types (none means all).

    It has either bands or steps.
    """

    name: str = ""
    priority: int = 0
    days: tuple[str, ...] = ()
    entry: Window = WHOLE_DAY
    spot_types: tuple[str, ...] = ()
    periods: Periods = "any"
    max_price: int | None = None
    bands: tuple[Band, ...] = ()
    steps: tuple[Step, ...] = ()
    steps_beyond: StepsBeyond | None = None
    caps: tuple[Cap, ...] = ()
