"""The lives of fraudsters, each by one ploy. Their devices work well, so that what follows is the ploy's alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from traffic.client import KeyedLane
from traffic.field.dirt import WELL_KNOWN_SKEW, Clock, Glimpse
from traffic.field.driven import CLEARLY, Answer, Driven, Presence, Steps

OF_2000 = datetime(2000, 1, 1, 8, tzinfo=UTC)
IN_A_YEAR = timedelta(days=365)


def strangers_ticket(car: Driven) -> Steps[None]:
    """Park for hours, take another car's fresh ticket and show it at the exit."""
    own = _parked(car)
    other = yield from _comes_in(car, car.plan.other_plate)
    lane = yield from car.takes(car.pool.exits)
    try:
        answer = car.read(lane, car.clear, scanned=car.scan(other))
        if answer["action"] != "open":
            yield from car.waits_for_nobody()
            answer = car.read(lane, car.clear, scanned=car.scan(other))
        _leaves(car, lane, answer, own)
    finally:
        car.pool.leave(lane)
    yield from _goes_out(car, other)


def turns_back(car: Driven) -> Steps[None]:
    """Drop somebody off, have the exit opened within grace, park instead, and leave without a stay by another lane."""
    stay = yield from _comes_in(car, car.plan.plate)
    plain = [lane for lane in car.pool.exits if not lane.confirms]
    opened = yield from car.takes(plain)
    car.read(opened, car.clear)
    car.pool.leave(opened)
    yield from _goes_out(car, stay, car.other_lanes(car.pool.exits))


def fresh_grace(car: Driven) -> Steps[None]:
    """Leave within grace and come back at once."""
    first = yield from _comes_in(car, car.plan.plate)
    yield from _goes_out(car, first)
    yield car.dedupe + timedelta(seconds=1)
    second = yield from _comes_in(car, car.plan.plate)
    yield from _goes_out(car, second)


def second_entry(car: Driven) -> Steps[None]:
    """Park for hours, have the plate read at the entry again, and leave on the fresh stay."""
    own = _parked(car)
    lane = yield from car.takes(car.pool.entries)
    try:
        answer = car.read(lane, car.clear)
        car.drives_through(lane, answer)
    finally:
        car.pool.leave(lane)
    own.takes_ticket(answer)
    yield from _goes_out(car, own)


def convoy(car: Driven) -> Steps[None]:
    """Bring two cars in with one plate, the second after the wait that a plate seen twice gets; both leave."""
    first = yield from _comes_in(car, car.plan.plate)
    second = yield from _comes_in(car, car.plan.plate, car.other_lanes(car.pool.entries))
    yield from _goes_out(car, first)
    yield from _goes_out(car, second, car.other_lanes(car.pool.exits))


def one_ticket(car: Driven) -> Steps[None]:
    """Pay one ticket and show it at two confirming exits at the same time; the second car covers its plate."""
    paid, covered = _parked(car), _parked(car, car.plan.other_plate)
    car.pay(presence=paid)
    barriers = [lane for lane in car.pool.exits if lane.confirms]
    first = yield from car.takes(barriers)
    try:
        second = yield from car.takes(barriers)
        try:
            opening = car.read(first, car.clear)
            answer = car.read(second, Glimpse(None, 0.0), scanned=car.scan(paid))
            _leaves(car, first, opening, paid)
            if answer["action"] != "open":
                yield from car.waits_for_nobody()
                answer = car.read(second, Glimpse(None, 0.0), scanned=car.scan(paid))
            _leaves(car, second, answer, covered)
        finally:
            car.pool.leave(second)
    finally:
        car.pool.leave(first)


def clock_skip(car: Driven) -> Steps[None]:
    """Let the exit's clock run ahead to skip the wait, and pay as that fails."""
    own = _parked(car)
    lane = yield from car.takes(car.pool.exits)
    try:
        clocks = (Clock.BEHIND, Clock.RIGHT, Clock.AHEAD, Clock.FUTURE)
        answers = [car.read(lane, car.clear, clock=clock) for clock in clocks]
        answer = answers[-1]
        if any(one["action"] == "open" for one in answers):
            car.problems.append(f"the wait of {WELL_KNOWN_SKEW} s was skipped by a clock")
        elif not car.pay():
            answer = car.read(lane, car.clear)
        _leaves(car, lane, answer, own)
    finally:
        car.pool.leave(lane)


def future_record(car: Driven) -> Steps[None]:
    """Leave by a record of a year ahead."""
    own = _parked(car)
    lane = yield from car.takes(car.pool.exits)
    answer = car.read(lane, car.clear, recorded_at=datetime.now(UTC) + IN_A_YEAR)
    car.pool.leave(lane)
    car.is_out(answer, own)


def past_record(car: Driven) -> Steps[None]:
    """Have an exit of the year 2000 recorded for a stay of today, and leave."""
    own = yield from _comes_in(car, car.plan.plate)
    lane = yield from car.takes(car.pool.exits)
    car.read(lane, car.clear, recorded_at=OF_2000)
    car.pool.leave(lane)
    yield from _goes_out(car, own)


def old_record(car: Driven) -> Steps[None]:
    """Have come in by a record of the year 2000."""
    answer = car.read(car.random.choice(car.pool.entries), car.clear, recorded_at=OF_2000)
    car.begins(answer, datetime.now(UTC) - car.plan.stay)
    yield from _goes_out(car, car.here)


def follower(car: Driven) -> Steps[None]:
    """Leave behind a car that has paid, with its plate on a phone, as soon as the same plate is no repetition."""
    paid, behind = _parked(car), _parked(car, car.plan.other_plate)
    lane = yield from car.takes([lane for lane in car.pool.exits if not lane.confirms])
    try:
        car.pay(presence=paid)
        _leaves(car, lane, car.read(lane, car.clear), paid)
        yield car.dedupe + timedelta(seconds=2)
        _leaves(car, lane, car.read(lane, car.clear), behind)
    finally:
        car.pool.leave(lane)


def waits_out(car: Driven) -> Steps[None]:
    """Park for hours and stand in the exit without paying until it opens."""
    own = _parked(car)
    lane = yield from car.takes(car.pool.exits)
    try:
        car.read(lane, car.clear)
        yield from car.waits_for_nobody()
        _leaves(car, lane, car.read(lane, car.clear), own)
    finally:
        car.pool.leave(lane)


def backs_out(car: Driven) -> Steps[None]:
    """Have the entry opened, back over the loop, and drive in all the same."""
    lane = yield from car.takes([lane for lane in car.pool.entries if lane.confirms])
    answer = car.read(lane, car.clear)
    car.report(lane, answer, "backed_out")
    car.pool.leave(lane)
    car.begins(answer)
    yield from _goes_out(car, car.here)


def tailgater(car: Driven) -> Steps[None]:
    """Leave without ever having been read at an entry."""
    car.presences.append(Presence(car.plan.plate, datetime.now(UTC) - car.plan.stay))
    yield from _goes_out(car, car.here)


def _parked(car: Driven, plate: str | None = None) -> Presence:
    """Return a stay that began hours ago, by its record."""
    came_at, plate = datetime.now(UTC) - car.plan.stay, plate or car.plan.plate
    answer = car.read(car.random.choice(car.pool.entries), Glimpse(plate, CLEARLY), recorded_at=came_at)
    car.begins(answer, came_at, plate=plate)
    return car.here


def _comes_in(car: Driven, plate: str, lanes: Sequence[KeyedLane] | None = None) -> Steps[Presence]:
    """Come in now, after the wait if the lane wants a person."""
    lane = yield from car.takes(lanes or car.pool.entries)
    try:
        answer = car.read(lane, Glimpse(plate, CLEARLY))
        if answer["action"] != "open":
            yield from car.waits_for_nobody()
            answer = car.read(lane, Glimpse(plate, CLEARLY))
        car.begins(answer, plate=plate)
        if answer["action"] == "open":
            car.drives_through(lane, answer)
    finally:
        car.pool.leave(lane)
    return car.here


def _goes_out(car: Driven, own: Presence, lanes: Sequence[KeyedLane] | None = None) -> Steps[None]:
    """Leave now: pay when asked, and wait when a person is called."""
    lane = yield from car.takes(lanes or car.pool.exits)
    view = Glimpse(own.plate, CLEARLY)
    try:
        answer = car.read(lane, view)
        if answer["action"] == "pay":
            own.takes_ticket(answer)
            car.pay(presence=own)
            answer = car.read(lane, view)
        elif answer["action"] != "open":
            yield from car.waits_for_nobody()
            answer = car.read(lane, view)
        _leaves(car, lane, answer, own)
    finally:
        car.pool.leave(lane)


def _leaves(car: Driven, lane: KeyedLane, answer: Answer, presence: Presence) -> None:
    if answer["action"] != "open":
        car.trapped = True
        car.problems.append(f"the exit answered {answer['action']}/{answer['reason']}")
    car.is_out(answer, presence)
    if answer["action"] == "open" and answer["ticket"] is not None:
        car.drives_through(lane, answer)
