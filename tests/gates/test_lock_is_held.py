"""The lot's lock on every way through a read, and the races that it decides.

`assert_lot_locked` stands in every service that relies on the lock and is on in tests, so each of these ways asks
PostgreSQL; what it would say without the lock is shown first.
"""

import datetime as dt
import random
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.signals import pre_save

from billing.models import Charge, Debt, Payment
from billing.services import take_payment
from gates.models import GateEvent
from gates.offline import reconcile
from gates.reads import Entitlement, Renaming, answer, apply, events, rename_stay
from gates.services import hold_open
from gates.services.desk.leaving import leaving_car
from lots.services import LotNotLockedError, assert_lot_locked, end_gate_hold, hold_gate_open, lock_lot
from lots.services.locks import holds_lot_lock
from tests.at_once import at_once
from tests.desk.test_pages import Desk
from tests.factories import make_lot, make_ticket, make_user
from tests.gates.lanes import Lane, Lanes, at
from tests.gates.test_late_records import Box, Record
from tests.gates.test_races import promise
from tests.project.test_lock_order import (
    end_of_a_hold,
    gate_held_open,
    reported_passage,
    silent_passage,
    undone_exit_that_owed,
)
from tickets.models import Ticket, TicketStatus
from tickets.services import (
    Arrival,
    Place,
    assess_ticket,
    close_ticket,
    end_stay_unseen,
    lock_stay,
    open_ticket,
    reopen_stay,
    tell_cars_by_region,
    void_unreal_stay,
)

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 32
ROUNDS = pytest.mark.parametrize("rounds", [3, pytest.param(1000, marks=pytest.mark.proof)])


def ago(**parts: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(**parts)


def partly_paid(lanes: Lanes, plate: str) -> Ticket:
    """A stay of CHF 9.00 of which 4.00 have been paid."""
    now = dt.datetime.now(dt.UTC)
    ticket = make_ticket(lanes.lot, plate, entry_at=ago(hours=2, minutes=30))
    charge = assess_ticket(ticket=ticket, at=now)
    assert charge is not None
    take_payment(
        charge=charge,
        method="terminal",
        amount=400,
        idempotency_key=str(uuid.uuid4()),
        token="tok_ok",
        at=now,
    )
    return ticket


# --- the assertion itself


def test_lock_is_held_from_its_statement_to_the_end_of_the_transaction():
    lot, other = make_lot(), make_lot()

    with transaction.atomic():
        assert not holds_lot_lock(lot.pk)
        lock_lot(lot.pk)
        assert holds_lot_lock(lot.pk)
        assert not holds_lot_lock(other.pk)
    assert not holds_lot_lock(lot.pk)


def test_lock_of_another_connection_is_not_ours():
    lot = make_lot()
    locked, looked = Barrier(2), Barrier(2)

    def hold() -> None:
        with transaction.atomic():
            lock_lot(lot.pk)
            locked.wait(timeout=30)
            looked.wait(timeout=30)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        locked.wait(timeout=30)
        with transaction.atomic(), pytest.raises(LotNotLockedError):
            assert_lot_locked(lot.pk)
        looked.wait(timeout=30)


def open_a_stay(desk: Desk) -> None:
    place = Place(level_id=desk.lot.levels.get().pk, spot_type="regular", spot_id=desk.lot.spots.last().pk)
    open_ticket(lot=desk.lot, arrival=Arrival(plate="ZH 1"), place=place, at=ago(), why="a test")


def void_a_stay(desk: Desk) -> None:
    void_unreal_stay(lock_stay(desk.ticket), at=ago(), why="a test", by=desk.user)


def end_a_stay_unseen(desk: Desk) -> None:
    terms = {"left_at": desk.ticket.entry_at, "agreed": 0, "settlement": "waive", "at": ago(), "why": "a test"}
    end_stay_unseen(lock_stay(desk.ticket), by=desk.user, **terms)


def rename_a_stay(desk: Desk) -> None:
    renaming = Renaming(ticket_id=desk.ticket.pk, plate="ZH 1", normalised="ZH1", at=ago(), why="a test")
    rename_stay(desk.ticket, renaming, Entitlement(no_grace=False))


def price_a_leaving_car(desk: Desk) -> None:
    leaving_car(desk.ticket, desk.exit.gate, ago())


def tell_cars(desk: Desk) -> None:
    tell_cars_by_region(lot=desk.lot)


def hold_a_gate(desk: Desk) -> None:
    hold_gate_open(gate=desk.exit.gate, by=desk.user, why="a test", at=ago())


def end_a_hold(desk: Desk) -> None:
    end_gate_hold(gate=desk.exit.gate)


RELYING = [
    open_a_stay,
    void_a_stay,
    end_a_stay_unseen,
    rename_a_stay,
    price_a_leaving_car,
    tell_cars,
    hold_a_gate,
    end_a_hold,
]


@pytest.mark.parametrize("act", RELYING, ids=lambda one: one.__name__)
def test_services_that_rely_on_the_lock_refuse_without_it(act):
    desk = Desk()

    with transaction.atomic(), pytest.raises(LotNotLockedError):
        act(desk)


def test_stay_is_not_opened_again_without_the_lock():
    desk = Desk()
    ticket = close_ticket(ticket=desk.ticket, at=ago(), reason="waived", why="a test")

    with transaction.atomic(), pytest.raises(LotNotLockedError):
        reopen_stay(lock_stay(ticket), at=ago(), why="a test", by=desk.user)


# --- what people and barriers do at gates


ACTS = [gate_held_open, end_of_a_hold, undone_exit_that_owed, reported_passage, silent_passage]


@pytest.mark.parametrize("prepare", ACTS, ids=lambda one: one.__name__)
def test_event_of_every_act_is_written_under_the_lock(prepare):
    act, held = prepare(Desk()), []

    def note(instance: GateEvent, **_: Any) -> None:
        held.append(holds_lot_lock(instance.lot_id))

    pre_save.connect(note, sender=GateEvent)
    try:
        act()
    finally:
        pre_save.disconnect(note, sender=GateEvent)
    assert held == [True]


# --- each way through a read


def read_new(lanes: Lanes) -> dict[str, Any]:
    return lanes.entry.read("ZH 1")


def read_full(lanes: Lanes) -> dict[str, Any]:
    for number in range(5):
        make_ticket(lanes.lot, f"GE {number}")
    return lanes.entry.read("ZH 1")


def read_missed_exit(lanes: Lanes) -> dict[str, Any]:
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=30))
    return lanes.entry.read("ZH 1")


def read_booked(lanes: Lanes) -> dict[str, Any]:
    promise(lanes, 1)
    return lanes.entry.read("B 1", minute=100)


def read_owed(lanes: Lanes) -> dict[str, Any]:
    make_ticket(lanes.lot, "ZH 1")
    return lanes.exit.read("ZH 1")


def read_partly_paid(lanes: Lanes) -> dict[str, Any]:
    partly_paid(lanes, "ZH 1")
    return lanes.exit.read("ZH 1")


def read_repeated(lanes: Lanes) -> dict[str, Any]:
    read_partly_paid(lanes)
    return lanes.exit.read("ZH 1")


def read_unknown(lanes: Lanes) -> dict[str, Any]:
    return lanes.exit.read("ZH 1")


def read_promised_exit(lanes: Lanes) -> dict[str, Any]:
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(minutes=5))
    return Lane(lanes.lot, "exit", confirms_passage=True).read("ZH 1")


def read_recorded_exit(lanes: Lanes) -> dict[str, Any]:
    make_ticket(lanes.lot, "ZH 1")
    return lanes.exit.read("ZH 1", captured_at=at(-1), offline=True)


def read_late(lanes: Lanes) -> dict[str, Any]:
    lanes.exit.read("ZH 1", captured_at=at(-60), offline=True)
    return lanes.entry.read("ZH 1", captured_at=at(-180), offline=True)


def read_better(lanes: Lanes) -> dict[str, Any]:
    lanes.entry.read("ZH 1Z3", confidence=0.7)
    return lanes.entry.read("ZH 123")


def hold(lane: Lane) -> None:
    person = make_user("attendant", lane.gate.lot.operator)
    hold_open(gate=lane.gate, by=person, note="fire alarm", at=ago(), key=uuid.uuid4())


def read_full_held_open(lanes: Lanes) -> dict[str, Any]:
    hold(lanes.entry)
    return read_full(lanes)


def read_owed_held_open(lanes: Lanes) -> dict[str, Any]:
    hold(lanes.exit)
    return read_owed(lanes)


def release(lanes: Lanes) -> dict[str, Any]:
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2))
    lanes.exit.read("ZH 1", minute=-2.1)
    return lanes.exit.client.get(f"/api/v1/gates/{lanes.exit.gate.code}/commands").json()["items"][0]


WAYS = {
    read_new: "ok",
    release: "owed",
    read_full: "full",
    read_missed_exit: "reentry",
    read_booked: "reservation",
    read_owed: "fee_due",
    read_partly_paid: "fee_due",
    read_repeated: "fee_due",
    read_unknown: "no_ticket",
    read_promised_exit: "grace",
    read_recorded_exit: "owed",
    read_late: "ok",
    read_better: "ok",
    read_full_held_open: "ok",
    read_owed_held_open: "held_open",
}


@pytest.mark.parametrize(("way", "reason"), WAYS.items(), ids=lambda one: getattr(one, "__name__", one))
def test_event_of_every_way_is_written_under_the_lock(way, reason, monkeypatch):
    lanes = Lanes(spots={"regular": 5})
    held = []

    def note(event: GateEvent, *_args: Any, **_fields: Any) -> None:
        held.append(holds_lot_lock(event.lot_id))

    real = events.event_of

    def listened(*args: Any, **fields: Any) -> GateEvent:
        event = real(*args, **fields)
        note(event)
        return event

    for module in (answer, apply, reconcile):
        monkeypatch.setattr(module, "event_of", listened)

    assert way(lanes)["reason"] == reason
    assert held
    assert all(held)


# --- the races


def reasons(responses: list[Any]) -> Counter[str]:
    """Count answers by status and reason; an exception by its name."""
    return Counter(
        f"{one.status_code} {one.json().get('reason') or one.json().get('code')}"
        if hasattr(one, "status_code")
        else type(one).__name__
        for one in responses
    )


@ROUNDS
def test_one_event_of_a_partly_paid_stay_sent_many_times_at_once_is_answered_once(rounds):
    lanes = Lanes(spots={"regular": 5})
    for number in range(rounds):
        ticket = partly_paid(lanes, f"ZH {1000 + number * 13}")
        body = {"event_id": str(uuid.uuid4()), "plate": ticket.plate, "confidence": 0.95}

        answers = at_once([lambda body=body: lanes.exit.send(body)] * AT_ONCE)

        assert reasons(answers) == {"200 fee_due": AT_ONCE}
        bodies = [answer.json() for answer in answers]
        assert sorted(one.pop("replayed") for one in bodies) == [False] + [True] * (AT_ONCE - 1)
        assert all(one == bodies[0] for one in bodies)
        assert GateEvent.objects.filter(ticket=ticket).count() == 1
        Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.REVIEW)


@ROUNDS
def test_two_exits_at_once_of_a_stay_that_owes_have_one_outcome(rounds):
    lanes = Lanes(spots={"regular": 5})
    pair = [lanes.exit, Lane(lanes.lot, "exit")]
    for number in range(rounds):
        ticket = partly_paid(lanes, f"ZH {1000 + number * 13}")
        bodies = [
            {"event_id": str(uuid.uuid4()), "plate": ticket.plate, "captured_at": at(-1), "offline": True} for _ in pair
        ]
        jobs = [lambda lane=pair[n % 2], body=bodies[n % 2]: lane.send(body) for n in range(AT_ONCE)]

        answers = at_once(jobs)

        assert reasons(answers) == {"200 owed": AT_ONCE // 2, "200 unattended": AT_ONCE // 2}
        ticket.refresh_from_db()
        assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, "owed")
        assert Debt.objects.filter(charge=ticket.charge).count() == 1
        assert Charge.objects.get(pk=ticket.charge_id).balance_amount == 500
        # The third debt of a plate at once with the others would block it; each of these has a plate of its own.


@ROUNDS
def test_a_payment_and_exits_at_once_settle_a_stay_once(rounds):
    lanes = Lanes(spots={"regular": 5})
    for number in range(rounds):
        ticket = partly_paid(lanes, f"ZH {1000 + number * 13}")
        assert lanes.exit.read(ticket.plate)["reason"] == "fee_due"

        def pay(ticket: Ticket = ticket) -> Payment:
            return take_payment(
                charge=ticket.charge,
                method="terminal",
                amount=500,
                idempotency_key=f"rest {ticket.pk}",
                token="tok_ok",
                at=dt.datetime.now(dt.UTC),
            )

        ticket.refresh_from_db()
        exits = [lambda ticket=ticket: lanes.exit.send({"event_id": str(uuid.uuid4()), "plate": ticket.plate})] * 8
        answers = at_once([pay, *exits])

        assert isinstance(answers[0], Payment)
        assert set(reasons(answers[1:])) <= {"200 fee_due", "200 paid"}
        lanes.exit.read(ticket.plate)
        ticket.refresh_from_db()
        assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, "paid")
        assert Charge.objects.get(pk=ticket.charge_id).balance_amount == 0


def day_of_records(rng: random.Random) -> list[Record]:
    """Five stays of one car, one of them without its exit."""
    minutes = sorted(rng.sample(range(0, 1400, 12), 10))
    records = [Record(minute, "exit" if n % 2 else "entry", lane=rng.randrange(2)) for n, minute in enumerate(minutes)]
    del records[rng.choice([1, 3, 5, 7])]
    return records


@pytest.mark.parametrize("rounds", [4, pytest.param(200, marks=pytest.mark.proof)])
def test_late_records_sent_at_once_tell_the_same_stays_as_in_order(rounds):
    rng = random.Random(20260302)
    make_user()
    for _ in range(rounds):
        records = day_of_records(rng)
        in_order, shuffled = Box(), Box()
        in_order.send(*records)
        rng.shuffle(records)

        answers = at_once([lambda one=one, box=shuffled: box.send(one) for one in records])

        assert [one for one in answers if isinstance(one, Exception)] == []
        assert shuffled.state() == in_order.state()
        assert shuffled.occupied() == in_order.occupied()
