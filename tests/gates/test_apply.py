"""What decisions write: each effect by its statement, all of one read together or not at all."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from billing.models import Charge, Debt
from gates.decision import decide
from gates.models import GateEvent
from lots.allocation import Strategy
from lots.models import Lot, SpotCount
from reservations.models import Reservation
from tests.factories import make_charge, make_permit, make_reservation, make_ticket, make_zone
from tests.gates.lanes import Lane, Lanes, at
from tests.invariants import broken
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("tracking", ["spots", "levels"])


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def ago(**delta: float) -> dt.datetime:
    return now() - dt.timedelta(**delta)


def book(lot: Lot, plate: str = "ZH 1", **fields: Any) -> Reservation:
    """Promise a place of the lot from now on, the lot's first spot where it counts them."""
    start, end = ago(minutes=5), now() + dt.timedelta(hours=1)
    spot = lot.spots.first()
    booking = make_reservation(lot, plate, start, end, spot=spot, during=DateTimeTZRange(start, end), **fields)
    if spot is not None:
        lot.spots.filter(pk=spot.pk).update(hold=booking.pk)
    return booking


def counts(lot: Lot) -> dict[str, tuple[int, int]]:
    rows = SpotCount.objects.filter(lot=lot)
    return {row.spot_type: (row.occupied, row.reserved) for row in rows}


@BOTH
def test_booked_car_gets_its_place_and_the_booking_is_active(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 2})
    booking = book(lanes.lot)

    answer = lanes.entry.read("ZH 1")

    ticket = Ticket.objects.get()
    assert (answer["action"], answer["reason"]) == ("open", "reservation")
    assert (ticket.reservation, ticket.spot) == (booking, booking.spot)
    assert answer["spot"]["number"] == (booking.spot.number if booking.spot else None)
    booking.refresh_from_db()
    assert (booking.status, booking.level) == ("active", ticket.level)
    assert not lanes.lot.spots.exclude(hold=None).exists()
    assert counts(lanes.lot) == {"regular": (1, 0)}
    assert broken() == []


def test_booked_car_whose_place_is_taken_gets_another_and_the_booking_moves():
    lanes = Lanes(spots={"regular": 2})
    booking = book(lanes.lot)
    taken = booking.spot
    lanes.lot.spots.filter(pk=taken.pk).update(hold=None)
    make_ticket(lanes.lot, "GE 5", spot=taken)

    lanes.entry.read("ZH 1")

    booking.refresh_from_db()
    ticket = Ticket.objects.get(plate="ZH 1")
    assert ticket.spot == booking.spot != taken
    assert counts(lanes.lot) == {"regular": (2, 0)}


def test_booking_is_complete_when_its_car_has_left():
    lanes = Lanes(spots={"regular": 2})
    booking = book(lanes.lot)
    lanes.entry.read("ZH 1")

    answer = lanes.exit.read("ZH 1", captured_at=at(0.1), offline=True)

    booking.refresh_from_db()
    assert (answer["action"], booking.status) == ("open", "completed")
    assert counts(lanes.lot) == {"regular": (0, 0)}
    assert broken() == []


@pytest.mark.parametrize("allocation", [*Strategy])
@BOTH
def test_missed_exit_gives_its_place_to_the_same_car_wherever_it_was_the_last(tracking, allocation):
    lanes = Lanes(tracking=tracking, spots={"regular": 1}, levels=2, allocation=allocation.value)
    kept = make_ticket(lanes.lot, "GE 5")
    lost = make_ticket(lanes.lot, "ZH 1", entry_at=ago(days=1))

    answer = lanes.entry.read("ZH 1")

    ticket = Ticket.objects.open().get(plate="ZH 1")
    lost.refresh_from_db()
    assert (answer["reason"], lost.status) == ("reentry", TicketStatus.REVIEW)
    assert (ticket.level, ticket.spot) == (lost.level, lost.spot) != (kept.level, kept.spot)
    assert counts(lanes.lot)["regular"] in {(1, 0), (2, 0)}
    assert broken() == []


@pytest.mark.parametrize("allocation", [*Strategy])
@BOTH
def test_place_that_a_missed_exit_frees_is_picked_as_if_it_were_free(tracking, allocation):
    lanes = Lanes(tracking=tracking, spots={"regular": 2}, levels=2, allocation=allocation.value)
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(days=1))
    lanes.entry.read("ZH 1")
    again = Ticket.objects.open().get()

    Ticket.objects.filter(pk=again.pk).update(status=TicketStatus.VOID)
    lanes.entry.read("ZH 2")

    fresh = Ticket.objects.open().get()
    assert allocation is Strategy.RANDOM or (again.level, again.spot) == (fresh.level, fresh.spot)


def test_spot_in_maintenance_is_not_given_to_the_car_that_stood_there():
    lanes = Lanes(spots={"regular": 2})
    lost = make_ticket(lanes.lot, "ZH 1", entry_at=ago(days=1))
    lanes.lot.spots.filter(pk=lost.spot.pk).update(maintenance=True)

    lanes.entry.read("ZH 1")

    assert Ticket.objects.open().get().spot != lost.spot


def test_permit_on_file_opens_the_bay_for_it():
    lanes = Lanes(spots={"regular": 1})
    make_zone(lanes.lot.levels.get(), "handicap", 1, first_ordinal=5)
    make_permit(lanes.lot.operator, "ZH 1")

    assert lanes.entry.read("ZH 1")["spot"]["type"] == "handicap"
    assert Ticket.objects.get().permit


def test_car_at_another_gate_is_told_where_it_stands():
    lanes = Lanes(spots={"regular": 2})
    entered = lanes.entry.read("ZH 1")

    answer = Lane(lanes.lot, "entry").read("ZH 1")

    assert answer["reason"] == "passback"
    assert (answer["ticket"], answer["spot"]) == (entered["ticket"], entered["spot"])


def test_money_that_moves_while_a_read_is_decided_is_looked_at_again(monkeypatch):
    lanes = Lanes()
    charge = make_charge(lanes.lot, 900)
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2, minutes=30), charge=charge, status="paid")
    Charge.objects.filter(pk=charge.pk).update(captured_amount=900)
    Ticket.objects.filter(pk=ticket.pk).update(paid_at=ago(minutes=1))
    decided = []

    def moved_meanwhile(read, context):
        if not decided:
            Charge.objects.filter(pk=charge.pk).update(label="touched")
        decided.append(context.due)
        return decide(read, context)

    monkeypatch.setattr("gates.reads.answer.decide", moved_meanwhile)

    assert lanes.exit.read("ZH 1")["reason"] == "paid"
    ticket.refresh_from_db()
    assert (len(decided), ticket.status) == (2, TicketStatus.CLOSED)
    assert GateEvent.objects.count() == 1


def test_rest_of_a_charge_that_was_paid_in_part_is_owed_once():
    lanes = Lanes()
    charge = make_charge(lanes.lot, 300)
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2, minutes=30), charge=charge)
    Charge.objects.filter(pk=charge.pk).update(captured_amount=300)

    answer = lanes.exit.read("ZH 1", captured_at=at(-0.1), offline=True)

    charge.refresh_from_db()
    assert (answer["reason"], charge.due_amount, charge.balance_amount, charge.settled_at) == ("owed", 900, 600, None)
    debt = Debt.objects.get()
    assert (debt.charge, debt.amount, debt.plate, debt.reason) == (charge, 600, "ZH 1", "left without paying")


def test_confirmed_exit_completes_its_booking_once_the_car_has_passed():
    lanes = Lanes(spots={"regular": 2})
    booking = book(lanes.lot, charge=make_charge(lanes.lot))
    lanes.entry.read("ZH 1")
    exit_ = Lane(lanes.lot, "exit", confirms_passage=True)
    answer = exit_.read("ZH 1")
    booking.refresh_from_db()
    assert (answer["reason"], booking.status) == ("reservation", "active")

    passed = {"event_id": "5d3d3b62-3d6e-4e0c-9a9c-1e8b5f1f4a11", "of_event": answer["event_id"], "outcome": "passed"}
    exit_.send(passed, f"/api/v1/gates/{exit_.gate.code}/passages")

    booking.refresh_from_db()
    assert booking.status == "completed"
