"""What runs out by its clock, what does not, and what of a plate still matches."""

import datetime as dt
import uuid
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.timezone import now

from accounts.models import BlockedPlate
from common.plate_hashes import plate_hash
from devices.keys import find_device
from events.models import Event
from gates.models import GateEvent
from gates.reads.body import ReadBody, read_of
from gates.services import answer_read
from lots.calendar import zone_of
from lots.kept_days import CLOCKS, Purpose, days_kept, days_sql, default_days
from lots.models import Lot
from notifications.models import Message
from notifications.services import queue_message
from passes.models import Pass, PassPeriod, PassPlate, PassUse
from passes.services import add_plate, remove_plate
from retention.services import clocks, end_clocks
from tests.factories import (
    make_blocked_plate,
    make_charge,
    make_device,
    make_gate,
    make_lot,
    make_proof,
    make_reservation,
    make_ticket,
    make_user,
)
from tests.passes.sold import granted, offered
from tests.retention.kept_rows import DAY, PLATE, ago, left, read_at
from tickets.models import PlateCorrection, StayAct, Ticket
from tickets.regulars import counted_before
from verification import prove
from verification.retention_invariants import INVARIANTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot()


@pytest.fixture
def gate(lot):
    return make_gate(lot)


def plates():
    return dict(Ticket.objects.order_by("pk").values_list("number", "plate"))


def too_old():
    return {one.invariant.name: one.total for one in prove(INVARIANTS) if one.total}


def owing(lot, days, settled=None):
    charge = make_charge(lot, 600, at=ago(days), **({"settled_at": ago(settled)} if settled is not None else {}))
    stay = left(lot, days, charge=charge, closed_reason="owed")
    facts = {"plate": PLATE, "plate_normalised": "ZH123456", "amount": 600, "reason": "declined", "charge": charge}
    lot.operator.debts.create(created_at=ago(days), settled_at=charge.settled_at, **facts)
    return stay


def test_plates_of_paid_stays_run_out_and_others_stay(lot):
    paid, fresh, inside = left(lot, 2.1), left(lot, 1.9), make_ticket(lot, "ZH 1", ago(40))
    owed, settled, done = owing(lot, 200), owing(lot, 40, 29), owing(lot, 40, 31)
    proven, long_proven = left(lot, 300), left(lot, 366)
    for stay in (proven, long_proven):
        make_proof(stay, make_user())
    booked = left(lot, 300, reservation=make_reservation(lot, starts_at=ago(301), status="completed", email="a@b.ch"))
    asked = left(lot, 20, status="review", exit_at=None, paid=False)

    end_clocks(at=now())

    kept = {number for number, plate in plates().items() if plate}
    assert kept == {stay.number for stay in (fresh, inside, owed, settled, proven, booked, asked)}
    for gone in (paid, done, long_proven):
        gone.refresh_from_db()
        assert (gone.plate, gone.exit_plate, gone.plate_skeleton) == (None, None, None)
        assert gone.plate_normalised == plate_hash("ZH123456", lot.operator_id)
    assert [debt.plate for debt in lot.operator.debts.order_by("pk")] == [PLATE, PLATE, ""]


def test_clock_starts_at_receipt_and_when_money_came(lot, gate):
    stay, late = left(lot, 9), left(lot, 9)
    read_at(gate, 1, ticket=stay, at=ago(9), captured_at=ago(400))
    lot.charges.filter(pk=late.charge_id).update(settled_at=ago(1))
    end_clocks(at=now())
    assert set(plates().values()) == {PLATE}
    end_clocks(at=now() + 2 * DAY)
    assert set(plates().values()) == {None}


def test_read_loses_its_plate_with_its_stay_and_one_without_a_stay_by_its_receipt(lot, gate):
    stay = left(lot, 3)
    make_proof(proven := left(lot, 3), make_user())
    gone = [read_at(gate, 3, ticket=stay), read_at(gate, 3, action="deny", reason="full"), read_at(gate, 3, None)]
    kept = [read_at(gate, 3, ticket=proven), read_at(gate, 1)]
    before = {one.pk: (one.body_hash, one.answer, one.read["image_url"]) for one in (*gone, *kept)}
    end_clocks(at=now())
    for event in gone:
        event.refresh_from_db()
        assert (event.plate, "candidates" in event.read, event.answer["ticket"]["plate"]) == (None, False, None)
        assert event.body_hash != before[event.pk][0]
        assert event.read["image_url"] == before[event.pk][2]
    assert [event.plate_normalised for event in gone] == [plate_hash("ZH123456", lot.operator_id)] * 2 + [None]
    for event in kept:
        event.refresh_from_db()
        assert (event.plate, event.body_hash, event.answer) == (PLATE, *before[event.pk][:2])


def test_images_have_a_clock_of_their_own(lot, gate):
    old, young = read_at(gate, 29), read_at(gate, 27)
    end_clocks(at=now())
    old.refresh_from_db(), young.refresh_from_db()
    assert ("image_url" in old.read, "image_url" in young.read) == (False, True)


def test_lot_says_for_how_long_and_a_country_what_is_usual(lot, gate):
    Lot.objects.filter(pk=lot.pk).update(kept_days={"paid_plates": 10}, timezone="Europe/Vienna")
    read_at(gate, 4), left(lot, 4)
    end_clocks(at=now())
    assert set(plates().values()) == {PLATE}
    assert "image_url" not in GateEvent.objects.get().read
    assert default_days(Purpose.IMAGES, "Europe/Berlin") == 3 != default_days(Purpose.IMAGES, "Europe/Zurich")
    for zone in ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "America/Lima"):
        for given in ({}, {"images": 5}):
            Lot.objects.filter(pk=lot.pk).update(kept_days=given, timezone=zone)
            for purpose in Purpose:
                with connection.cursor() as cursor:
                    cursor.execute(f"SELECT {days_sql(purpose)} FROM lots_lot lot WHERE id = %s", [lot.pk])  # noqa: S608
                    assert cursor.fetchone() == (days_kept(given, purpose, zone),)


def test_default_is_within_the_bounds_that_lots_have():
    for purpose, clock in CLOCKS.items():
        for zone in ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich"):
            assert clock.least <= default_days(purpose, zone) <= clock.most


def test_passes_run_out_once_they_ended_are_paid_and_empty(lot):
    offer, lasted = offered(lot, most_plates=3), dt.timedelta(days=30)

    def ended(plate, days, status="expired", **fields):
        """Give a pass, granted for nothing, that ended so many days ago."""
        on = (now() - days * DAY).date()
        held = granted(offer, plate, note="walks badly", at=ago(days) - lasted, valid_from=on - lasted, **fields)
        last = {"stopped_at": ago(days)} if status == "cancelled" else {"valid_until": on - DAY}
        Pass.objects.filter(pk=held.pk).update(status=status, created_at=ago(days) - lasted, **last)
        return held

    gone = [ended("ZH 1", 367), ended("ZH 2", 367, "cancelled")]
    kept = [ended("ZH 3", 363), ended("ZH 4", 363, "cancelled"), ended("ZH 5", 700, "active"), ended("ZH 6", 367)]
    stay = left(lot, 200, "ZH 6", held_pass=kept[-1])
    PassUse.objects.filter(ticket=stay.pk).update(left_at=ago(200))
    invoiced = ended("ZH 7", 367)
    owing = make_charge(lot, 600, at=ago(367))
    PassPeriod.objects.filter(held_pass=invoiced).update(charge=owing)
    for plate, days in (("ZH 70", 364), ("ZH 71", 366)):
        facts = {"held_pass": kept[2], "plate": plate, "by": kept[2].created_by}
        add_plate(**facts, at=ago(900))
        remove_plate(**facts, at=ago(days))

    end_clocks(at=now())

    for held in gone:
        held.refresh_from_db()
        assert (held.holder, held.holder_name, held.email, held.note, held.plates.count()) == (None, "", "", "", 0)
    for held in (*kept, invoiced):
        held.refresh_from_db()
        assert (held.note, held.plates.count() > 0) == ("walks badly", True)
    assert set(kept[2].plates.values_list("plate", flat=True)) == {"ZH 5", "ZH 70"}
    assert not kept[2].changes.filter(why__contains="ZH 71").exists()
    assert kept[2].changes.filter(why__contains="ZH 70").count() == 2
    assert too_old() == {}
    PassPlate.objects.filter(plate="ZH 70").update(removed_at=ago(367))
    Pass.objects.filter(pk=gone[0].pk).update(email="a@b.ch")
    assert too_old() == {"plates_are_forgotten": 2}


def test_bookings_corrections_blocks_events_and_messages_run_out(lot):
    who = {"status": "completed", "email": "a@b.ch", "phone": "+41791112233", "created_at": ago(400)}
    over = make_reservation(lot, "ZH 7", ago(366), **who)
    make_reservation(lot, "ZH 8", ago(360), **who)
    stay = left(lot, 5)
    PlateCorrection.objects.create(ticket=stay, from_plate="ZH 1", to_plate=PLATE, at=ago(5))
    StayAct.objects.create(ticket=stay, kind="note", why=f"{PLATE} called", at=ago(5), key=uuid4())
    block = make_blocked_plate(lot.operator, "ZH 5", lifted_at=ago(31), reason="he shouts")
    make_blocked_plate(lot.operator, "ZH 6", blocked_at=ago(900))
    Event.objects.filter(subject=f"reservation:{over.code}").update(recorded_at=ago(8))
    for key, days in (("old", 91), ("young", 89)):
        queue_message(
            key=key, operator=lot.operator, recipient="a@b.ch", template="document", context={"a": PLATE}, at=ago(days)
        )
    Message.objects.update(state="sent", sent_at=now())

    end_clocks(at=now())

    over.refresh_from_db(), block.refresh_from_db()
    assert (over.email, over.phone, over.plate) == ("", "", "")
    assert list(PlateCorrection.objects.values_list("from_plate", "to_plate")) == [("", "")]
    assert StayAct.objects.get().why == ""
    assert (block.plate, block.reason, block.plate_normalised[0]) == ("", "", "~")
    assert BlockedPlate.objects.in_force().get().plate == "ZH 6"
    assert {event.data["plate"] for event in Event.objects.filter(subject=f"reservation:{over.code}")} == {None}
    assert dict(Message.objects.values_list("key", "context")) == {"old": {}, "young": {"a": PLATE}}
    assert too_old() == {}


def test_run_is_idempotent_and_goes_on_where_it_was_stopped(lot, gate, monkeypatch):
    monkeypatch.setattr(clocks, "BATCH", 2)
    for days in range(3, 10):
        left(lot, days), read_at(gate, days)
    real, calls = clocks.forget_read_plates, []

    def stopped(**given):
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(**given)

    with monkeypatch.context() as patched:
        patched.setattr(clocks, "forget_read_plates", stopped)
        with pytest.raises(KeyboardInterrupt):
            end_clocks(at=now())
    assert sum(plate is None for plate in plates().values()) == 4

    first, second = end_clocks(at=now()), end_clocks(at=now())

    assert (first["stays"], first["reads"]) == (3, 7)
    assert set(second.values()) == {0}
    assert too_old() == {}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gates_gateevent SET plate_normalised = 'ZH2'",
        "UPDATE gates_gateevent SET plate_normalised = '~X'",
        "UPDATE gates_gateevent SET action = 'deny', plate = NULL",
        "UPDATE gates_gateevent SET body_hash = 'x'",
        'UPDATE gates_gateevent SET read = read || \'{"region": "CH"}\'',
        "UPDATE gates_gateevent SET plate = NULL, answer = '{}'",
        "DELETE FROM gates_gateevent",
    ],
)
def test_nothing_else_of_a_read_changes(gate, change):
    read_at(gate, 3)
    with pytest.raises(Exception, match="only ever added"), connection.cursor() as cursor:
        cursor.execute(change)


HOURLY = {
    "grace_minutes": 10,
    "plans": [{"bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]}],
}


class Edge:
    """A garage whose edge box sends records."""

    def __init__(self, lot):
        self.lanes = {way: make_gate(lot, way) for way in ("entry", "exit")}
        _, key = make_device(self.lanes["entry"], kind="edge")
        self.device = find_device(key)

    def send(self, way, at, received, *, event_id=None, plate=PLATE, offline=True):
        facts = {"event_id": event_id or uuid.uuid4(), "plate": plate, "captured_at": at.isoformat()}
        read = read_of(ReadBody(**facts, offline=offline))
        return answer_read(device=self.device, code=self.lanes[way].code, read=read, received_at=received)


def test_read_that_is_sent_again_is_answered_without_its_plate(lot):
    edge, key = Edge(lot), uuid.uuid4()
    at = ago(9)
    first = edge.send("entry", at, at, event_id=key, offline=False)
    edge.send("exit", at + dt.timedelta(minutes=5), at + dt.timedelta(minutes=5), offline=False)
    count = GateEvent.objects.count()
    end_clocks(at=now())
    again = edge.send("entry", at, now(), event_id=key, offline=False)
    told = first["ticket"] | {"plate": None}
    assert again == first | {"replayed": True, "ticket": told}
    with pytest.raises(Exception, match="another body"):
        edge.send("entry", at, now(), event_id=key, offline=False, plate="ZH 2")
    assert GateEvent.objects.count() == count
    assert set(plates().values()) == {None}


def test_late_record_finds_its_car_by_what_stays_of_the_plate():
    edge = Edge(make_lot(tariff=HOURLY))
    began = ago(20)
    edge.send("entry", began + dt.timedelta(hours=5), began + dt.timedelta(hours=6))
    edge.send("exit", began + dt.timedelta(hours=5, minutes=3), began + dt.timedelta(hours=6))
    end_clocks(at=began + 4 * DAY)
    known = Ticket.objects.get()
    assert known.plate is None
    # An earlier pair of the same car, and a repetition of a record that has run out.
    edge.send("entry", began, now())
    edge.send("entry", began + dt.timedelta(hours=5, seconds=10), now())
    edge.send("exit", began + dt.timedelta(minutes=4), now())
    known.refresh_from_db()
    stays = Ticket.objects.order_by("entry_at")
    assert [(stay.entry_at, stay.status) for stay in stays] == [
        (began, "closed"), (began + dt.timedelta(hours=5), "closed")
    ]  # fmt: skip
    # Meanwhile one of them seemed to owe, so it is kept as long as what was settled.
    end_clocks(at=now() + 33 * DAY)
    assert [(stay.plate, stay.closed_reason) for stay in stays.all()] == [(None, "grace"), (None, "grace")]
    assert not GateEvent.objects.exclude(plate=None).exists()


def test_late_repetition_of_a_live_read_is_no_other_car(lot):
    edge = Edge(lot)
    at = ago(9)
    edge.send("entry", at, at, offline=False)
    edge.send("exit", at + dt.timedelta(minutes=5), at + dt.timedelta(minutes=5), offline=False)
    end_clocks(at=now())
    edge.send("entry", at + dt.timedelta(seconds=4), now())
    assert Ticket.objects.count() == 1
    assert GateEvent.objects.latest("pk").first_id == GateEvent.objects.earliest("pk").pk


def test_regular_is_known_by_what_stays_of_the_plate(lot):
    for days in (5, 4, 3):
        latest = left(lot, days)
    back_at = latest.exit_at + dt.timedelta(seconds=1)
    stay, other = (make_ticket(lot, plate, back_at) for plate in (PLATE, "ZH 2"))
    before = counted_before(stay)
    end_clocks(at=now())
    assert (counted_before(stay), counted_before(other)) == (before, 0)
    month = back_at.astimezone(zone_of(lot)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert before == Ticket.objects.filter(exit_at__gte=month, status="closed").count()


def test_use_of_a_pass_loses_its_plate_with_its_stay(lot):
    held = granted(offered(lot), PLATE)
    left(lot, 400, held_pass=held)
    end_clocks(at=now())
    assert [use.plate_normalised[0] for use in PassUse.objects.all()] == ["~"]


def test_verify_names_what_is_too_old(lot, gate):
    left(lot, 4), read_at(gate, 30), owing(lot, 99, 40)
    left(lot, 3.4), read_at(gate, 3.4)  # for which the night may still come
    assert too_old() == {"plates_are_forgotten": 5}
    end_clocks(at=now())
    assert too_old() == {}
