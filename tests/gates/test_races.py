"""Many cars at once. Each race is first shown with the lot's lock taken away, then prevented by it."""

import datetime as dt
import uuid
from collections import Counter
from threading import Barrier, local

import pytest

from accounts.models import BlockedPlate
from billing.models import Debt
from common.db.flush import flush_write
from gates.models import GateEvent
from gates.reads.apply import apply_decision
from lots.models import SpotCount
from tests.at_once import at_once
from tests.factories import make_operator, make_reservation, make_ticket
from tests.gates.lanes import Lane, Lanes, at
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
CARS = 64


@pytest.fixture
def unlocked(monkeypatch, settings):
    """Take the lot's lock away from the gate path, and let nobody write before all who read at once have read."""
    settings.ASSERT_LOCKS = False
    monkeypatch.setattr("gates.reads.answer.lot_lock", lambda _lot_id: ("SELECT 1", {}))

    def let_read(readers: int) -> None:
        all_have_read, thread = Barrier(readers, timeout=30), local()

        def write_late(*what, **more):
            if not hasattr(thread, "has_read"):
                thread.has_read = True
                all_have_read.wait()
            return apply_decision(*what, **more)

        monkeypatch.setattr("gates.reads.answer.apply_decision", write_late)

    return let_read


def arrivals(lanes: Lanes, cars: int = CARS) -> Counter:
    lane_of = [Lane(lanes.lot, "entry") for _ in range(4)]
    answers = at_once(
        [lambda n=n: lane_of[n % 4].read(f"ZH {1000 + n * 11}", event_id=str(uuid.uuid4())) for n in range(cars)]
    )
    return Counter(a["reason"] if isinstance(a, dict) else type(a).__name__ for a in answers)


def promise(lanes: Lanes, spots: int) -> None:
    start = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)
    for spot in lanes.lot.spots.all()[:spots]:
        make_reservation(lanes.lot, "B 1", start, start + dt.timedelta(hours=1), spot=spot)


def counted(lanes: Lanes) -> int:
    return sum(row.occupied for row in SpotCount.objects.filter(lot=lanes.lot))


@pytest.mark.parametrize("tracking", ["spots", "levels"])
def test_last_ten_places_go_to_ten_of_sixty_four(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 10})

    assert arrivals(lanes) == {"ok": 10, "full": 54}
    assert Ticket.objects.open().count() == counted(lanes) == 10
    taken = Ticket.objects.open().exclude(spot=None).values_list("spot", flat=True)
    assert len(set(taken)) == (10 if tracking == "spots" else 0)


def test_without_the_lock_promised_spots_are_given_away(unlocked):
    lanes = Lanes(spots={"regular": 10}, allocation="random")
    promise(lanes, 6)
    unlocked(readers=32)

    assert arrivals(lanes, cars=32)["ok"] > 4


def test_with_the_lock_promised_spots_stay_free():
    lanes = Lanes(spots={"regular": 10})
    promise(lanes, 6)

    assert arrivals(lanes, cars=32) == {"ok": 4, "full": 28}


def same_plate_twice(lanes: Lanes) -> Counter:
    pair = [Lane(lanes.lot, "entry"), Lane(lanes.lot, "entry")]
    outcomes = Counter()
    for n in range(8):
        answers = at_once([lambda lane=lane, n=n: lane.read(f"GE {100 + n * 7}") for lane in pair])
        outcomes.update(a["reason"] if isinstance(a, dict) else type(a).__name__ for a in answers)
    return outcomes


def test_without_the_lock_one_plate_at_two_gates_collides(unlocked):
    unlocked(readers=2)
    # At random, because two cars at one spot collide there first, which is only decided again.
    outcomes = same_plate_twice(Lanes(spots={"regular": 20}, allocation="random"))

    assert set(outcomes) - {"ok", "passback"}
    assert Ticket.objects.count() == 8  # the constraint still holds; only the answer is lost


def test_with_the_lock_one_plate_at_two_gates_gets_one_ticket():
    outcomes = same_plate_twice(Lanes(spots={"regular": 20}))

    assert outcomes == {"ok": 8, "passback": 8}
    assert Ticket.objects.count() == 8


@pytest.mark.parametrize("tracking", ["spots", "levels"])
def test_same_event_fifty_times_at_once_is_one_event(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 10})
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 123456", "confidence": 0.9}

    answers = at_once([lambda: lanes.entry.send(body).json() for _ in range(50)])

    assert sorted(answer.pop("replayed") for answer in answers) == [False] + [True] * 49
    assert all(answer == answers[0] for answer in answers)
    assert GateEvent.objects.count() == Ticket.objects.count() == counted(lanes) == 1


def leave_owing_in_three_lots(plate: str) -> bool:
    """Let one plate leave three lots of an operator at once without having paid; say whether it is blocked now."""
    operator = make_operator()
    exits = [Lanes(operator=operator).exit for _ in range(3)]
    for lane in exits:
        make_ticket(lane.gate.lot, plate, entry_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))
    answers = at_once([lambda lane=lane: lane.read(plate, captured_at=at(-1), offline=True) for lane in exits])
    assert [answer["reason"] for answer in answers] == ["owed"] * 3
    assert Debt.objects.open().filter(operator=operator).count() == 3
    return BlockedPlate.objects.in_force().filter(operator=operator).exists()


def test_without_the_plates_lock_three_debts_at_once_block_nobody(unlocked, monkeypatch):
    together = Barrier(3)

    def meet(*_plate):
        together.wait(timeout=20)
        return "SELECT 1", {}

    def write_slowly(write, *following, commits=False):
        """Have all three count the debts before any of them commits its own."""
        return flush_write(write, *following, ("SELECT pg_sleep(0.3)", {}), commits=commits)

    monkeypatch.setattr("gates.reads.effects.debts_lock", meet)
    monkeypatch.setattr("gates.reads.apply.flush_write", write_slowly)

    assert not leave_owing_in_three_lots("ZH 1000")


def test_with_the_plates_lock_the_third_of_three_debts_at_once_blocks():
    assert all(leave_owing_in_three_lots(f"ZH {1000 + n}") for n in range(5))
