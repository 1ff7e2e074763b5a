"""The order in which lots that were found are shown."""

from collections.abc import Sequence
from enum import StrEnum
from statistics import median
from typing import NamedTuple

METRES_PER_MINUTE = 70
"""How far people walk along streets, measured as the crow flies."""


class SortBy(StrEnum):
    """What comes first: the nearest lot, the cheapest, or the best of both."""

    NEAR = "near"
    CHEAP = "cheap"
    BEST = "best"


class Rated(NamedTuple):
    """What a lot is ranked by: metres, minor units of a currency, and places left; None where it is not known."""

    distance_m: float | None
    price: int | None
    currency: str
    left: int | None


def walk_minutes(distance_m: float) -> int:
    """Return how long people walk a distance as the crow flies, in whole minutes, at least one."""
    return max(1, round(distance_m / METRES_PER_MINUTE))


def ranked(lots: Sequence[Rated], sort: SortBy) -> list[int]:
    """Return the places of lots, given nearest first, in the order asked for; what is equal stays as it was.

    By price or overall, full lots come after others, and what has no price last. Amounts are only compared within a
    currency; the one of the nearest lot comes first. The best lot has the least sum of price and distance, each
    measured by what is usual among the lots given.
    """
    if sort == SortBy.NEAR:
        return list(range(len(lots)))
    currencies = list(dict.fromkeys(lot.currency for lot in lots))
    usual_prices = {one: _usual([lot.price for lot in lots if lot.currency == one]) for one in currencies}
    usual_distance = _usual([lot.distance_m for lot in lots])

    def key(place: int) -> tuple[bool, bool, int, float]:
        lot = lots[place]
        if sort == SortBy.CHEAP:
            return lot.price is None, lot.left == 0, currencies.index(lot.currency), lot.price or 0
        price, distance = (lot.price or 0) / usual_prices[lot.currency], (lot.distance_m or 0) / usual_distance
        return lot.price is None, lot.left == 0, 0, price + distance

    return sorted(range(len(lots)), key=key)


def _usual(values: Sequence[float | None]) -> float:
    return median([value for value in values if value] or [1])
