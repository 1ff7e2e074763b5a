"""Offline records that come in another order than they happened leave the same stays, fees and counters."""

import datetime as dt
import itertools
import random
import uuid
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import pytest
from django.db import connections

from billing.models import Charge, Debt
from devices.keys import find_device
from gates.models import GateEvent
from gates.reads.body import ReadBody, read_of
from gates.services import answer_read
from lots.models import SpotCount
from tests.factories import make_device, make_gate, make_lot, make_user
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import review_ticket

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
NOW = START + dt.timedelta(days=2)
PLATE = "ZH 123456"
HOURLY = {
    "grace_minutes": 10,
    "plans": [{"bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]}],
}


@dataclass(frozen=True)
class Record:
    minute: float
    way: str
    plate: str = PLATE
    lane: int = 0


class Box:
    """A lot whose edge box sends late records."""

    def __init__(self, **lot) -> None:
        self.lot = make_lot(tariff=HOURLY, **{"spots": {"regular": 5}} | lot)
        self.lanes = {(way, n): make_gate(self.lot, way) for way in ("entry", "exit") for n in (0, 1)}
        _, key = make_device(self.lanes["entry", 0], kind="edge")
        self.device = find_device(key)

    def send(self, *records: Record) -> list[dict]:
        return [self.send_body(one, self.body(one)) for one in records]

    def body(self, record: Record) -> ReadBody:
        at = START + dt.timedelta(minutes=record.minute)
        return ReadBody(event_id=uuid.uuid4(), plate=record.plate, captured_at=at.isoformat(), offline=True)

    def send_body(self, record: Record, body: ReadBody) -> dict:
        gate = self.lanes[record.way, record.lane]
        return answer_read(device=self.device, code=gate.code, read=read_of(body), received_at=NOW)

    def state(self) -> list[tuple]:
        """Everything that was recorded of stays and their money, but for which spot each had."""
        debts = dict(Debt.objects.open().filter(charge__lot=self.lot).values_list("charge", "amount"))
        due = dict(Charge.objects.filter(lot=self.lot).values_list("pk", "due_amount"))
        rows = Ticket.objects.filter(lot=self.lot).exclude(status="void")
        return sorted(
            (
                one.plate_normalised,
                (one.entry_at - START) / dt.timedelta(minutes=1),
                one.exit_at and (one.exit_at - START) / dt.timedelta(minutes=1),
                one.status,
                one.closed_reason,
                one.no_grace,
                one.priced_as,
                due.get(one.charge_id, 0),
                debts.get(one.charge_id, 0),
            )
            for one in rows.iterator()
        )

    def occupied(self) -> int:
        return sum(SpotCount.objects.filter(lot=self.lot).values_list("occupied", flat=True))


def stays(box: Box) -> list[tuple]:
    return [row[1:4] for row in box.state()]


def test_exit_before_its_entry_ends_the_stay_when_the_entry_comes():
    box, in_order = Box(), Box()
    records = [Record(0, "entry"), Record(150, "exit")]
    in_order.send(*records)

    waiting, entered = box.send(*reversed(records))

    assert (waiting["action"], waiting["reason"], waiting["ticket"]) == ("open", "unattended", None)
    assert (entered["action"], entered["reason"], entered["ticket"]["status"]) == ("open", "ok", "closed")
    assert box.state() == in_order.state()
    assert box.state()[0][3:5] == ("closed", "owed")
    assert box.state()[0][-1] == 900
    assert box.occupied() == 0
    assert broken() == []


TWO_STAYS = [Record(0, "entry"), Record(120, "exit"), Record(135, "entry"), Record(140, "exit")]
MISSED_EXIT = [Record(0, "entry"), Record(120, "entry"), Record(180, "exit"), Record(300, "entry")]
READ_TWICE = [Record(0, "entry"), Record(0.2, "entry"), Record(5, "entry"), Record(90, "exit"), Record(90.4, "exit")]
STRAY_EXIT = [Record(0, "exit"), Record(60, "entry"), Record(61, "exit"), Record(65, "exit")]


@pytest.mark.parametrize(
    ("records", "tracking"),
    [(TWO_STAYS, "levels"), (MISSED_EXIT, "spots"), (STRAY_EXIT, "spots")],
    ids=["two stays", "missed exit", "stray exit"],
)
def test_every_order_of_four_records_ends_the_same(records, tracking):
    in_order = Box(tracking=tracking)
    in_order.send(*records)

    for order in itertools.permutations(records):
        box = Box(tracking=tracking)
        box.send(*order)
        assert box.state() == in_order.state(), order
        assert box.occupied() == in_order.occupied()
    assert broken() == []


def test_two_stays_have_their_own_exits_and_the_second_no_grace():
    box = Box()
    box.send(TWO_STAYS[0], TWO_STAYS[3], TWO_STAYS[2], TWO_STAYS[1])

    assert stays(box) == [(0, 120, "closed"), (135, 140, "closed")]
    assert [(row[5], row[-1]) for row in box.state()] == [(False, 600), (True, 300)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::17])
def test_reads_of_one_arrival_and_one_exit_count_from_the_first(order):
    box, in_order = Box(), Box()
    in_order.send(*READ_TWICE)

    box.send(*(READ_TWICE[place] for place in order))

    assert stays(in_order) == [(0, 90, "closed")]
    assert box.state() == in_order.state()
    assert broken() == []


def test_earlier_arrival_leaves_the_present_stay_where_it_is():
    box = Box()
    box.send(Record(600, "entry"))
    spot = Ticket.objects.get().spot

    answer = box.send(Record(0, "entry"))[0]

    assert (answer["action"], answer["reason"], answer["ticket"]["status"]) == ("open", "ok", "review")
    assert stays(box) == [(0, None, "review"), (600, None, "active")]
    assert Ticket.objects.get(status="active").spot == spot
    assert box.occupied() == 1

    box.send(Record(60, "exit"))
    assert stays(box) == [(0, 60, "closed"), (600, None, "active")]
    assert broken() == []


def test_exit_that_a_stay_was_wrongly_ended_by_is_taken_back_with_its_debt():
    box = Box()
    box.send(Record(0, "entry"), Record(600, "exit"))
    assert box.state()[0][-1] == 3000

    box.send(Record(500, "entry"))

    assert stays(box) == [(0, None, "review"), (500, 600, "closed")]
    assert [row[-1] for row in box.state()] == [0, 600]
    assert [one.to_status for one in Ticket.objects.get(status="review").changes.order_by("id")] == [
        "active",
        "closed",
        "review",
    ]


def test_late_record_sent_again_changes_nothing():
    box = Box()
    late = Record(0, "entry")
    body = box.body(late)
    box.send(Record(60, "exit"))
    first = box.send_body(late, body)
    before, events = box.state(), GateEvent.objects.count()

    again = box.send_body(late, body)

    assert again == {**first, "replayed": True}
    assert (box.state(), GateEvent.objects.count()) == (before, events)


def test_stay_that_a_person_has_put_aside_is_left_to_people():
    box = Box()
    box.send(Record(0, "entry"))
    review_ticket(ticket=Ticket.objects.get(), at=NOW, why="looked empty", by=make_user())
    box.send(Record(120, "exit"))

    box.send(Record(60, "exit"))

    assert stays(box) == [(0, None, "review")]


def test_misread_exit_still_belongs_to_its_stay_when_a_record_comes_late():
    box = Box()
    box.send(Record(0, "entry", "ZH 808"), Record(60, "exit", "ZH 8O8"), Record(100, "exit", "ZH 808"))

    box.send(Record(80, "entry", "ZH 808"))

    assert stays(box) == [(0, 60, "closed"), (80, 100, "closed")]


def test_repetition_that_turned_into_an_arrival_keeps_its_stay():
    records = [Record(0, "entry"), Record(5, "entry"), Record(3, "exit"), Record(4, "exit"), Record(60, "exit")]
    in_order, box = Box(), Box()
    in_order.send(*sorted(records, key=lambda one: one.minute))

    box.send(*records)

    assert stays(box) == [(0, 3, "closed"), (5, 60, "closed")]
    assert box.state() == in_order.state()
    assert broken() == []


@pytest.mark.parametrize("read_again", [5.1, 14], ids=["repeated", "another arrival"])
def test_read_after_a_repetition_that_turned_into_an_arrival_is_told_by_its_time(read_again):
    records = [
        Record(0, "entry"),
        Record(4, "entry"),
        Record(2, "exit"),
        Record(read_again, "entry"),
        Record(90, "exit"),
    ]
    in_order, box = Box(), Box()
    in_order.send(*sorted(records, key=lambda one: one.minute))

    box.send(*records)

    assert box.state() == in_order.state()
    assert broken() == []


def test_arrival_that_turned_into_a_repetition_is_not_taken_for_the_last_one():
    records = [Record(4.2, "entry"), Record(0, "entry"), Record(2, "exit"), Record(4.1, "entry")]
    records += [Record(52, "entry"), Record(50, "exit"), Record(92, "exit")]
    in_order, box = Box(), Box()
    in_order.send(*sorted(records, key=lambda one: one.minute))

    box.send(*records)

    assert stays(box) == [(0, 2, "closed"), (4.1, 50, "closed"), (52, 92, "closed")]
    assert box.state() == in_order.state()
    assert broken() == []


def test_stay_that_was_told_apart_keeps_its_grace_when_a_later_one_is_told():
    records = [Record(4, "entry"), Record(0, "entry"), Record(2, "exit"), Record(50, "exit"), Record(120, "exit")]
    records.append(Record(115, "entry"))
    in_order, box = Box(), Box()
    in_order.send(*sorted(records, key=lambda one: one.minute))

    box.send(*records)

    assert [row[4] for row in box.state()] == ["grace", "owed", "grace"]
    assert box.state() == in_order.state()


HASTY = (2, 6, 45, 200)
"""Minutes that cars stay; half of them leave before their entry may be told."""
AS_USUAL = (2, 20, 45, 90, 200)


def draw_history(cars: int, seed: int, stays: tuple[int, ...] = HASTY) -> list[Record]:
    """Cars that come and go several times, some two minutes apart; some are seen twice, some not seen to leave."""
    drawn = random.Random(seed)
    records = []
    for car in range(cars):
        minute, plate = drawn.uniform(0, 2 * cars), f"ZH {100_000 + car}"
        visits = drawn.randrange(1, 4)
        for visit in range(visits):
            lane = drawn.randrange(2)
            records.append(Record(round(minute, 2), "entry", plate, lane))
            if drawn.random() < 0.1:
                records.append(Record(round(minute + 0.1, 2), "entry", plate, lane))
            minute += drawn.choice(stays) * drawn.uniform(0.8, 1.2)
            if drawn.random() < (0.99 if visit == visits - 1 else 0.9):
                records.append(Record(round(minute, 2), "exit", plate, drawn.randrange(2)))
            minute += drawn.choice((2, 6, 60)) * drawn.uniform(0.8, 1.2)
    return sorted(records, key=lambda one: one.minute)


def shuffled_within(records: list[Record], minutes: float, seed: int) -> list[Record]:
    drawn = random.Random(seed)
    return sorted(records, key=lambda one: one.minute + drawn.uniform(0, minutes))


def room(spots: int = 40) -> Box:
    """A lot with a place for everybody: who gets the last one depends on the order in which cars are told."""
    return Box(spots={"regular": spots}, levels=2)


def ingest(box: Box, records: list[Record], *, duplicates: float) -> None:
    """Send the records, some of them a second time, as a box does that got no answer."""
    drawn = random.Random(9)
    for one in records:
        body = box.body(one)
        box.send_body(one, body)
        if drawn.random() < duplicates:
            assert box.send_body(one, body)["replayed"]


def assert_ends_as_in_order(history: list[Record], in_order: Box, shuffled: Box) -> None:
    ingest(in_order, history, duplicates=0)
    ingest(shuffled, shuffled_within(history, 10, seed=5), duplicates=0.1)

    assert shuffled.state() == in_order.state()
    assert shuffled.occupied() == in_order.occupied()
    assert GateEvent.objects.filter(lot=shuffled.lot).count() == len(history)


def test_history_shuffled_within_ten_minutes_ends_as_in_order():
    assert_ends_as_in_order(draw_history(25, seed=4), room(), room())
    assert broken() == []


# With a tenth of them sent twice, the records of so many cars are a million events. One in a hundred never leaves.
CARS = 222_600
PARTS = 2


def ends_as_in_order(part: tuple[int, Box, Box]) -> int:
    """Prove it for one part of the million, in a process of its own; gives how many events came out of order."""
    seed, in_order, shuffled = part
    history = draw_history(CARS // PARTS, seed=seed, stays=AS_USUAL)
    assert_ends_as_in_order(history, in_order, shuffled)
    return round(len(history) * 1.1)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_million_events_shuffled_within_ten_minutes_end_as_in_order():
    parts = [(seed, room(spots=1_000), room(spots=1_000)) for seed in range(PARTS)]
    connections.close_all()
    with ProcessPoolExecutor(PARTS, get_context("fork")) as pool:
        sent = sum(pool.map(ends_as_in_order, parts))

    assert sent >= 1_000_000
    assert broken() == []
