"""Runs a replay, from its plan to its reconciliation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from traffic.client import Server
from traffic.replay.ledger import Ledger
from traffic.replay.passages import RecordedPassage
from traffic.replay.plan import ReplayPlan
from traffic.replay.reckoning import ReplayOutcome, differing, event_rows, notes_of, planned_stays
from traffic.replay.recorded import Record, recorded_by, stays_in
from traffic.replay.sending import Mail, Post, Sender
from traffic.replay.tally import differences
from traffic.simulation.reckoning import Row
from traffic.simulation.sites import Course

DIFFERENCES_LISTED = 20


@dataclass(frozen=True, slots=True)
class ReplayRun:
    """A plan, the server and lanes for it, and the speed; `stepped` is called for every answer."""

    plan: ReplayPlan
    server: Server
    course: Course
    speed: float | None
    stepped: Callable[[], object]

    def run(self) -> ReplayOutcome:
        """Send every passage and compare with the record; raises NoAnswerError when too many fail."""
        ledger = Ledger(run=_new_run())
        self._send(ledger.run, self._noted(ledger), answered=ledger.answered, refused=ledger.refused, speed=self.speed)
        ledger.finish()
        if self.course.devices:
            return self._reckoned_here(ledger, recorded_by(self.course.devices))
        return self._reckoned_from_afar(ledger)

    def _noted(self, ledger: Ledger) -> Iterator[RecordedPassage]:
        for passage in self.plan.passages():
            ledger.sent(passage)
            yield passage

    def _send(
        self,
        run: UUID,
        passages: Iterator[RecordedPassage],
        *,
        answered: Callable[[RecordedPassage, dict[str, Any]], object],
        refused: Callable[[RecordedPassage, str], object],
        speed: float | None = None,
    ) -> None:
        def step(passage: RecordedPassage, answer: dict[str, Any]) -> None:
            answered(passage, answer)
            self.stepped()

        mail = Mail(run, self.course.sites)
        posts: Iterator[Post] = map(mail.post, passages)
        sender = Sender(self.server, answered=step, refused=refused)
        sender.send(posts, speed=speed)

    def _reckoned_here(self, ledger: Ledger, record: Record) -> ReplayOutcome:
        buckets = ledger.stays.differing(record.stays)
        found = differences(planned_stays(self.plan, buckets), stays_in(self.course.devices, buckets))
        listed = [f"{'in the file' if ours else 'recorded'} only: {line}" for line, ours in found] if buckets else []
        states = ", ".join(f"{count} {state}" for state, count in sorted(record.states.items()))
        return ReplayOutcome(
            rows=(*event_rows(ledger, record), Row("stays", ledger.stays.total, record.stays.total)),
            notes=(*notes_of(self.plan, ledger), f"stays: {states or 'none'}"),
            discrepancies=(
                *ledger.failures,
                *differing("events", ledger.events, record.events),
                *listed[:DIFFERENCES_LISTED],
                *record.complaints,
            ),
        )

    def _reckoned_from_afar(self, ledger: Ledger) -> ReplayOutcome:
        """Repeat every event at a remote server: it must recognise the event and answer the same."""
        record = Record()
        failed = Ledger(run=ledger.run)
        self._send(
            ledger.run,
            self.plan.passages(),
            answered=record.take_answer,
            refused=failed.refused,
        )
        return ReplayOutcome(
            rows=(*event_rows(ledger, record), Row("stays that ended", ledger.ended.total, record.stays.total)),
            notes=tuple(notes_of(self.plan, ledger)),
            discrepancies=(
                *ledger.failures,
                *failed.failures,
                *differing("events", ledger.events, record.events),
                *differing("stays", ledger.ended, record.stays),
                *islice(record.complaints, DIFFERENCES_LISTED),
            ),
        )


def _new_run() -> UUID:
    # Two runs with the same seed are two days: their events must have different ids.
    return uuid4()
