"""Misreads plates as cameras do. Pure."""

from random import Random

from common.plates import CONFUSABLE_CLASSES

WELL_READ, BADLY_READ, UNREADABLE = (0.86, 0.99), (0.62, 0.85), (0.0, 0.2)


def read_well(plate: str, random: Random) -> tuple[str, float]:
    """Return the correct plate, with the confidence of a good read."""
    return plate, round(random.uniform(*WELL_READ), 2)


def misread(plate: str, random: Random) -> tuple[str | None, float]:
    """Return what a camera reads instead, with its confidence: a swapped character, a lost one, or nothing."""
    kind = random.choices(("swapped", "lost", "unreadable"), weights=(5, 3, 2))[0]
    if kind == "unreadable":
        return None, round(random.uniform(*UNREADABLE), 2)
    return (_swap if kind == "swapped" else _lose)(plate, random), round(random.uniform(*BADLY_READ), 2)


def _swap(plate: str, random: Random) -> str:
    """Replace one character with a similar one; a plate without such characters loses one instead."""
    places = [place for place, character in enumerate(plate) if _others(character)]
    if not places:
        return _lose(plate, random)
    place = random.choice(places)
    return plate[:place] + random.choice(_others(plate[place])) + plate[place + 1 :]


def _others(character: str) -> str:
    group = next((group for group in CONFUSABLE_CLASSES if character in group), "")
    return group.replace(character, "")


def _lose(plate: str, random: Random) -> str:
    places = [place for place, character in enumerate(plate) if character != " "]
    place = random.choice(places)
    return plate[:place] + plate[place + 1 :]
