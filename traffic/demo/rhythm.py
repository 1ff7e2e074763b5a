"""How a lot is used: how full it is by the hour, who comes and how long they stay. Pure: no clock, no database."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

LOWEST_SHARE, HIGHEST_SHARE = 0.42, 0.72
NIGHT_BEGINS, NIGHT_ENDS = 19, 5
SHORTEST_MINUTES, LONGEST_MINUTES = 4, 60 * 24 * 60
QUICK_SHARE, QUICK_MINUTES = 0.06, (4, 11)
MONDAY_TO_FRIDAY = range(5)


@dataclass(frozen=True, slots=True)
class Character:
    """One kind of lot.

    `day` and `weekend` tell how busy each local hour is, from 0 to 1. Stays are log-normal around `typical_minutes`. A
    share of the cars that arrive in the evening stay `overnight` and leave in the morning, and a few only drop somebody
    off. `bustle` is the weight of the lot's lanes in the live demo.
    """

    day: tuple[float, ...]
    weekend: tuple[float, ...]
    typical_minutes: float
    spread: float
    overnight: float = 0.0
    bustle: float = 1.0


@dataclass(frozen=True, slots=True)
class Car:
    """A car: what it is and what its driver may use."""

    plate: str
    vehicle_type: str = "regular"
    electric: bool = False
    permit: bool = False


# fmt: off
_OFFICE_DAY = (0.1, 0.05, 0.0, 0.0, 0.05, 0.15, 0.35, 0.6, 0.85, 0.95, 1.0, 1.0,
               0.95, 0.95, 1.0, 0.95, 0.9, 0.8, 0.75, 0.65, 0.5, 0.4, 0.3, 0.2)
_SHOPPING_DAY = (0.2, 0.15, 0.1, 0.05, 0.05, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9,
                 0.95, 1.0, 1.0, 1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.45, 0.3)
_LEISURE_DAY = (0.05, 0.05, 0.0, 0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8,
                1.0, 0.9, 0.8, 0.7, 0.75, 0.9, 1.0, 0.95, 0.8, 0.55, 0.3, 0.15)
# fmt: on
_STEADY = (0.6,) * 24

CITY = Character(_OFFICE_DAY, _SHOPPING_DAY, typical_minutes=250, spread=0.7, overnight=0.5, bustle=6)
LEISURE = Character(_LEISURE_DAY, _LEISURE_DAY, typical_minutes=100, spread=0.7, overnight=0.25, bustle=2)
TRAVEL = Character(_STEADY, _STEADY, typical_minutes=3 * 24 * 60, spread=0.7)

_CANTONS = ("ZH",) * 11 + ("AG",) * 3 + ("SG", "TG", "LU", "ZG", "SZ", "BE", "GR")
_KINDS = (
    *((70, "regular", False, False), (12, "compact", False, False), (7, "regular", True, False)),
    *((5, "motorcycle", False, False), (3, "large", False, False), (3, "regular", False, True)),
)


def occupied_share(character: Character, local: datetime) -> float:
    """Return how full a lot of this character is at a local time, always between LOWEST_SHARE and HIGHEST_SHARE."""
    curve = character.day if local.weekday() in MONDAY_TO_FRIDAY else character.weekend
    into_hour = local.minute / 60
    busy = curve[local.hour] * (1 - into_hour) + curve[(local.hour + 1) % 24] * into_hour
    return LOWEST_SHARE + (HIGHEST_SHARE - LOWEST_SHARE) * busy


def draw_stay(character: Character, local: datetime, random: Random) -> timedelta:
    """Draw how long a car that arrives at a local time stays."""
    late = local.hour >= NIGHT_BEGINS or local.hour < NIGHT_ENDS
    if late and random.random() < character.overnight:
        morning = local.replace(hour=6, minute=30, second=0, microsecond=0)
        if local.hour >= NIGHT_BEGINS:
            morning += timedelta(days=1)
        return morning - local + timedelta(minutes=random.randrange(180), seconds=random.randrange(60))
    if random.random() < QUICK_SHARE:
        return timedelta(seconds=round(60 * random.uniform(*QUICK_MINUTES)))
    minutes = random.lognormvariate(math.log(character.typical_minutes), character.spread)
    return timedelta(seconds=round(60 * min(LONGEST_MINUTES, max(SHORTEST_MINUTES, minutes))))


def draw_plate(random: Random) -> str:
    """Draw a Swiss number plate as a camera reads it."""
    return f"{random.choice(_CANTONS)} {random.randrange(10_000, 1_000_000)}"


def draw_car(random: Random) -> Car:
    """Draw a car with its plate."""
    (_, vehicle_type, electric, permit) = random.choices(_KINDS, weights=[kind[0] for kind in _KINDS])[0]
    return Car(draw_plate(random), vehicle_type, electric, permit)
