"""Records what a replay sent and got, in constant memory."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

from lots.gate_rules import Direction
from traffic.replay.passages import RecordedPassage, Stays
from traffic.replay.tally import Tally

FAILURES_LISTED = 20


@dataclass(slots=True)
class Ledger:
    """The ledger of the sending side. `sent` is called in the plan's order, `answered` from several threads.

    `events` has each event with its answer, `stays` each stay as in the file, `ended` those with an exit.
    """

    run: UUID
    reads: int = 0
    failed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    events: Tally = field(default_factory=Tally)
    ended: Tally = field(default_factory=Tally)
    stays: Tally = field(default_factory=Tally)
    failures: list[str] = field(default_factory=list)
    followed: Stays = field(default_factory=Stays)
    _lock: Lock = field(default_factory=Lock)

    def sent(self, passage: RecordedPassage) -> None:
        """Record a passage that is being sent, and the stay it ends."""
        self.reads += 1
        stay = self.followed.take(passage)
        if stay is not None:
            self.stays.add(passage.plate, stay)
            if passage.way is Direction.EXIT:
                self.ended.add(passage.plate, stay)

    def answered(self, passage: RecordedPassage, answer: dict[str, Any]) -> None:
        """Record the answer to a passage."""
        outcome = f"{answer['action']}/{answer['reason']}"
        with self._lock:
            self.outcomes[outcome] += 1
            self.events.add(passage.plate, event_line(passage.event_id(self.run), outcome))

    def refused(self, passage: RecordedPassage, problem: str) -> None:
        """Record a passage without a usable answer."""
        with self._lock:
            self.failed += 1
            if len(self.failures) < FAILURES_LISTED:
                self.failures.append(f"{passage.lot} {passage.plate} {passage.way} {passage.at.isoformat()}: {problem}")

    def finish(self) -> None:
        """Record the stays of cars that are inside at the end."""
        for stay in self.followed.still_open():
            self.stays.add(stay.split(" ", 2)[1], stay)


def event_line(event_id: UUID | str, outcome: str) -> str:
    """Return an event as a line; equal for what was sent and what is stored."""
    return f"{event_id} {outcome}"
