"""A stay that is not there any more is ended by a person, for a reason, and never silently."""

import datetime as dt

import pytest

from billing.models import Credit, CreditKind, Debt
from billing.services import take_payment
from gates.models import GateEvent
from lots.models import SpotCount
from reservations.models import ReservationStatus
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_reservation, make_ticket, make_user
from tests.invariants import broken
from tests.tickets.test_resolution import ENTRY, LEFT
from tickets.models import Ticket
from tickets.services import (
    ImpossibleExitError,
    NoPlateToOweError,
    PriceChangedError,
    ReasonMissingError,
    TicketStateError,
    assess_ticket,
    close_ticket,
    end_left_unseen,
    end_never_was,
    review_ticket,
)

pytestmark = pytest.mark.django_db

NOW = ENTRY + dt.timedelta(days=20)
BOTH_KINDS = pytest.mark.parametrize("tracking", ["spots", "levels"])


@pytest.fixture
def ticket():
    return make_ticket(make_lot(), "ZH 1", ENTRY)


def unseen(ticket, by, **changes):
    terms = {"left_at": LEFT, "agreed": 600, "settlement": "debt", "at": NOW, "why": "the barrier stood open"}
    return end_left_unseen(ticket=ticket, by=by, **terms | changes)


def never(ticket, by, *, why="two tickets for one car"):
    return end_never_was(ticket=ticket, by=by, at=NOW, why=why)


def history(ticket):
    return [*ticket.changes.order_by("id").values_list("to_status", "by", "why")]


def test_fee_until_the_car_left_becomes_a_debt(ticket, admin):
    ended = unseen(ticket, admin)

    debt = Debt.objects.get()
    assert (ended.status, ended.exit_at, ended.closed_reason) == ("closed", LEFT, "left_unseen")
    assert (debt.amount, debt.plate, debt.reason) == (600, "ZH 1", "the barrier stood open")
    assert history(ticket)[1:] == [("closed", admin.pk, "the barrier stood open")]
    assert not GateEvent.objects.exists()
    assert broken() == []


def test_what_is_not_charged_is_waived_under_a_name(ticket, admin):
    ended = unseen(ticket, admin, settlement="waive")

    credit = Credit.objects.get()
    assert (credit.kind, credit.amount, credit.granted_by) == (CreditKind.WAIVED, 600, admin)
    assert (ended.closed_reason, ended.paid_at, Debt.objects.exists()) == ("left_unseen", None, False)
    assert history(ticket)[1:] == [("closed", admin.pk, "the barrier stood open")]
    assert broken() == []


def test_free_stay_is_ended_without_a_charge(ticket, admin):
    ended = unseen(ticket, admin, left_at=ENTRY + dt.timedelta(minutes=5), agreed=0)

    assert (ended.closed_reason, ended.charge) == ("left_unseen", None)
    assert broken() == []


def test_paid_stay_owes_only_the_rest(ticket, admin):
    charge = assess_ticket(ticket=ticket, at=ENTRY + dt.timedelta(hours=1))
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=ENTRY + dt.timedelta(hours=1))

    unseen(ticket, admin, agreed=300)

    assert Debt.objects.get().amount == 300
    assert broken() == []


def test_stay_that_never_was_asks_for_nothing(ticket, admin):
    assess_ticket(ticket=ticket, at=LEFT)

    ended = never(ticket, admin)

    ended.refresh_from_db()
    assert (ended.status, ended.charge.balance_amount) == ("void", 0)
    assert history(ticket)[1:] == [("void", admin.pk, "two tickets for one car")]
    assert not GateEvent.objects.exists()
    assert broken() == []


def test_booking_of_a_stay_that_never_was_waits_for_its_driver_again(ticket, admin):
    booking = make_reservation(ticket.lot, "ZH 1", ENTRY, LEFT, status=ReservationStatus.ACTIVE)
    Ticket.objects.update(reservation=booking)

    never(ticket, admin)

    booking.refresh_from_db()
    assert booking.status == ReservationStatus.CONFIRMED


def test_paid_stay_is_real(ticket, admin):
    charge = assess_ticket(ticket=ticket, at=LEFT)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=LEFT)

    with pytest.raises(TicketStateError):
        never(ticket, admin)


@BOTH_KINDS
@pytest.mark.parametrize("end", [unseen, never])
def test_its_place_is_free_again(tracking, end, admin):
    lot = make_lot(tracking=tracking, spots={"regular": 3})

    end(make_ticket(lot, "ZH 1", ENTRY), admin)

    assert SpotCount.objects.get(lot=lot).free == 3
    assert broken() == []


@pytest.mark.parametrize("end", [unseen, never])
def test_stay_in_review_is_ended_the_same_way(ticket, admin, end):
    review_ticket(ticket=ticket, at=LEFT, why="missed")

    assert end(ticket, admin).status in {"closed", "void"}
    assert broken() == []


@pytest.mark.parametrize("end", [unseen, never])
def test_same_person_ending_it_again_changes_nothing(ticket, admin, end):
    end(ticket, admin)
    before = history(ticket)

    assert end(ticket, admin).pk == ticket.pk
    assert history(ticket) == before
    with pytest.raises(TicketStateError):
        end(ticket, make_user("admin"))


@pytest.mark.parametrize("end", [unseen, never])
def test_stay_that_left_meanwhile_is_left_alone(ticket, admin, end):
    close_ticket(ticket=ticket, at=NOW, reason="grace", why="grace at OUT 1")

    with pytest.raises(TicketStateError):
        end(ticket, admin)
    assert Ticket.objects.get().closed_reason == "grace"


@pytest.mark.parametrize("end", [unseen, never])
def test_reason_is_needed(ticket, admin, end):
    with pytest.raises(ReasonMissingError):
        end(ticket, admin, why=" ")


@pytest.mark.parametrize("left_at", [ENTRY - dt.timedelta(seconds=1), NOW + dt.timedelta(seconds=1)])
def test_car_left_after_it_came_and_before_now(ticket, admin, left_at):
    with pytest.raises(ImpossibleExitError):
        unseen(ticket, admin, left_at=left_at)


def test_price_that_nobody_saw_is_not_charged(ticket, admin):
    with pytest.raises(PriceChangedError):
        unseen(ticket, admin, agreed=300)
    assert Ticket.objects.get().status == "active"


def test_without_a_plate_nobody_owes_and_nothing_is_written(admin):
    ticket = make_ticket(make_lot(), None, ENTRY)

    with pytest.raises(NoPlateToOweError):
        unseen(ticket, admin)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.charge) == ("active", None)
    assert unseen(ticket, admin, settlement="waive").status == "closed"


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_end_a_stay_once(ticket):
    people = [make_user("admin"), make_user("admin")]
    results = codes_at_once([lambda person=person: unseen(ticket, person) for person in people])

    assert sorted(map(str, results)) == sorted([ticket.number, "ticket_state"])
    assert Debt.objects.get().amount == 600
