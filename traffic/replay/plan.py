"""What a replay sends: the passages of every chosen source of a recording, merged in order of time."""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import cast

from traffic.replay.counts import changes, in_order, is_unordered
from traffic.replay.passages import Facility, RecordedPassage, of_counts, of_sessions
from traffic.replay.recording import Recording
from traffic.replay.recording_rows import OccupancyCount, ReplayFileError, Row, Session


@dataclass(slots=True)
class ReplayPlan:
    """A recording, the lot of each source, and the seed; `passages` yields the same ones every time.

    `rows`, `reads` and `skipped` (by reason) come from a first pass over the file, which also finds unreadable rows
    before anything is sent.
    """

    recording: Recording
    facilities: Mapping[str, Facility]
    seed: int
    rows: int = 0
    reads: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    unordered: frozenset[str] = frozenset()

    def survey(self) -> None:
        """Read the file once; raises ReplayFileError for unreadable rows and when there is nothing to send."""
        self.skipped.clear()
        self.rows = sum(1 for _ in self.recording.rows(bad=self.skipped))
        self.unordered = frozenset(source for source in self.facilities if is_unordered(self._raw(source)))
        self.reads = sum(self._reads_of(source) for source in self.facilities)
        if not self.reads:
            raise ReplayFileError(f"{self.recording.path} has no cars for these sources and days.")

    def passages(self) -> Iterator[RecordedPassage]:
        """Yield every passage in order of time; one pass over the file for each source."""
        return heapq.merge(*map(self._passages_of, self.facilities), key=lambda passage: passage.at)

    def _reads_of(self, source: str) -> int:
        if self.recording.kind() is Session:
            return sum(1 for _ in of_sessions(self._sessions(source), self.facilities[source], self.skipped))
        return sum(abs(change.cars) for change in changes(self._counts(source), self.skipped))

    def _passages_of(self, source: str) -> Iterator[RecordedPassage]:
        facility, skipped = self.facilities[source], Counter[str]()
        if self.recording.kind() is Session:
            return of_sessions(self._sessions(source), facility, skipped)
        random = Random(f"{self.seed}/{source}")  # noqa: S311 repeatable, no secret
        return of_counts(self._counts(source), facility, random, skipped)

    def _sessions(self, source: str) -> Iterator[Session]:
        return cast("Iterator[Session]", self._ordered(source))

    def _counts(self, source: str) -> Iterator[OccupancyCount]:
        return cast("Iterator[OccupancyCount]", self._ordered(source))

    def _ordered(self, source: str) -> Iterator[Row]:
        rows = self._raw(source)
        return in_order(rows) if self.recording.kind() is Session or source in self.unordered else rows

    def _raw(self, source: str) -> Iterator[Row]:
        return (row for _, row in self.recording.rows(only=source))
