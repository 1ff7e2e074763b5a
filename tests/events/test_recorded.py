"""What is recorded as an event: by triggers, in the transaction of its cause, whoever writes."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError

from billing.models import Debt, Payment, Refund
from events.models import Event, EventType
from events.services import number_events
from lots.models import Spot
from tests.factories import make_charge, make_lot, make_operator, make_reservation, make_ticket, make_user
from tests.gates.lanes import Lanes
from tests.passes.sold import granted, offered
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)


def recorded(*skipped: str) -> list[str]:
    return [kind for kind in Event.objects.values_list("kind", flat=True) if kind not in skipped]


def last(kind: str) -> Event:
    return Event.objects.filter(kind=kind).latest("id")


@pytest.mark.django_db(transaction=True)
def test_visit_through_the_gates_is_recorded_with_its_spot():
    lanes = Lanes(spots={"regular": 1})
    lanes.entry.read("ZH 123")
    lanes.exit.read("ZH 123", minute=5)

    assert sorted(recorded()) == sorted(
        ["stay.opened", "spot.occupied", "lot.full", "stay.closed", "spot.released", "lot.free"]
    )
    opened = last("stay.opened")
    ticket = Ticket.objects.get()
    assert opened.subject == f"stay:{ticket.number}"
    assert (opened.operator, opened.lot) == (lanes.lot.operator, lanes.lot.slug)
    assert opened.data | {"entry_time": None} == {
        "number": ticket.number,
        "status": "active",
        "plate": "ZH 123",
        "vehicle_type": "regular",
        "entry_time": None,
        "exit_time": None,
        "spot": "R0-1",
        "level": 0,
        "spot_type": "regular",
        "reservation": None,
        "pass": None,
        "charge": None,
        "reason": None,
    }
    assert dt.datetime.fromisoformat(opened.data["entry_time"]) == ticket.entry_at
    assert last("spot.occupied").data == {
        "number": "R0-1",
        "level": 0,
        "level_name": "Ground",
        "zone": "regular-0",
        "type": "regular",
        "status": "occupied",
    }
    assert last("stay.closed").data["reason"] == "grace"
    assert last("lot.full").data == {"lot": lanes.lot.slug, "total": 1, "free": 0}


def test_event_goes_with_its_cause():
    lot = make_lot()
    first = make_ticket(lot, "ZH 1")
    Event.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_ticket(lot, "ZH 2", spot=first.spot)

    assert recorded() == []


def test_write_that_changes_nothing_others_wait_for_is_no_event():
    ticket = make_ticket(make_lot())
    Event.objects.all().delete()
    Ticket.objects.filter(pk=ticket.pk).update(changed_why="a note", status="entering")
    Ticket.objects.filter(pk=ticket.pk).update(status="active", plate=ticket.plate)
    Spot.objects.update(hold=None, maintenance_note="wet")

    assert recorded() == []


def test_changes_of_a_stay_inside_are_recorded_and_its_return():
    ticket = make_ticket(make_lot())
    stays = Ticket.objects.filter(pk=ticket.pk)
    stays.update(plate="ZH 9")
    stays.update(status="paid")
    stays.update(status="closed", exit_at=AT + dt.timedelta(days=900), closed_reason="paid")
    stays.update(status="active", exit_at=None, closed_reason="")

    assert recorded("spot.occupied", "spot.released") == [
        *("stay.opened", "stay.changed", "stay.changed", "stay.closed", "stay.opened")
    ]


def test_sensor_occupies_a_spot_without_a_stay():
    lot = make_lot()
    Spot.objects.filter(number="R0-1").update(observed_occupied=True)
    Spot.objects.filter(number="R0-1").delete()

    assert recorded() == ["spot.occupied", "spot.released"]
    assert last("spot.released").data["status"] == "removed"
    assert last("spot.released").subject == f"spot:{lot.slug}/R0-1"


def test_lot_of_two_counters_is_full_once_both_are():
    lot = make_lot(spots={"regular": 1, "ev": 1})
    spots = Spot.objects.filter(lot=lot)
    spots.filter(spot_type="ev").update(maintenance=True)
    assert recorded() == []
    spots.filter(spot_type="regular").update(observed_occupied=True)
    spots.filter(spot_type="ev").update(maintenance=False)

    assert recorded("spot.occupied") == ["lot.full", "lot.free"]
    assert last("lot.free").data == {"lot": lot.slug, "total": 2, "free": 1}


def test_spots_of_another_type_free_a_full_lot():
    from tests.factories import make_zone

    lot = make_lot(spots={"regular": 1})
    Spot.objects.update(observed_occupied=True)
    make_zone(lot.levels.get(), "ev", 2)

    assert recorded("spot.occupied") == ["lot.full", "lot.free"]


def test_booking_is_recorded_from_its_confirmation_on():
    lot = make_lot()
    booking = make_reservation(lot, status="pending", starts_at=AT)
    assert recorded() == []
    for change in (
        {"status": "confirmed"},
        {"sequence": 4},
        {"plate": "ZH 77"},
        {"status": "no_show", "missed_at": AT},
        {"status": "active"},
        {"status": "cancelled", "cancelled_at": AT},
    ):
        type(booking).objects.filter(pk=booking.pk).update(**change)

    assert recorded() == [
        *("reservation.created", "reservation.changed", "reservation.no_show", "reservation.changed"),
        "reservation.cancelled",
    ]
    assert last("reservation.no_show").at == AT
    assert not {"email", "phone", "driver", "token"} & last("reservation.created").data.keys()


def test_booking_that_lapses_was_none():
    booking = make_reservation(make_lot(), status="pending")
    type(booking).objects.update(status="lapsed")

    assert recorded() == []


def test_payments_and_refunds_are_recorded():
    charge = make_charge(make_lot(), 600)
    facts = {"charge": charge, "method": "card", "created_at": AT}
    paid = Payment.objects.create(
        **facts, state="captured", amount=600, captured_amount=600, idempotency_key="a", finished_at=AT
    )
    pending = Payment.objects.create(**facts, state="pending", amount=600, idempotency_key="b")
    Payment.objects.filter(pk=pending.pk).update(state="failed", failure="declined", finished_at=AT)
    refund = Refund.objects.create(payment=paid, amount=200, reason="x", idempotency_key="c", created_at=AT)
    Refund.objects.create(payment=paid, amount=-200, reason="x", idempotency_key="d", created_at=AT, reverses=refund)

    assert recorded() == ["payment.captured", "payment.failed", "payment.refunded", "payment.refunded"]
    assert last("payment.captured").data["captured"] == 600
    assert last("payment.failed").data["failure"] == "declined"
    assert [e.data["amount"] for e in Event.objects.filter(kind="payment.refunded")] == [200, -200]
    assert last("payment.refunded").data["refunded"] == 0


def test_debts_are_recorded():
    charge = make_charge(make_lot(), 600)
    debt = Debt.objects.create(
        operator=charge.lot.operator,
        charge=charge,
        plate="ZH 1",
        plate_normalised="ZH1",
        amount=600,
        reason="owed",
        created_at=AT,
    )
    for change in ({"amount": 900}, {"reason": "left"}, {"settled_at": AT}, {"settled_at": None}):
        Debt.objects.filter(pk=debt.pk).update(**change)

    assert recorded() == ["debt.opened", "debt.opened", "debt.settled", "debt.opened"]


def test_passes_are_recorded_without_their_holder():
    held = granted(offered(make_lot()))
    passes = type(held).objects.filter(pk=held.pk)
    for change in (
        {"status": "suspended", "stopped_at": AT},
        {"status": "active", "stopped_at": None},
        {"valid_until": held.valid_until + dt.timedelta(days=30)},
        {"status": "cancelled", "stopped_at": AT},
        {"status": "expired"},
    ):
        passes.update(**change)

    assert recorded("user.registered") == [
        *("pass.begun", "pass.suspended", "pass.resumed", "pass.renewed", "pass.cancelled", "pass.ended"),
    ]
    assert not {"holder", "holder_name", "email", "company"} & last("pass.begun").data.keys()


def test_operator_learns_of_its_own_people_only():
    operator = make_operator()
    make_user()
    person = make_user("attendant", operator)

    assert recorded() == ["user.registered"]
    event = last("user.registered")
    assert (event.operator, event.lot, event.data) == (operator, None, {"id": person.pk, "role": "attendant"})


def test_what_happened_is_not_changed():
    make_user("admin")
    number_events()
    event = Event.objects.get()
    for change in ({"kind": "lot.full"}, {"subject": "x"}, {"at": AT}, {"number": 7}):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**change)
    Event.objects.filter(pk=event.pk).update(data={"id": None})


def test_every_type_is_written_somewhere():
    """Each name stands in a migration's SQL, whole or by its parts, or in the service that writes it."""
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    text = "\n".join(path.read_text() for path in root.glob("*/migrations/*event*.sql"))
    text += "\n".join(path.read_text() for path in root.glob("analytics/*.py"))
    missing = [
        kind.value
        for kind in EventType
        if f"'{kind.value}'" not in text
        and f'"{kind.value}"' not in text
        and kind.name not in text
        and not (f"'{kind.value.partition('.')[0]}.' ||" in text and f"'{kind.value.partition('.')[2]}'" in text)
    ]
    assert missing == []


def test_silent_gate_is_recorded_once_for_each_silence():
    from analytics.silences import record_silences
    from tests.factories import make_gate
    from tests.office.test_dashboard import DAY, HOUR, MINUTE, NOON, make_event

    lot = make_lot()
    gate = make_gate(lot, name="IN 1")
    for number in range(24):
        make_event(gate, NOON - DAY + HOUR - number * 5 * MINUTE)
    make_event(gate, NOON - 30 * MINUTE)

    assert [record_silences(at=NOON + minute * MINUTE) for minute in (-25, 0, 1)] == [0, 1, 1]
    assert recorded() == ["device.silent"]
    event = last("device.silent")
    assert (event.subject, event.at, event.lot) == (f"gate:{gate.code}", NOON - 30 * MINUTE, lot.slug)
