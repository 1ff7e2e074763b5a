"""Draws a day of visits from one seed: who comes, when, for how long, and what goes wrong. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

from common.plates import normalise, skeleton

CANTON = "FR"
TYPICAL_MINUTES, SPREAD = 110, 0.8
SHORT_SHARE, SHORT_MINUTES = 0.25, (2, 9)
LONGEST = timedelta(hours=40)
MEAN_STAY = timedelta(minutes=130)
SHORTEST_DAY = timedelta(hours=12)
FULLEST_SHARE = 0.6
STAYS_INSIDE_SHARE = 0.05
ELECTRIC_SHARE = 0.08


class PaymentHabit(StrEnum):
    """How a driver pays."""

    AHEAD = "ahead"
    AT_LANE = "at_lane"
    DECLINED = "declined"


class Repeat(StrEnum):
    """How a device repeats itself."""

    NO = "no"
    SAME_EVENT = "same_event"
    SAME_PLATE = "same_plate"


@dataclass(frozen=True, slots=True)
class Mishaps:
    """What happens to the reads of one passage."""

    misread: bool = False
    repeat: Repeat = Repeat.NO


@dataclass(frozen=True, slots=True)
class SimulatedVisit:
    """One car's day.

    `arrives` counts from the start of the simulated day. A `short` stay is sent live; the entry of a longer one is sent
    as the record of an offline edge box from `stay` ago. `leaves` is False for cars that stay inside.
    """

    serial: int
    plate: str
    lot: str
    arrives: timedelta
    stay: timedelta
    short: bool
    leaves: bool
    payment: PaymentHabit
    vehicle_type: str
    electric: bool
    entry: Mishaps
    exit: Mishaps


@dataclass(frozen=True, slots=True)
class Odds:
    """How often a read errs and how often a device repeats itself, each from 0 to 1."""

    misread: float = 0.0
    duplicates: float = 0.0


def draw_visits(cars: int, *, room: Sequence[tuple[str, int]], odds: Odds, seed: int) -> list[SimulatedVisit]:
    """Draw the visits of `cars` to the lots in `room` (free spots by lot), ordered by arrival.

    The day is long enough for the cars to fit in. Deterministic.
    """
    random = Random(seed)  # noqa: S311 repeatable, no secret
    plates = _plates(random)
    day = day_length(cars, sum(free for _, free in room))
    lots = random.choices([lot for lot, _ in room], weights=[free + 1 for _, free in room], k=cars)
    visits = [_draw(serial, next(plates), lot, day, odds, random) for serial, lot in enumerate(lots)]
    return sorted(visits, key=lambda visit: visit.arrives)


def day_length(cars: int, places: int) -> timedelta:
    """Return the length of the simulated day, so that at most about FULLEST_SHARE of the spots are occupied."""
    return max(SHORTEST_DAY, MEAN_STAY * (cars / max(1.0, FULLEST_SHARE * places)))


def _draw(  # noqa: PLR0913, PLR0917 - what one visit is made of
    serial: int, plate: str, lot: str, day: timedelta, odds: Odds, random: Random
) -> SimulatedVisit:
    short = random.random() < SHORT_SHARE
    return SimulatedVisit(
        serial=serial,
        plate=plate,
        lot=lot,
        arrives=day * random.betavariate(2, 2),
        stay=_stay(short=short, random=random),
        short=short,
        leaves=random.random() >= STAYS_INSIDE_SHARE,
        payment=random.choices(list(PaymentHabit), weights=(35, 60, 5))[0],
        vehicle_type=random.choices(("regular", "compact", "large", "motorcycle"), weights=(78, 15, 4, 3))[0],
        electric=random.random() < ELECTRIC_SHARE,
        entry=_mishaps(odds, random),
        exit=_mishaps(odds, random),
    )


def _stay(*, short: bool, random: Random) -> timedelta:
    if short:
        return timedelta(minutes=random.uniform(*SHORT_MINUTES))
    return min(LONGEST, timedelta(minutes=max(15, random.lognormvariate(math.log(TYPICAL_MINUTES), SPREAD))))


def _mishaps(odds: Odds, random: Random) -> Mishaps:
    repeat = random.choice((Repeat.SAME_EVENT, Repeat.SAME_PLATE)) if random.random() < odds.duplicates else Repeat.NO
    return Mishaps(misread=random.random() < odds.misread, repeat=repeat)


def _plates(random: Random) -> Iterator[str]:
    """Yield plates of which no two are similar, so that a misread plate never matches another car."""
    seen: set[str] = set()
    while True:
        plate = f"{CANTON} {random.randrange(100_000, 1_000_000)}"
        alike = skeleton(normalise(plate) or "")
        if alike not in seen:
            seen.add(alike)
            yield plate
