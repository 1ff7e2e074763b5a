"""One car gets one stay, whatever its cameras make of it and whatever its barrier reports. The real lanes."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from devices.keys import find_device
from gates.reads.body import ReadBody, read_of
from gates.services import answer_read, confirm_silent_passages
from gates.services.passages import Passage, confirm_passage
from lots.models import Gate
from tests.factories import make_device, make_gate, make_lot
from tests.gates.lanes import undone
from tests.invariants import broken
from tickets.models import OPEN, Ticket

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
SPELLINGS = ("ZH123456", "ZHI23456", "ZHL23456", "ZHI234S6")  # of one skeleton
MANY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


class Site:
    """A lot with an entry and an exit, and one box that reads at both."""

    def __init__(self, *, confirms: bool) -> None:
        self.lot = make_lot(spots={"regular": 4})
        self.entry = make_gate(self.lot, "entry", confirms_passage=confirms)
        self.exit = make_gate(self.lot, "exit", confirms_passage=confirms)
        device = find_device(make_device(self.entry, kind="edge")[1])
        assert device is not None
        self.device = device

    def read(self, gate: Gate, plate: str, seconds: float, **fields: Any) -> dict[str, Any]:
        body = ReadBody(**{"event_id": uuid.uuid4(), "plate": plate, "confidence": 0.9} | fields)
        at = START + dt.timedelta(seconds=seconds)
        return answer_read(device=self.device, code=gate.code, read=read_of(body), received_at=at)

    def tell(self, gate: Gate, of_event: Any, outcome: str, seconds: float, event_id: uuid.UUID | None = None) -> None:
        at = START + dt.timedelta(seconds=seconds)
        passage = Passage(event_id or uuid.uuid4(), uuid.UUID(str(of_event)), outcome, at)
        confirm_passage(device=self.device.device, gate_id=gate.pk, passage=passage, received_at=at)


@pytest.fixture
def barrier() -> Site:
    return Site(confirms=True)


@pytest.fixture
def open_lane() -> Site:
    return Site(confirms=False)


@dataclass(frozen=True)
class Seen:
    """What a camera made of the car, and how often its message came."""

    plate: str
    confidence: float
    times: int


SEEN = st.builds(Seen, st.sampled_from(SPELLINGS), st.sampled_from([0.3, 0.5, 0.7, 0.8, 0.99]), st.integers(1, 3))
ARRIVALS = st.lists(SEEN, min_size=1, max_size=5, unique_by=lambda seen: seen.confidence)


@MANY
@given(ARRIVALS.flatmap(st.permutations), ARRIVALS, st.integers(0, 4), st.integers(1, 3))
def test_order_and_doubling_of_readings_and_passages_change_nothing(barrier, seen, leaving, named, told):
    """The stay is that of the surest reading at the entry, from the first to the passage, whatever the exit reads."""
    with undone():
        first = [send_again(barrier, barrier.entry, one, second) for second, one in enumerate(seen)]
        tell_again(barrier, barrier.entry, first[named % len(first)], told, 20)
        last = [send_again(barrier, barrier.exit, one, 300 + second) for second, one in enumerate(leaving)]
        tell_again(barrier, barrier.exit, last[named % len(last)], told, 320)

        ticket = Ticket.objects.get()
        surest = max(seen, key=lambda one: one.confidence)
        assert (ticket.plate, ticket.status, ticket.closed_reason) == (surest.plate, "closed", "grace")
        assert ((ticket.entry_at - START).seconds, (ticket.exit_at - START).seconds) == (0, 320)
        assert broken() == []


def send_again(site: Site, gate: Gate, seen: Seen, seconds: int) -> dict[str, Any]:
    event_id = uuid.uuid4()
    for _again in range(seen.times):
        answer = site.read(gate, seen.plate, seconds, event_id=event_id, confidence=seen.confidence)
        assert answer["action"] == "open"
    return answer


def tell_again(site: Site, gate: Gate, answer: dict[str, Any], times: int, seconds: float) -> None:
    event_id = uuid.uuid4()
    for _again in range(times):
        site.tell(gate, answer["event_id"], "passed", seconds, event_id)
    site.tell(gate, answer["event_id"], "passed", seconds + 5)


READ = st.tuples(st.just("read"), st.sampled_from([*SPELLINGS, "ZH1234", "GE77"]), st.integers(0, 40))
REPORT = st.tuples(st.sampled_from(["backed_out", "fault"]), st.integers(0, 9), st.integers(0, 3))


@MANY
@given(
    st.lists(READ | REPORT, min_size=1, max_size=8), st.sampled_from(["passed", "backed_out", "silence"]), st.integers()
)
@example([("read", "ZH123456", 0), ("fault", 0, 1), ("read", "GE77", 0)], "silence", 0)
@example([("read", "ZH123456", 0), ("fault", 0, 1)], "silence", 0)
@example([("read", "ZHI23456", 0), ("backed_out", 0, 0), ("read", "ZH123456", 0), ("read", "ZHI23456", 0)], "passed", 0)
@example([("read", "ZH123456", 0), ("backed_out", 0, 1), ("read", "ZH123456", 5)], "passed", 1)
@example([("read", "ZH123456", 0), ("read", "ZH123456", 5)], "backed_out", 1)
def test_car_before_a_barrier_has_one_stay_and_none_if_it_backs_out(barrier, steps, end, named):
    """The camera names its car; a report names any of the reads since the car last backed out."""
    with undone():
        seconds, answers, car, failed = 0, [], 0, False
        for kind, what, later in steps:
            seconds += later
            if kind == "read":
                answers.append(barrier.read(barrier.entry, what, seconds, vehicle_ref=str(car)))
                failed = False
            elif answers:
                barrier.tell(barrier.entry, answers[what % len(answers)]["event_id"], kind, seconds)
                failed = kind == "fault"
                if kind == "backed_out":
                    answers, car = [], car + 1
            assert Ticket.objects.filter(status__in=OPEN).count() == (1 if answers else 0)
        if answers and end != "silence":
            barrier.tell(barrier.entry, answers[named % len(answers)]["event_id"], end, seconds + 1)
        confirm_silent_passages(at=START + dt.timedelta(seconds=seconds + 400))

        inside = list(Ticket.objects.exclude(status="void").values_list("status", flat=True))
        silent = "entering" if failed and end == "silence" else "active"  # a fault settles nothing
        assert inside == ([silent] if answers and end != "backed_out" else [])
        assert broken() == []


@MANY
@given(st.lists(st.tuples(st.sampled_from(SPELLINGS), st.floats(0, 3)), min_size=1, max_size=4), st.booleans())
def test_car_at_an_open_entry_has_one_stay(open_lane, reads, named):
    """Nobody confirms there, so all is read within the ten seconds that a car takes to drive through."""
    with undone():
        seconds = 0.0
        for spelling, later in reads:
            seconds = min(seconds + later, 9.9)
            ref = {"vehicle_ref": "7"} if named else {}
            assert open_lane.read(open_lane.entry, spelling, seconds, **ref)["action"] == "open"
        assert [ticket.status for ticket in Ticket.objects.all()] == ["active"]
        assert broken() == []


@MANY
@given(ARRIVALS)
def test_surest_reading_at_the_entry_is_the_plate_and_all_are_kept(open_lane, seen):
    with undone():
        for second, one in enumerate(seen):
            open_lane.read(open_lane.entry, one.plate, second, confidence=one.confidence)
        ticket = Ticket.objects.get()
        assert ticket.plate == max(seen, key=lambda one: one.confidence).plate
        assert [event.plate for event in ticket.events.order_by("id")] == [one.plate for one in seen]


@MANY
@given(st.lists(st.tuples(st.sampled_from([*SPELLINGS, "ZH1234"]), st.integers(0, 200)), min_size=1, max_size=5))
def test_reading_at_an_exit_never_changes_a_plate(barrier, reads):
    with undone():
        barrier.read(barrier.entry, "ZH123456", -7_200, confidence=0.7)
        confirm_silent_passages(at=START - dt.timedelta(hours=1))
        seconds = 0
        for spelling, later in reads:
            seconds += later
            barrier.read(barrier.exit, spelling, seconds, confidence=1.0)
        confirm_silent_passages(at=START + dt.timedelta(seconds=seconds + 400))
        assert Ticket.objects.get().plate == "ZH123456"
        assert broken() == []
