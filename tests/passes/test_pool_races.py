"""A company's cars at once: never more on its pass than it has spaces. Each race is first shown without its lock."""

import datetime as dt
from collections import Counter
from threading import Barrier, local

import pytest

from gates.reads.apply import apply_decision
from passes.models import PassUse
from passes.services import swap_plate
from tests.at_once import at_once
from tests.factories import make_lot, make_user
from tests.gates.lanes import Lane
from tests.invariants import broken
from tests.passes.sold import pool

pytestmark = pytest.mark.django_db(transaction=True)
PLATES = [f"ZH {1000 + number * 11}" for number in range(200)]
TODAY = dt.datetime.now(dt.UTC).date()
LONG = {"valid_from": TODAY - dt.timedelta(days=1), "valid_until": TODAY + dt.timedelta(days=9)}


def arrive(lanes, cars):
    answers = at_once([lambda n=n: lanes[n % len(lanes)].read(PLATES[n]) for n in range(cars)])
    return Counter(answer["reason"] if isinstance(answer, dict) else repr(answer) for answer in answers)


def inside():
    return PassUse.objects.filter(left_at=None).count()


def read_before_writing(monkeypatch, readers):
    """Let nobody write before all who read at once have read."""
    all_have_read, thread = Barrier(readers, timeout=30), local()

    def write_late(*what, **more):
        if not hasattr(thread, "has_read"):
            thread.has_read = True
            all_have_read.wait()
        return apply_decision(*what, **more)

    monkeypatch.setattr("gates.reads.answer.apply_decision", write_late)


@pytest.mark.parametrize(("full", "others"), [("pay", "ok"), ("deny", "pool_full")])
def test_fifty_of_two_hundred_cars_come_in_on_a_pass_of_fifty(full, others):
    lot = make_lot(tracking="levels", spots={"regular": 200})
    pool(lot, 50, *PLATES, terms={"pool_full": full}, **LONG)
    lanes = [Lane(lot, "entry") for _gate in range(3)]

    reasons = Counter()
    for first in range(0, 200, 50):
        batch = range(first, first + 50)
        answers = at_once([lambda n=n: lanes[n % 3].read(PLATES[n]) for n in batch])
        reasons += Counter(answer["reason"] if isinstance(answer, dict) else repr(answer) for answer in answers)

    assert reasons == {"pass": 50, others: 150}
    assert inside() == 50
    assert broken() == []


def test_without_the_lots_lock_a_pool_of_one_takes_several(monkeypatch, settings):
    lot = make_lot(tracking="levels", spots={"regular": 200})
    pool(lot, 1, *PLATES, **LONG)
    settings.ASSERT_LOCKS = False
    monkeypatch.setattr("gates.reads.answer.lot_lock", lambda _lot_id: ("SELECT 1", {}))
    read_before_writing(monkeypatch, 4)

    assert arrive([Lane(lot, "entry") for _gate in range(3)], 4)["pass"] > 1


def lanes_of_two_lots():
    one = make_lot(tracking="levels", spots={"regular": 200})
    two = make_lot(one.operator, tracking="levels", spots={"regular": 200})
    pool(one, 5, *PLATES, lots=(one, two), **LONG)
    return [Lane(one, "entry"), Lane(two, "entry")]


def test_pool_of_two_lots_is_decided_under_its_own_lock():
    assert arrive(lanes_of_two_lots(), 24) == {"pass": 5, "ok": 19}
    assert inside() == 5


def test_without_its_own_lock_a_pool_of_two_lots_takes_more(monkeypatch):
    lanes = lanes_of_two_lots()
    PassUse.objects.all().delete()
    monkeypatch.setattr("gates.reads.load.LOCK_SHARED_PASSES", "SELECT 1")
    # One reader a lot at a time, as each lot's own lock still holds.
    for number in range(4):
        lanes[0].read(PLATES[100 + number])
    read_before_writing(monkeypatch, 2)

    assert arrive(lanes, 2)["pass"] == 2
    assert inside() == 6


def test_plate_is_swapped_or_its_car_comes_in_never_both():
    lot, by = make_lot(tracking="levels", spots={"regular": 200}), make_user()
    held = pool(lot, 50, "ZH 1", **LONG)
    lane = Lane(lot, "entry")
    for number in range(5):
        old, new = held.plates.current().get().plate, f"BE {number}"

        def swap(old=old, new=new):
            return swap_plate(held_pass=held, old=old, new=new, by=by, at=dt.datetime.now(dt.UTC), limited=False)

        answer, swapped = at_once([lambda old=old: lane.read(old), swap])
        on_pass = isinstance(answer, dict) and answer["reason"] in {"pass", "reentry"} and inside() == 1
        assert on_pass == isinstance(swapped, Exception), (answer, swapped)
        if on_pass:
            return
