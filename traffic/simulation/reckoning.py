"""Reconciles what was sent with what was recorded, to the car. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from traffic.simulation.journey import Fate, Journey, Sent

OPEN, REVIEW, CLOSED, NOTHING = "open", "review", "closed", "no ticket"
STATES = {"entering": OPEN, "active": OPEN, "paid": OPEN}
UNSEEN = "unattended"

EXPECTED = {
    Fate.COMING: {NOTHING},
    Fate.TURNED_AWAY: {NOTHING},
    Fate.INSIDE: {OPEN, REVIEW},
    Fate.AT_EXIT: {OPEN, REVIEW},
    Fate.LEFT: {CLOSED},
}
"""The states that a car's own story allows for its ticket. A car without an answer proves nothing."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the server recorded: each event's answer, each ticket's state, and other discrepancies."""

    events: Mapping[UUID, str]
    tickets: Mapping[str, str]
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the reconciliation: our count and the server's."""

    label: str
    ours: int
    theirs: int

    @property
    def agrees(self) -> bool:
        """Return whether both counts agree."""
        return self.ours == self.theirs


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The result: counts side by side, explanatory notes, and discrepancies."""

    cars: int
    fates: Mapping[Fate, int]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    discrepancies: tuple[str, ...]

    @property
    def reconciles(self) -> bool:
        """Return whether everything agrees, to the car."""
        return not self.discrepancies and all(row.agrees for row in self.rows)


def reckon(journeys: Sequence[Journey], recorded: Recorded) -> Reckoning:
    """Compare every read and every car with what was recorded of it."""
    sent = [one for journey in journeys for one in journey.sent]
    first_time = {one.event_id: one for one in sent if not one.again}
    return Reckoning(
        cars=len(journeys),
        fates=Counter(journey.fate for journey in journeys),
        rows=(*_event_rows(first_time, recorded), *_car_rows(journeys, recorded)),
        notes=tuple(_notes(journeys, sent, recorded)),
        discrepancies=(
            *differing_events(first_time, recorded),
            *_differing_cars(journeys, recorded),
            *repeats_that_differ(sent, first_time),
            *recorded.complaints,
        ),
    )


def _event_rows(first_time: Mapping[UUID, Sent], recorded: Recorded) -> Iterator[Row]:
    ours = Counter(one.outcome for one in first_time.values())
    theirs = Counter(recorded.events.values())
    yield Row("reads", len(first_time), len(recorded.events))
    for outcome in sorted(ours | theirs):
        yield Row(f"  {outcome}", ours[outcome], theirs[outcome])


def _car_rows(journeys: Sequence[Journey], recorded: Recorded) -> Iterator[Row]:
    states = Counter(recorded.tickets.values())
    seen_out = Counter(journey.fate is Fate.LEFT for journey in journeys if journey.left_as != UNSEEN)
    in_review = sum(recorded.tickets.get(journey.ticket or "") == REVIEW for journey in journeys)
    entered = sum(journey.ticket is not None for journey in journeys)
    yield Row("cars that entered / tickets", entered, len(recorded.tickets))
    yield Row("  left / closed", seen_out[True], states[CLOSED])
    yield Row("  still inside / open", entered - seen_out[True] - in_review, states[OPEN])
    yield Row("  in review", in_review, states[REVIEW])


def _notes(journeys: Sequence[Journey], sent: Sequence[Sent], recorded: Recorded) -> Iterator[str]:
    failures = [problem for journey in journeys for problem in journey.problems]
    if failures:
        yield f"{failures[0]} ({len(failures)} cars had no usable answer)"
    yield f"{sum(one.again for one in sent)} events were sent a second time and changed nothing"
    without_spot = sum(journey.left_as == UNSEEN for journey in journeys)
    if without_spot:
        yield f"{without_spot} cars left unattended: their tickets stay open until somebody looks"
    in_review = sum(recorded.tickets.get(journey.ticket or "") == REVIEW for journey in journeys)
    if in_review:
        yield f"{in_review} stays are in review: their plate came in again, perhaps misread"
    reasons = Counter(journey.left_as for journey in journeys if journey.left_as)
    yield "left as: " + ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))


def differing_events(first_time: Mapping[UUID, Sent], recorded: Recorded) -> Iterator[str]:
    """Yield each event that was not recorded, and once, with the answer that it got."""
    for event_id, one in first_time.items():
        if recorded.events.get(event_id) != one.outcome:
            yield f"event {event_id}: answered {one.outcome}, recorded {recorded.events.get(event_id, 'nothing')}"
    for event_id in recorded.events.keys() - first_time.keys():
        yield f"event {event_id}: recorded {recorded.events[event_id]}, never sent"


def _differing_cars(journeys: Iterable[Journey], recorded: Recorded) -> Iterator[str]:
    for journey in journeys:
        state = recorded.tickets.get(journey.ticket, NOTHING) if journey.ticket else NOTHING
        expected = {OPEN} if journey.left_as == UNSEEN else EXPECTED.get(journey.fate, set())
        if state not in expected:
            problem = f" ({journey.problems[-1]})" if journey.problems else ""
            yield f"{journey.visit.plate} {journey.ticket or ''}: {journey.fate}, recorded as {state}{problem}"
    known = {journey.ticket for journey in journeys}
    for number in recorded.tickets.keys() - known:
        yield f"{number}: a ticket that no car has"


def repeats_that_differ(sent: Iterable[Sent], first_time: Mapping[UUID, Sent]) -> Iterator[str]:
    """Yield each event that was sent a second time and got another answer."""
    for one in sent:
        if one.again and one.answer is not None:
            first = first_time[one.event_id].answer
            if first is not None and one.answer != {**first, "replayed": True}:
                yield f"event {one.event_id}: sent again, answered otherwise"
