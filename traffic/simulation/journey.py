"""One car's way through the gates, with all that was sent and answered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID, uuid4

from traffic.client import KeyedLane, NoAnswerError, Server, Site
from traffic.simulation.misreading import misread, read_well
from traffic.simulation.scenario import Mishaps, PaymentHabit, Repeat, SimulatedVisit

GOOD_CARD, BAD_CARD = "tok_ok", "tok_declined"
MOST_READS_AT_EXIT = 8
MOST_DECLINES = 2
REPEATED_AFTER = timedelta(seconds=2)


class Fate(StrEnum):
    """How a car's visit ended, from the car's own view."""

    COMING = "not yet arrived"
    TURNED_AWAY = "turned away"
    INSIDE = "inside"
    LEFT = "left"
    AT_EXIT = "waits at the exit"
    LOST = "without an answer"


@dataclass(frozen=True, slots=True)
class Sent:
    """A read and its answer, or None without one. `again` marks a repeated event."""

    lane: KeyedLane
    body: dict[str, Any]
    answer: dict[str, Any] | None
    again: bool = False

    @property
    def event_id(self) -> UUID:
        """The event id."""
        return UUID(self.body["event_id"])

    @property
    def outcome(self) -> str:
        """The answer's action and reason as one word."""
        return f"{self.answer['action']}/{self.answer['reason']}" if self.answer else "no answer"


@dataclass(slots=True)
class Journey:
    """A visit in progress. All randomness comes from the visit's own seed."""

    visit: SimulatedVisit
    site: Site
    server: Server
    seed: int
    fate: Fate = Fate.COMING
    ticket: str | None = None
    token: str | None = None
    left_as: str | None = None
    declines: int = 0
    sent: list[Sent] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.visit.serial}")  # noqa: S311 repeatable, no secret

    @property
    def arrives(self) -> timedelta:
        """When the car comes, from the start of the day."""
        return self.visit.arrives

    def steps(self, speed: float | None) -> Iterator[timedelta]:
        """Enter, stay for as long as the day's speed lets pass, and leave."""
        passes = self.visit.stay / speed if speed else timedelta(0)
        self.enter(stays_on=max(timedelta(0), self.visit.stay - passes))
        if self.fate is Fate.INSIDE and self.visit.leaves:
            yield self.visit.stay
            self.leave()

    def enter(self, *, stays_on: timedelta) -> None:
        """Enter; a longer stay began `stays_on` ago and is sent as a record of that time."""
        self._try(lambda: self._enter(stays_on))

    def leave(self) -> None:
        """Leave: pay in advance or when asked, and show the ticket when the plate is unknown."""
        self._try(self._leave)

    def _try(self, part: Callable[[], None]) -> None:
        try:
            part()
        except NoAnswerError as error:
            self.fate = Fate.LOST
            self.problems.append(str(error))

    def _enter(self, stays_on: timedelta) -> None:
        lane = self.random.choice(self.site.entries)
        offline = not self.visit.short
        at = datetime.now(UTC) - (stays_on if offline else timedelta(0))
        answer = self._pass(lane, self.visit.entry, at=at, offline=offline)
        if answer["action"] != "open":
            self.fate = Fate.TURNED_AWAY
            return
        if not offline:
            self._passes(lane, answer)
        self.fate = Fate.INSIDE
        self.ticket = answer["ticket"]["number"]
        self.token = answer["ticket"]["link"].rsplit("/", 1)[-1]

    def _leave(self) -> None:
        if self.visit.payment is PaymentHabit.AHEAD and not self.visit.short:
            self._pay(GOOD_CARD)
        self.fate = Fate.AT_EXIT
        lane = self.random.choice(self.site.exits)
        answer = self._pass(lane, self.visit.exit, at=None)
        for _ in range(MOST_READS_AT_EXIT):
            if answer["action"] == "open":
                self._passes(lane, answer)
                self._is_out(answer["reason"])
                return
            if (answer["action"] == "pay" or answer["reason"] == "owed") and self._pays_and_goes():
                return
            answer = self._send(lane, self._body(self.visit.plate, 0.97, ticket_number=self.ticket))

    def _pays_and_goes(self) -> bool:
        """Pay what the lane asks for. A lane that gets notified may open by itself, without another read."""
        declines = self.visit.payment is PaymentHabit.DECLINED and self.declines < MOST_DECLINES
        self.declines += declines
        self._pay(BAD_CARD if declines else GOOD_CARD)
        if self.server.status(self._key) != "closed":
            return False
        self._is_out("owed" if declines else "paid")
        return True

    def _passes(self, lane: KeyedLane, answer: dict[str, Any]) -> None:
        if lane.confirms:
            self.server.confirm_passage(lane, of_event=answer["event_id"], event_id=str(self._uuid()))

    def _is_out(self, reason: str) -> None:
        self.fate, self.left_as = Fate.LEFT, reason

    @property
    def _key(self) -> str:
        return self.token or self.ticket or ""

    def _pay(self, card: str) -> None:
        self.server.pay(self._key, card=card, key=str(self._uuid()))

    def _pass(self, lane: KeyedLane, mishaps: Mishaps, *, at: datetime | None, offline: bool = False) -> dict[str, Any]:
        """Send what the camera reads, with repetitions, and return the first answer."""
        plate, confidence = (misread if mishaps.misread else read_well)(self.visit.plate, self.random)
        body = self._body(plate, confidence, at=at, offline=offline)
        answer = self._send(lane, body)
        if mishaps.repeat is Repeat.SAME_EVENT:
            self._send(lane, body, again=True)
        elif mishaps.repeat is Repeat.SAME_PLATE and plate is not None:
            later = None if at is None else at + REPEATED_AFTER
            self._send(lane, self._body(plate, confidence, at=later, offline=offline))
        return answer

    def _send(self, lane: KeyedLane, body: dict[str, Any], *, again: bool = False) -> dict[str, Any]:
        try:
            answer = self.server.read(lane, body)
        except NoAnswerError:
            self.sent.append(Sent(lane, body, None, again=again))
            raise
        self.sent.append(Sent(lane, body, answer, again=again))
        return answer

    def _body(
        self,
        plate: str | None,
        confidence: float,
        *,
        at: datetime | None = None,
        offline: bool = False,
        ticket_number: str | None = None,
    ) -> dict[str, Any]:
        return {
            "event_id": str(self._uuid()),
            "plate": plate,
            "confidence": confidence,
            "captured_at": (at or datetime.now(UTC)).isoformat(),
            "ticket_number": ticket_number,
            "vehicle_type": self.visit.vehicle_type,
            "electric": self.visit.electric,
            "offline": offline,
        }

    def _uuid(self) -> UUID:
        # Two runs with the same seed are two days: their events must have different ids.
        return uuid4()
