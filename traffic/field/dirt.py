"""What devices of the field do to a plate, a clock, a scanned number and the extras of a read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from random import Random
from typing import Any

from common.plates import CONFUSABLE_CLASSES

LETTERS = "ABEHKMOPTX"
_SHAPES = {"latin": LETTERS, "cyrillic": "АВЕНКМОРТХ", "greek": "ΑΒΕΗΚΜΟΡΤΧ"}
NO_PLATE = ("NOPLATE", "UNKNOWN", "无牌车", "", "KEBABHAUSAMBAHNHOFS20")
"""What a camera sends when it finds no plate: its words for none, and the lettering on a van."""
CONFIDENT, DOUBTFUL, HOPELESS = (0.86, 0.99), (0.35, 0.8), (0.02, 0.2)
WELL_KNOWN_SKEW = 118
"""Seconds; a lane still believes a clock that is so far off."""


class Alphabet(StrEnum):
    """The alphabet in which a camera writes letters that all three have."""

    LATIN = "latin"
    CYRILLIC = "cyrillic"
    GREEK = "greek"


class Look(StrEnum):
    """What a camera makes of one car: one good reading, or poor ones before the best."""

    CLEAR = "clear"
    CUT_OFF = "cut_off"
    CONFUSED = "confused"
    CORRECTED = "corrected"
    MISREAD = "misread"
    NOTHING = "nothing"


class Clock(StrEnum):
    """What a device's clock shows."""

    RIGHT = "right"
    AHEAD = "ahead"
    BEHIND = "behind"
    EPOCH = "1970"
    BATTERY = "1999"
    FUTURE = "in 68 years"
    EAST = "+23:59"
    WEST = "-23:59"


class BarrierStory(StrEnum):
    """What a confirming barrier reports of an opening."""

    PASSED = "passed"
    OF_REPEAT = "of_repeat"
    FAULT = "fault"
    BACKED_OUT = "backed_out"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class LaneDirt:
    """All that goes wrong while one car stands in one lane; `doubled`: each request is sent twice."""

    look: Look = Look.CLEAR
    alphabet: Alphabet = Alphabet.LATIN
    clock: Clock = Clock.RIGHT
    barrier: BarrierStory = BarrierStory.PASSED
    doubled: bool = False
    cluttered: bool = False


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One reading of a car; `extras` are the other fields of its read."""

    plate: str | None
    confidence: float
    extras: Mapping[str, Any] = field(default_factory=dict)


def draw_dirt(random: Random) -> LaneDirt:
    """Draw what goes wrong in a lane; for two cars of five nothing does."""
    if random.random() < 0.4:  # noqa: PLR2004 as said
        return LaneDirt()
    barrier = random.choices(list(BarrierStory), weights=(6, 3, 3, 3, 1))[0]
    clock = random.choice(list(Clock))
    return LaneDirt(
        look=random.choices(list(Look), weights=(6, 4, 4, 4, 3, 1))[0],
        alphabet=random.choice(list(Alphabet)),
        clock=Clock.RIGHT if barrier is BarrierStory.SILENT else clock,  # silence counts from the opening
        barrier=barrier,
        doubled=random.random() < 0.3,  # noqa: PLR2004
        cluttered=random.random() < 0.3,  # noqa: PLR2004
    )


def glimpses(plate: str, dirt: LaneDirt, random: Random) -> list[Glimpse]:
    """Return a camera's readings of a car, the best one last."""
    best = Glimpse(in_alphabet(plate, dirt.alphabet), _share(CONFIDENT, random))
    found = _seen(plate, best, dirt.look, random)
    clutter = _clutter(random) if dirt.cluttered else {}
    unlike = dirt.look in {Look.CORRECTED, Look.NOTHING}  # only the camera's own name tells whose readings these are
    named = {"vehicle_ref": f"car-{random.randrange(10**9)}"} if unlike else {}
    return [Glimpse(one.plate, one.confidence, {**clutter, **named, **one.extras}) for one in found]


def _seen(plate: str, best: Glimpse, look: Look, random: Random) -> list[Glimpse]:
    poor = _share(DOUBTFUL, random)
    nothing = Glimpse(random.choice(NO_PLATE), _share(HOPELESS, random))
    match look:
        case Look.CUT_OFF:
            return [Glimpse((best.plate or "")[: -random.choice((1, 2))], poor), best]
        case Look.CONFUSED:
            return [Glimpse(confused(plate, random), poor), best]
        case Look.CORRECTED:
            return [nothing, best]
        case Look.MISREAD:
            return [Glimpse(_mistaken(plate, random), poor, {"candidates": [{"plate": plate, "confidence": 0.3}]})]
        case Look.NOTHING:
            return [nothing]
        case _:
            return [best]


def in_alphabet(plate: str, alphabet: Alphabet) -> str:
    """Return a plate with its letters replaced by those of an alphabet that look the same."""
    return plate.translate(str.maketrans(LETTERS, _SHAPES[alphabet]))


def confused(plate: str, random: Random) -> str:
    """Return a plate with one character replaced by one that looks like it, where there is such a character."""
    alike = {one: group.replace(one, "") for group in CONFUSABLE_CLASSES for one in group}
    places = [place for place, character in enumerate(plate) if character in alike]
    if not places:
        return plate
    place = random.choice(places)
    return plate[:place] + random.choice(alike[plate[place]]) + plate[place + 1 :]


def _mistaken(plate: str, random: Random) -> str:
    """Return a plate with its last digit wrong."""
    place = max(place for place, character in enumerate(plate) if character.isdigit())
    wrong = random.choice([digit for digit in "0123456789" if digit != plate[place]])
    return plate[:place] + wrong + plate[place + 1 :]


def _share(bounds: tuple[float, float], random: Random) -> float:
    return round(random.uniform(*bounds), 2)


def _clutter(random: Random) -> dict[str, Any]:
    """Return one extra that can't be used, or one of unusual size."""
    return random.choice(
        (
            {"image_url": "https://camera.example/" + "x" * 1_300},
            {"image_url": "https://camera.example/" + "x" * 9_000},
            {"image_url": 7},
            {"region": "Schweizerische Eidgenossenschaft"[:28]},
            {"region": None, "make": "unknown", "colour": ["grey"]},
            {"candidates": [{"plate": 5}]},
            {"candidates": "none"},
            {"candidates": [{"plate": f"QQ{number}", "confidence": 0.01} for number in range(25)]},
        )
    )


def clock_text(clock: Clock, at: datetime) -> str:
    """Return what a device writes for an instant."""
    seconds = {Clock.AHEAD: WELL_KNOWN_SKEW, Clock.BEHIND: -WELL_KNOWN_SKEW}
    match clock:
        case Clock.EPOCH:
            return "1970-01-01T00:00:07Z"
        case Clock.BATTERY:
            return at.replace(year=1999, month=1, day=1).isoformat()
        case Clock.FUTURE:
            return (at + timedelta(days=68 * 365.25)).isoformat()
        case Clock.EAST | Clock.WEST:
            sign = 1 if clock is Clock.EAST else -1
            return at.astimezone(timezone(sign * timedelta(hours=23, minutes=59))).isoformat()
        case _:
            return (at + timedelta(seconds=seconds.get(clock, 0))).isoformat()


def passage_instant(random: Random, at: datetime) -> str | None:
    """Return when a barrier says that a car passed: now, nothing, or any day from 2000 to 2076."""
    wild = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=random.randrange(76 * 365))
    return random.choice(
        (at.isoformat(), None, wild.isoformat(), (at - timedelta(seconds=WELL_KNOWN_SKEW)).isoformat())
    )


def as_scanned(number: str, link: str, random: Random) -> str:
    """Return what a scanner sends for a ticket: its number with what printers put into it, or its link."""
    return random.choice(
        (
            number,
            f"{number}\r",
            f"{number}\r\n",
            number.replace("-", "\u2013"),
            f"\u00a0{number}\u00a0",
            f"\u200b{number[:5]}\u200b{number[5:]}",
            number.lower().replace("0", "o"),
            link,
            f"{link}\r",
        )
    )
