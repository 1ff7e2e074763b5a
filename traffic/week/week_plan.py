"""Draws the cars of a week from one seed: who books what, and what comes of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from common.plates import CONFUSABLE_CLASSES, skeleton
from reservations.policy import OVERSTAYS

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LETTERS = "ACEHKMNPRTWXY"
LENGTHS = (1.0, 1.5, 2.0, 3.0, 4.0, 8.0, 26.0)
AHEAD = (2.25, 4.0, 10.0, 30.0, 60.0)
"""How many hours before their start people book."""
MISREAD_SHARE = 0.2
WALK_IN_SHARE = 0.35


class Conduct(StrEnum):
    """What comes of a booking; the last ones have none."""

    AS_BOOKED = "comes and leaves as booked"
    EARLY = "comes as early as the lane opens"
    LATE = "comes late, and is still waited for"
    AFTER_ALL = "comes after counting as missing"
    LEAVES_EARLY = "leaves early"
    OVERSTAYS = "stays too long"
    EXTENDS = "stays longer, and says so"
    CHANGES = "changes the time before"
    CANCELS = "cancels in time"
    CANCELS_LATE = "cancels late"
    STAYS_AWAY = "never comes"
    WALKS_IN = "has no booking"


WEIGHTS = {
    Conduct.AS_BOOKED: 30,
    Conduct.EARLY: 8,
    Conduct.LATE: 8,
    Conduct.AFTER_ALL: 4,
    Conduct.LEAVES_EARLY: 8,
    Conduct.OVERSTAYS: 10,
    Conduct.EXTENDS: 8,
    Conduct.CHANGES: 8,
    Conduct.CANCELS: 6,
    Conduct.CANCELS_LATE: 5,
    Conduct.STAYS_AWAY: 5,
}


class Misreading(StrEnum):
    """What the entry's camera reads: the plate, one that looks like it, or first one without its end."""

    NONE = "read well"
    LOOK_ALIKE = "look-alike"
    CUT_OFF = "cut off at first"


@dataclass(frozen=True, slots=True)
class WeekCar:
    """One car: its booked time, and how many minutes it stays too long."""

    serial: int
    plate: str
    lot: str
    conduct: Conduct
    booked_at: datetime
    start: datetime
    end: datetime
    beyond: int
    misreading: Misreading

    def looks_like(self) -> str:
        """Return what a camera takes its plate for."""
        for place, character in enumerate(self.plate):
            others = next((group for group in CONFUSABLE_CLASSES if character in group), "").replace(character, "")
            if others:
                return self.plate[:place] + others[0] + self.plate[place + 1 :]
        return self.plate


def draw_week(cars: int, *, lots: Sequence[str], begin: datetime, days: int, seed: int) -> list[WeekCar]:
    """Draw cars of the days from `begin`, a local midnight, on; each conduct comes before any twice. Deterministic."""
    random = Random(seed)  # noqa: S311 repeatable, no secret
    plates, conducts = _plates(random), _conducts(cars, random)
    return [
        _draw(serial, conduct, next(plates), random.choice(lots), begin, days, random)
        for serial, conduct in enumerate(conducts)
    ]


def _conducts(cars: int, random: Random) -> list[Conduct]:
    drawn = list(Conduct)[:cars]
    while len(drawn) < cars:
        walks_in = random.random() < WALK_IN_SHARE
        drawn.append(Conduct.WALKS_IN if walks_in else random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])
    random.shuffle(drawn)
    return drawn


def _draw(  # noqa: PLR0913, PLR0917 - the facts of one car
    serial: int, conduct: Conduct, plate: str, lot: str, begin: datetime, days: int, random: Random
) -> WeekCar:
    quarter = random.randrange(7 * 4, 19 * 4) * 15 * MINUTE
    start = begin + random.randrange(days) * DAY + quarter
    length = random.choices(LENGTHS, weights=(20, 20, 25, 15, 10, 8, 2))[0]
    misread = random.random() < MISREAD_SHARE
    return WeekCar(
        serial=serial,
        plate=plate,
        lot=lot,
        conduct=conduct,
        booked_at=max(begin, start - random.choice(AHEAD) * HOUR),
        start=start,
        end=start + length * HOUR,
        beyond=random.choice(OVERSTAYS[:3]),
        misreading=random.choice([Misreading.LOOK_ALIKE, Misreading.CUT_OFF]) if misread else Misreading.NONE,
    )


def _plates(random: Random) -> Iterator[str]:
    """Yield plates of which no two are alike, also when a camera takes a character for another or misses the last."""
    seen: set[str] = set()
    while True:
        plate = f"{''.join(random.choices(LETTERS, k=2))} {random.randrange(10_000, 100_000)}5"
        if skeleton(plate)[:-1] not in seen:
            seen.add(skeleton(plate)[:-1])
            yield plate
