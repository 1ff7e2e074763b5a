"""The passages of a replay: which plate passes which way when, in order of time, and what stay that makes. Pure."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeAlias
from uuid import UUID, uuid5

from common.plates import normalise
from lots.gate_rules import Direction
from traffic.replay.counts import changes, movements
from traffic.replay.recording_rows import OccupancyCount, Session

STANDING = timedelta(minutes=10)
"""A plate that comes in again within this time, without having left, is the same arrival."""


@dataclass(frozen=True, slots=True)
class RecordedPassage:
    """One car at one gate of a lot; `plate` is normalised."""

    at: datetime
    lot: str
    plate: str
    way: Direction

    def event_id(self, run: UUID) -> UUID:
        """Return the id this passage is sent under in one run, always the same."""
        return uuid5(run, f"{self.lot} {self.plate} {self.at.isoformat()} {self.way}")


@dataclass(frozen=True, slots=True)
class Facility:
    """Where the cars of a source go; `number` keeps the plates made up for several sources of one lot apart."""

    lot: str
    number: int = 0

    def plate(self, car: int) -> str:
        """Make up a plate; the digits keep any two from being alike."""
        return f"R{self.number}X{car}"


def of_sessions(sessions: Iterable[Session], facility: Facility, skipped: Counter[str]) -> Iterator[RecordedPassage]:
    """Yield the passages of recorded stays in order of time, as long as the arrivals are; holds who is inside."""
    leaving: list[tuple[datetime, int, str]] = []
    for number, stay in enumerate(sessions):
        if stay.departure <= stay.at:
            skipped["leaves before it arrives"] += 1
            continue
        while leaving and leaving[0][0] <= stay.at:
            yield _out(facility, *heapq.heappop(leaving))
        plate = normalise(stay.vehicle) if stay.vehicle else facility.plate(number)
        yield RecordedPassage(stay.at.astimezone(UTC), facility.lot, plate or "", Direction.ENTRY)
        heapq.heappush(leaving, (stay.departure, number, plate or ""))
    while leaving:
        yield _out(facility, *heapq.heappop(leaving))


def _out(facility: Facility, at: datetime, _number: int, plate: str) -> RecordedPassage:
    return RecordedPassage(at.astimezone(UTC), facility.lot, plate, Direction.EXIT)


def of_counts(
    counts: Iterable[OccupancyCount], facility: Facility, random: Random, skipped: Counter[str]
) -> Iterator[RecordedPassage]:
    """Yield the passages that counted cars stand for, in order of time; holds who is inside."""
    for movement in movements(changes(counts, skipped), random):
        way = Direction.ENTRY if movement.arrives else Direction.EXIT
        yield RecordedPassage(movement.at.astimezone(UTC), facility.lot, facility.plate(movement.car), way)


StayLine: TypeAlias = str
"""One stay as a line: lot, plate, entry, and exit or the state it is in."""


def stay_line(lot: str, plate: str | None, entered: datetime, end: datetime | str) -> StayLine:
    """Write down a stay, the same for the one in the file and the one on record; instants in UTC."""
    left = end if isinstance(end, str) else end.astimezone(UTC).isoformat()
    return f"{lot} {plate} {entered.astimezone(UTC).isoformat()} {left}"


class Stays:
    """What the passages amount to by the rules of offline reads: a stay for each entry, ended by the next exit.

    Who comes in again without having left has missed an exit: that stay goes to review. An exit of nobody inside is a
    record without a stay. Holds who is inside.
    """

    def __init__(self) -> None:
        self._inside: dict[tuple[str, str], datetime] = {}
        self.oddities: Counter[str] = Counter()

    def take(self, passage: RecordedPassage) -> StayLine | None:
        """Follow one passage and return the stay it ends, if any."""
        key = passage.lot, passage.plate
        entered = self._inside.get(key)
        if passage.way is Direction.EXIT:
            if entered is None:
                self.oddities["left without having come"] += 1
                return None
            del self._inside[key]
            return stay_line(*key, entered, passage.at)
        if entered is not None and passage.at - entered <= STANDING:
            self.oddities["came twice at once"] += 1
            return None
        self._inside[key] = passage.at
        if entered is None:
            return None
        self.oddities["came while still inside"] += 1
        return stay_line(*key, entered, "review")

    def still_open(self) -> Iterator[StayLine]:
        """Yield the stays of those who are inside at the end."""
        for key, entered in self._inside.items():
            yield stay_line(*key, entered, "open")
