"""A plan of a tariff and its parts. Amounts are integers in minor units, windows are in wall clock time."""

from dataclasses import dataclass
from typing import Literal

from billing.pricing.windows import WHOLE_DAY, Window

Periods = Literal["any", "first", "later"]


@dataclass(frozen=True, slots=True)
class Band:
    """Part of the day in which each started increment (or its exact share, when prorata) costs `price`."""

    window: Window
    price: int
    increment_minutes: int
    prorata: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What a period of at most `up_to_minutes` costs in all."""

    up_to_minutes: int
    price: int


@dataclass(frozen=True, slots=True)
class StepsBeyond:
    """What every started block after the last step adds."""

    each_minutes: int
    price: int


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that one opening of the window may cost, on the days it opens on (none named: all)."""

    window: Window
    price: int
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Prices for the periods that start on its days, in its entry window, for its spot types (none named: all).

    Has either bands or steps.
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
