"""Match a plate read to the cars inside a lot, without guessing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from common.plates import confusable, skeleton
from common.regions import regions_meet

# Edit costs in tenths, so that they add up exactly.
CONFUSABLE_COST = 4
SWAP_COST = 8
EDIT_COST = 10
MOST_CUT_OFF = 2
"""How many characters at the end of a plate a camera may have left out of the picture."""
SUGGESTION_LIMIT = 10


class Plated(Protocol):
    """Anything with a normalised plate and where that is from (None: not known)."""

    @property
    def plate(self) -> str | None: ...

    @property
    def region(self) -> str | None: ...


T = TypeVar("T", bound=Plated)


class MatchKind(StrEnum):
    """How a read was matched: by its number, or by the level at which its plate matched."""

    TICKET = "ticket"
    EXACT = "exact"
    CANDIDATE = "candidate"
    SKELETON = "skeleton"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """The outcome of matching: one car, or the cars a person should look at (likeliest first)."""

    kind: MatchKind
    car: T | None = None
    suggestions: tuple[T, ...] = ()


def match(
    *, plate: str | None, candidates: Sequence[str] = (), cars: Sequence[T], region: str | None = None
) -> Match[T]:
    """Match a read to the cars inside: exact, else a vendor candidate exact, else the same skeleton.

    All plates are normalised. One car at the first level that has any is the match; several, or only cars near to
    it (`nearness`), are `ambiguous` and suggested. With a `region` a car from elsewhere is no match; cameras misread
    that too, so it is suggested.
    """
    meeting = _from(region, cars)
    for kind, found in (
        (MatchKind.EXACT, _with_plate([plate], meeting)),
        (MatchKind.CANDIDATE, _with_plate(candidates, meeting)),
        (MatchKind.SKELETON, alike(plate, meeting)),
    ):
        if len(found) == 1:
            return Match(kind, car=found[0])
        if found:
            return Match(MatchKind.AMBIGUOUS, suggestions=found)
    near = _near(plate, cars)
    return Match(MatchKind.AMBIGUOUS if near else MatchKind.NONE, suggestions=near)


def match_holders(plate: str | None, holders: Sequence[T], region: str | None = None) -> tuple[T, ...]:
    """Return the bookings or passes of a plate: exact ones, else those of the only plate with the same skeleton.

    With a `region` only those that meet it.
    """
    holders = _from(region, holders)
    exact = _with_plate([plate], holders)
    if exact:
        return exact
    found = alike(plate, holders)
    return found if len({holder.plate for holder in found}) == 1 else ()


def alike(plate: str | None, cars: Sequence[T]) -> tuple[T, ...]:
    """Return the cars whose plate has the same skeleton."""
    if plate is None:
        return ()
    wanted = skeleton(plate)
    return tuple(car for car in cars if car.plate is not None and skeleton(car.plate) == wanted)


def edit_distance_within_one(one: str, other: str) -> int | None:
    """Return the weighted edit distance in tenths when it is at most 10, else None.

    A confusable pair costs 4, two swapped neighbours 8 and any other edit 10, so within 10 there are only confusable
    pairs, or one other edit.
    """
    if len(one) == len(other):
        pairs = [(left, right) for left, right in zip(one, other, strict=True) if left != right]
        if len(pairs) == 2 and pairs[0] == pairs[1][::-1] and _swapped(one, other):  # noqa: PLR2004 a pair
            return SWAP_COST
        cost = sum(CONFUSABLE_COST if confusable(left, right) else EDIT_COST for left, right in pairs)
        return cost if cost <= EDIT_COST else None
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return None
    drops = range(len(long))
    return EDIT_COST if any(long[:place] + long[place + 1 :] == short for place in drops) else None


def is_cut_off(one: str, other: str) -> bool:
    """Return whether one plate is the other without its last one or two characters."""
    short, long = sorted((one, other), key=len)
    return 0 < len(long) - len(short) <= MOST_CUT_OFF and long.startswith(short)


def nearness(one: str, other: str) -> int | None:
    """Return how far two plates are apart in tenths of an edit when a person should look whether they are one car's."""
    distance = edit_distance_within_one(one, other)
    return EDIT_COST if distance is None and is_cut_off(one, other) else distance


def _swapped(one: str, other: str) -> bool:
    """Return whether the two places at which plates differ are neighbours."""
    first, second = (place for place, (left, right) in enumerate(zip(one, other, strict=True)) if left != right)
    return second == first + 1


def _from(region: str | None, cars: Sequence[T]) -> Sequence[T]:
    return cars if region is None else [car for car in cars if regions_meet(region, car.region)]


def _with_plate(plates: Sequence[str | None], cars: Sequence[T]) -> tuple[T, ...]:
    return tuple(car for car in cars if car.plate is not None and car.plate in plates)


def _near(plate: str | None, cars: Sequence[T]) -> tuple[T, ...]:
    if plate is None:
        return ()
    distances = [(nearness(plate, car.plate), car) for car in cars if car.plate is not None]
    near = [(distance, car) for distance, car in distances if distance is not None]
    return tuple(car for _, car in sorted(near, key=lambda pair: pair[0])[:SUGGESTION_LIMIT])
