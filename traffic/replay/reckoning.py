"""Reconciles what a replay sent with what was recorded."""

from collections.abc import Iterator
from dataclasses import dataclass

from traffic.replay.ledger import Ledger
from traffic.replay.passages import Stays
from traffic.replay.plan import ReplayPlan
from traffic.replay.recorded import Record
from traffic.replay.tally import Tally, bucket_of
from traffic.simulation.reckoning import Row


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """The counts side by side, notes, and discrepancies."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    discrepancies: tuple[str, ...]

    @property
    def reconciles(self) -> bool:
        """Return whether everything agrees, to the stay and the second."""
        return not self.discrepancies and all(row.agrees for row in self.rows)


def event_rows(ledger: Ledger, record: Record) -> Iterator[Row]:
    """Compare the number of reads, in total and by answer."""
    yield Row("reads", ledger.reads, record.outcomes.total())
    for outcome in sorted(ledger.outcomes | record.outcomes):
        yield Row(f"  {outcome}", ledger.outcomes[outcome], record.outcomes[outcome])


def differing(what: str, ours: Tally, theirs: Tally) -> Iterator[str]:
    """Return in how many buckets the two sides differ."""
    buckets = ours.differing(theirs)
    if buckets:
        yield f"{what} differ in {len(buckets)} of {len(ours.counts)} groups of plates"


def planned_stays(plan: ReplayPlan, buckets: frozenset[int]) -> Iterator[str]:
    """Compute the stays of some buckets of plates again."""
    stays = Stays()
    for passage in plan.passages():
        if bucket_of(passage.plate) in buckets:
            ended = stays.take(passage)
            if ended is not None:
                yield ended
    yield from stays.still_open()


def notes_of(plan: ReplayPlan, ledger: Ledger) -> Iterator[str]:
    """Return what is not in the counts: skipped rows, and cars with impossible passages."""
    skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(plan.skipped.items()))
    yield f"{plan.rows} rows, skipped: {skipped or 'none'}"
    if plan.unordered:
        yield f"{len(plan.unordered)} sources were not in order of time and were put in order"
    yield from (f"{count} cars {oddity}" for oddity, count in sorted(ledger.followed.oddities.items()))
