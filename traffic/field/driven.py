"""A car of the field in its lanes: what it does there, what was sent and answered, and what truly happened."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import uuid4

from gates.decision import repeats
from gates.reads import load
from traffic.client import KeyedLane, Server
from traffic.field.dirt import Clock, Glimpse, as_scanned, clock_text, passage_instant
from traffic.field.lane_pool import LanePool
from traffic.field.scenario import FieldCar
from traffic.simulation.journey import BAD_CARD, GOOD_CARD, Sent

T = TypeVar("T")
Steps = Generator[timedelta, None, T]
"""A part of a car's life: it yields how long to wait."""
Answer = dict[str, Any]

LOOKS_AGAIN_AFTER = timedelta(seconds=0.3)
CLEARLY = 0.97


@dataclass(slots=True)
class Presence:
    """One stay as it truly was, with its ticket. `left_as` is the reason with which the lane let it out."""

    plate: str
    entered_at: datetime
    number: str = ""
    link: str = ""
    left_at: datetime | None = None
    left_as: str = ""

    @property
    def token(self) -> str:
        """The token of its ticket's link."""
        return self.link.rsplit("/", 1)[-1]

    def takes_ticket(self, answer: Answer) -> None:
        """Have the ticket of this answer, if there is one."""
        if answer["ticket"]:
            self.number, self.link = answer["ticket"]["number"], answer["ticket"]["link"]


@dataclass(slots=True)
class Driven:
    """A car's way through the lanes; `dedupe` is how long its lot takes the same plate for the same car."""

    plan: FieldCar
    pool: LanePool
    server: Server
    dedupe: timedelta
    random: Random
    presences: list[Presence] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused: bool = False
    trapped: bool = False

    @property
    def here(self) -> Presence:
        """The stay that began last."""
        return self.presences[-1]

    @property
    def clear(self) -> Glimpse:
        """The car as a good camera sees it."""
        return Glimpse(self.plan.plate, CLEARLY)

    def takes(self, lanes: Sequence[KeyedLane]) -> Steps[KeyedLane]:
        """Wait until one of these lanes is free, and drive into it."""
        while (lane := self.pool.take(lanes, self.random)) is None:
            yield LOOKS_AGAIN_AFTER
        return lane

    def other_lanes(self, lanes: Sequence[KeyedLane]) -> list[KeyedLane]:
        """Return these lanes without the one in which the car was read last."""
        return [lane for lane in lanes if lane != self.sent[-1].lane]

    def waits_for_nobody(self) -> Steps[None]:
        """Stand in the lane until it must open, as nobody has answered."""
        yield timedelta(seconds=repeats.UNANSWERED_LIMIT + 2)

    def waits_out_silence(self) -> Steps[None]:
        """Wait until a barrier's silence counts as a passage."""
        yield load.SILENCE + timedelta(seconds=1)

    def read(  # noqa: PLR0913 - what one read is made of
        self,
        lane: KeyedLane,
        glimpse: Glimpse,
        *,
        clock: Clock = Clock.RIGHT,
        seen_at: datetime | None = None,
        recorded_at: datetime | None = None,
        scanned: str | None = None,
        doubled: bool = False,
    ) -> Answer:
        """Send a reading of now or of `seen_at`, or a record of an earlier instant, and return the answer."""
        body = {
            "event_id": str(uuid4()),
            "plate": glimpse.plate,
            "confidence": glimpse.confidence,
            "captured_at": clock_text(clock, recorded_at or seen_at or datetime.now(UTC)),
            "ticket_number": scanned,
            "vehicle_type": self.plan.vehicle_type,
            "offline": recorded_at is not None,
            **glimpse.extras,
        }
        answer = self._send(lane, body)
        if doubled:
            self._send(lane, body, again=True)
        return answer

    def _send(self, lane: KeyedLane, body: Answer, *, again: bool = False) -> Answer:
        answer = self.server.read(lane, body)
        self.sent.append(Sent(lane, body, answer, again=again))
        return answer

    def report(self, lane: KeyedLane, answer: Answer, outcome: str, *, doubled: bool = False) -> None:
        """Report, as the barrier, what became of an opening."""
        event_id, at = str(uuid4()), passage_instant(self.random, datetime.now(UTC))
        for _ in range(1 + doubled):
            self.server.confirm_passage(lane, of_event=answer["event_id"], event_id=event_id, outcome=outcome, at=at)

    def drives_through(self, lane: KeyedLane, answer: Answer) -> None:
        """Drive through an opened lane, whose barrier, if it confirms, reports it."""
        if lane.confirms:
            self.report(lane, answer, "passed")

    def begins(self, answer: Answer, entered_at: datetime | None = None, *, plate: str | None = None) -> None:
        """Be inside, with the ticket of this answer if it has one."""
        self.presences.append(Presence(plate or self.plan.plate, entered_at or datetime.now(UTC)))
        self.here.takes_ticket(answer)

    def is_out(self, answer: Answer, presence: Presence | None = None) -> None:
        """Be outside, let out by this answer."""
        left = presence or self.here
        left.left_at, left.left_as = datetime.now(UTC), answer["reason"]

    def scan(self, presence: Presence | None = None) -> str:
        """Return what a scanner makes of a stay's ticket."""
        shown = presence or self.here
        return as_scanned(shown.number, shown.link, self.random)

    def pay(self, *, good: bool = True, presence: Presence | None = None) -> bool:
        """Pay for a stay by its ticket's link; return whether its lane has opened by itself and ended it."""
        token = (presence or self.here).token
        self.server.pay(token, card=GOOD_CARD if good else BAD_CARD, key=str(uuid4()))
        return self.server.status(token) == "closed"
