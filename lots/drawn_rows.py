"""Rows of bays on the plan of a level: where each bay lies, and how a row falls apart. Pure.

Lengths are in decimetres, from the left and the top of the plan; angles in whole degrees, clockwise. A row is turned
about the outer corner of its first bay.
"""

from collections.abc import Collection
from itertools import groupby
from math import cos, radians, sin
from typing import NamedTuple

BAY_WIDTH, BAY_DEPTH = 25, 50
FULL_TURN = 360
FARTHEST = 20_000
"""How far from the left and the top a row may begin: two kilometres."""


class RowPlace(NamedTuple):
    """Where the first bay of a row lies, and in which direction the row goes on."""

    left: int
    top: int
    angle: int


class BayRun(NamedTuple):
    """Bays of a row that follow each other, from the one at the place `first`; whether they are `chosen`."""

    first: int
    bays: int
    chosen: bool


def moved_along(place: RowPlace, bays: int) -> RowPlace:
    """Return where the bay lies that comes so many bays after the first one of a row."""
    x, y = _turned(place, bays * BAY_WIDTH, 0)
    return RowPlace(round(x), round(y), place.angle)


def corners(place: RowPlace, bays: int) -> list[tuple[float, float]]:
    """Return the four corners of a row of so many bays."""
    width = bays * BAY_WIDTH
    return [_turned(place, x, y) for x, y in ((0, 0), (width, 0), (width, BAY_DEPTH), (0, BAY_DEPTH))]


def runs(count: int, chosen: Collection[int]) -> list[BayRun]:
    """Cut a row of `count` bays where chosen ones, by their places in it, meet others."""
    found = []
    for is_chosen, places in groupby(range(count), lambda place: place in chosen):
        run = list(places)
        found.append(BayRun(run[0], len(run), is_chosen))
    return found


def _turned(place: RowPlace, x: float, y: float) -> tuple[float, float]:
    angle = radians(place.angle)
    return place.left + x * cos(angle) - y * sin(angle), place.top + x * sin(angle) + y * cos(angle)
