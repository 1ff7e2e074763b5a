"""The lives of honest drivers: they come in, pay what they are asked for and leave, whatever their devices do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from traffic.client import KeyedLane
from traffic.field.dirt import BarrierStory, Clock, Glimpse, LaneDirt, glimpses
from traffic.field.driven import Answer, Driven, Steps
from traffic.simulation.scenario import PaymentHabit

MOST_READS = 10
MOST_DECLINES = 2
BETWEEN_VIEWS = timedelta(seconds=0.4)


def drops_off(car: Driven) -> Steps[None]:
    """Come in and leave at once."""
    yield from _comes_in(car)
    if not car.refused:
        yield from _goes_out(car)


def parks(car: Driven) -> Steps[None]:
    """Leave now, after an entry hours ago of which the record comes now."""
    dirt, came_at = car.plan.at_entry, datetime.now(UTC) - car.plan.stay
    best = glimpses(car.plan.plate, dirt, car.random)[-1]
    clock = dirt.clock if dirt.clock in {Clock.EAST, Clock.WEST} else Clock.RIGHT
    lane = car.random.choice(car.pool.entries)
    car.begins(car.read(lane, best, recorded_at=came_at, clock=clock, doubled=dirt.doubled), came_at)
    if car.plan.habit is PaymentHabit.AHEAD:
        car.pay()
    yield from _goes_out(car)


def parks_offline(car: Driven) -> Steps[None]:
    """Come and leave while the garage is offline; the record of the exit arrives first, that of the entry twice."""
    left_at = datetime.now(UTC)
    came_at = left_at - car.plan.stay
    entry, exit_ = car.random.choice(car.pool.entries), car.random.choice(car.pool.exits)
    car.read(exit_, car.clear, recorded_at=left_at, clock=Clock.WEST)
    car.begins(car.read(entry, car.clear, recorded_at=came_at, clock=Clock.EAST, doubled=True), came_at)
    car.here.left_at, car.here.left_as = left_at, "owed"
    yield from ()


def _comes_in(car: Driven) -> Steps[None]:
    lane = yield from car.takes(car.pool.entries)
    stop = _Stop(car, lane, car.plan.at_entry)
    try:
        answer = stop.seen()
        if answer["action"] == "open":
            answer = stop.backs_out(answer)
        if answer["action"] == "open":
            car.begins(answer)
            stop.passes(answer)
        else:
            car.refused = True
            car.problems.append(f"the entry answered {answer['action']}/{answer['reason']}")
    finally:
        car.pool.leave(lane)


def _goes_out(car: Driven) -> Steps[None]:
    """Leave through a lane: pay when asked, show the ticket when the plate is not enough."""
    lane = yield from car.takes(car.pool.exits)
    stop = _Stop(car, lane, car.plan.at_exit)
    try:
        answer = stop.settles(stop.seen())
        if answer["action"] == "open":
            answer = stop.settles(stop.backs_out(answer))
        if answer["action"] != "open":
            car.problems.append(f"the exit answered {answer['action']}/{answer['reason']}")
            yield from car.waits_for_nobody()
            answer = car.read(lane, car.clear, scanned=car.scan())
            car.trapped = answer["action"] != "open"
        car.is_out(answer)
        stop.passes(answer)
    finally:
        car.pool.leave(lane)
    if lane.confirms and stop.dirt.barrier is BarrierStory.SILENT:
        yield from car.waits_out_silence()


@dataclass(slots=True)
class _Stop:
    """A car in one lane, with all that goes wrong there."""

    car: Driven
    lane: KeyedLane
    dirt: LaneDirt
    views: Sequence[Glimpse] = field(init=False)
    declines: int = field(init=False)

    def __post_init__(self) -> None:
        self.views = glimpses(self.car.plan.plate, self.dirt, self.car.random)
        self.declines = MOST_DECLINES if self.car.plan.habit is PaymentHabit.DECLINED else 0

    def seen(self) -> Answer:
        """Let the camera read the car as often as it does, and return the last answer."""
        began_at, answer = datetime.now(UTC), {}
        for place, view in enumerate(self.views):
            answer = self._read(view, seen_at=began_at + place * BETWEEN_VIEWS, doubled=self.dirt.doubled)
        return answer

    def settles(self, answer: Answer) -> Answer:
        """Pay or show the ticket until the lane opens, and return the last answer."""
        for _ in range(MOST_READS):
            if answer["action"] == "open":
                break
            scanned = None
            if answer["action"] == "pay":
                if self.car.pay(good=not self.declines):
                    return {**answer, "action": "open", "reason": "owed" if self.declines else "paid"}
                self.declines = max(0, self.declines - 1)
            else:
                scanned = self.car.scan()
            answer = self._read(self.views[-1], scanned=scanned)
        return answer

    def backs_out(self, answer: Answer) -> Answer:
        """Back out of an opened lane and come again, if that is the car's story; return the answer that holds now."""
        if not self.lane.confirms or self.dirt.barrier is not BarrierStory.BACKED_OUT:
            return answer
        self.car.report(self.lane, answer, "backed_out", doubled=self.dirt.doubled)
        return self.seen()

    def passes(self, answer: Answer) -> None:
        """Drive through, as the barrier tells it or does not."""
        if not self.lane.confirms or self.dirt.barrier is BarrierStory.SILENT:
            return
        if self.dirt.barrier is BarrierStory.FAULT:
            self.car.report(self.lane, answer, "fault")
        if self.dirt.barrier is BarrierStory.OF_REPEAT:
            answer = self._read(self.views[-1])
        self.car.report(self.lane, answer, "passed", doubled=self.dirt.doubled)

    def _read(
        self, view: Glimpse, *, scanned: str | None = None, seen_at: datetime | None = None, doubled: bool = False
    ) -> Answer:
        return self.car.read(self.lane, view, clock=self.dirt.clock, seen_at=seen_at, scanned=scanned, doubled=doubled)
