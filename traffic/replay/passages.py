"""The passages of a replay in order of time, and the stays that they make. Pure."""

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
"""A plate that enters again within this time, without an exit, is the same arrival."""


@dataclass(frozen=True, slots=True)
class RecordedPassage:
    """One car at one gate of a lot; `plate` is normalised."""

    at: datetime
    lot: str
    plate: str
    way: Direction

    def event_id(self, run: UUID) -> UUID:
        """Return the passage's event id, which is constant within a run."""
        return uuid5(run, f"{self.lot} {self.plate} {self.at.isoformat()} {self.way}")


@dataclass(frozen=True, slots=True)
class Facility:
    """A source's lot; `number` keeps the invented plates of several sources of one lot apart."""

    lot: str
    number: int = 0

    def plate(self, car: int) -> str:
        """Invent a plate; its digits make it unique."""
        return f"R{self.number}X{car}"


def of_sessions(sessions: Iterable[Session], facility: Facility, skipped: Counter[str]) -> Iterator[RecordedPassage]:
    """Yield the passages of recorded stays, in order of time if the arrivals are; keeps the cars inside in memory."""
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
    """Yield the passages of counted cars in order of time; keeps the cars inside in memory."""
    for movement in movements(changes(counts, skipped), random):
        way = Direction.ENTRY if movement.arrives else Direction.EXIT
        yield RecordedPassage(movement.at.astimezone(UTC), facility.lot, facility.plate(movement.car), way)


StayLine: TypeAlias = str
"""A stay as a line: lot, plate, entry, and exit or its state."""


def stay_line(lot: str, plate: str | None, entered: datetime, end: datetime | str) -> StayLine:
    """Return a stay as a line with instants in UTC; equal for the file's and the stored stay."""
    left = end if isinstance(end, str) else end.astimezone(UTC).isoformat()
    return f"{lot} {plate} {entered.astimezone(UTC).isoformat()} {left}"


class Stays:
    """The stays that follow from passages by the rules of offline reads: one for each entry, ended by the next exit.

    A car that enters again without an exit has missed one: its older stay goes to review. An exit without a car inside
    is a record without a stay.
    """

    def __init__(self) -> None:
        self._inside: dict[tuple[str, str], datetime] = {}
        self.oddities: Counter[str] = Counter()

    def take(self, passage: RecordedPassage) -> StayLine | None:
        """Add a passage and return the stay that it ends, if any."""
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
        """Yield the stays of cars that are inside at the end."""
        for key, entered in self._inside.items():
            yield stay_line(*key, entered, "open")
