"""A place that frees goes to the fitting car inside without one that has waited longest; nothing else lowers free."""

import random

import pytest

from lots.models import SpotCount
from tests.at_once import at_once
from tests.gates.lanes import Lanes
from tests.gates.test_late_records import Box, Record
from tests.invariants import broken
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

KINDS = pytest.mark.parametrize("tracking", ["spots", "levels"])


def free(lot):
    return sum(SpotCount.objects.filter(lot=lot).values_list("free", flat=True))


def waiting(lot):
    return Ticket.objects.filter(lot=lot, level=None).open().order_by("entry_at").values_list("plate", flat=True)


@KINDS
def test_two_of_four_cars_in_a_lot_of_two_leave_and_nothing_is_free(tracking):
    box = Box(tracking=tracking, spots={"regular": 2})
    box.send(*(Record(minute, "entry", f"ZH {minute}") for minute in range(4)))
    assert (free(box.lot), [*waiting(box.lot)]) == (0, ["ZH 2", "ZH 3"])

    box.send(Record(60, "exit", "ZH 1"))
    assert (free(box.lot), [*waiting(box.lot)]) == (0, ["ZH 3"])
    box.send(Record(61, "exit", "ZH 0"))
    assert (free(box.lot), [*waiting(box.lot)]) == (0, [])
    box.send(Record(62, "exit", "ZH 3"))

    assert free(box.lot) == 1
    assert broken() == []


@KINDS
def test_live_exit_hands_its_place_on_and_the_next_car_finds_the_lot_full(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 1})
    assert lanes.entry.read("ZH 1")["action"] == "open"
    lanes.entry.read("ZH 2", offline=True)

    assert lanes.exit.read("ZH 1")["action"] == "open"

    assert lanes.entry.read("ZH 3")["reason"] == "full"
    assert Ticket.objects.get(plate="ZH 2").level is not None
    assert broken() == []


@KINDS
def test_place_of_a_missed_exit_goes_to_the_car_that_waits_for_it(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 1})
    lanes.entry.read("ZH 1", minute=-600)
    lanes.entry.read("ZH 2", minute=-590, offline=True)

    assert lanes.entry.read("ZH 1")["reason"] == "full"
    let_in = lanes.entry.read("ZH 1", minute=5, offline=True)

    assert (let_in["action"], let_in["reason"], let_in["spot"]) == ("open", "reentry", None)
    assert Ticket.objects.get(plate="ZH 2").level is not None
    assert broken() == []


@KINDS
def test_place_of_a_missed_exit_is_its_cars_again_when_no_car_that_fits_waits(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 1})
    lanes.entry.read("ZH 1", minute=-600)
    lanes.entry.read("ZH 2", minute=-590, offline=True, vehicle_type="large")

    again = lanes.entry.read("ZH 1")

    assert (again["action"], again["reason"]) == ("open", "reentry")
    assert again["spot"] is not None
    assert [*waiting(lanes.lot)] == ["ZH 2"]
    assert broken() == []


@KINDS
def test_stay_whose_end_a_late_record_takes_back_has_a_place_while_one_is_free(tracking):
    box = Box(tracking=tracking, spots={"regular": 2})
    box.send(Record(19.8, "entry"), Record(20, "exit"))
    assert free(box.lot) == 2

    box.send(Record(19.7, "exit"))  # of which the other exit is a repetition

    assert Ticket.objects.get().status == "active"
    assert (free(box.lot), [*waiting(box.lot)]) == (1, [])
    assert broken() == []


@KINDS
@pytest.mark.parametrize("seed", range(12))
def test_free_is_what_the_cars_inside_leave_of_the_capacity(tracking, seed):
    """Records of entries and exits in random order, many of them late, at a lot that is mostly too small."""
    draw = random.Random(seed)
    capacity = draw.randint(1, 4)
    box = Box(tracking=tracking, spots={"regular": capacity})
    records = [
        Record(20 * number + draw.random(), draw.choice(("entry", "entry", "exit")), f"ZH {draw.randint(1, 7)}")
        for number in range(40)
    ]
    for late in draw.sample(range(40), 12):
        records.insert(draw.randint(late, 39), records.pop(late))

    for record in records:
        box.send(record)
        inside = Ticket.objects.filter(lot=box.lot).open().count()
        assert free(box.lot) == max(0, capacity - inside), record
    assert broken() == []


@KINDS
@pytest.mark.django_db(transaction=True)
def test_two_exits_at_once_give_one_place_to_the_one_car_that_waits(tracking):
    box = Box(tracking=tracking, spots={"regular": 2})
    box.send(*(Record(minute, "entry", f"ZH {minute}") for minute in range(3)))
    exits = [Record(60, "exit", f"ZH {number}", lane=number) for number in range(2)]

    answers = at_once([lambda record=record: box.send(record) for record in exits])

    assert [answer["action"] for (answer,) in answers] == ["open", "open"]
    assert (free(box.lot), [*waiting(box.lot)]) == (1, [])
    assert broken() == []
