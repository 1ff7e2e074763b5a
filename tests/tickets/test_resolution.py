"""How a review ends: closed with its fee owed or waived, taken back, or void; always by somebody, for a reason."""

import datetime as dt

import pytest

from accounts.models import BlockedPlate
from billing.models import Debt
from billing.services import take_payment
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_ticket
from tickets.models import Ticket
from tickets.services import (
    ImpossibleExitError,
    NoPlateToOweError,
    PriceChangedError,
    ReasonMissingError,
    TicketStateError,
    assess_ticket,
    close_from_review,
    return_from_review,
    review_ticket,
    void_from_review,
)

pytestmark = pytest.mark.django_db

ENTRY = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
LEFT = ENTRY + dt.timedelta(hours=2)
NOW = ENTRY + dt.timedelta(days=1)


@pytest.fixture
def ticket():
    ticket = make_ticket(make_lot(), "ZH 1", ENTRY)
    return review_ticket(ticket=ticket, at=ENTRY + dt.timedelta(hours=5), why="reentry at IN 2")


def close(ticket, by, **changes):
    terms = {"left_at": LEFT, "agreed": 600, "settlement": "debt", "at": NOW, "why": "seen leaving on the camera"}
    return close_from_review(ticket=ticket, by=by, **terms | changes)


def last_change(ticket):
    change = ticket.changes.order_by("id").last()
    return change.from_status, change.to_status, change.by, change.why, change.at


def test_closing_makes_what_was_owed_then_a_debt(ticket, admin):
    closed = close(ticket, admin)

    debt = Debt.objects.get()
    assert (closed.status, closed.exit_at, closed.closed_reason) == ("closed", LEFT, "owed")
    assert (debt.amount, debt.plate) == (600, "ZH 1")
    assert last_change(ticket) == ("review", "closed", admin, "seen leaving on the camera", NOW)


def test_closing_waives_what_was_owed_under_a_name(ticket, admin):
    closed = close(ticket, admin, settlement="waive")

    credit = closed.charge.credits.get()
    assert (closed.closed_reason, credit.amount, credit.granted_by, credit.reason) == (
        "waived",
        600,
        admin,
        "seen leaving on the camera",
    )
    assert not Debt.objects.exists()


def test_closing_within_the_grace_costs_nothing(ticket, admin):
    closed = close(ticket, admin, left_at=ENTRY + dt.timedelta(minutes=5), agreed=0)

    assert (closed.closed_reason, closed.charge) == ("grace", None)


def test_closing_counts_what_was_paid(admin):
    ticket = make_ticket(make_lot(), "ZH 1", ENTRY)
    charge = assess_ticket(ticket=ticket, at=ENTRY + dt.timedelta(hours=1))
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=ENTRY + dt.timedelta(hours=1))
    review_ticket(ticket=ticket, at=NOW, why="missed")

    with pytest.raises(PriceChangedError):
        close(ticket, admin)
    close(ticket, admin, agreed=300)

    assert Debt.objects.get().amount == 300


def test_closing_at_another_price_than_was_agreed_changes_nothing(ticket, admin):
    with pytest.raises(PriceChangedError):
        close(ticket, admin, agreed=300)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.charge) == ("review", None)


@pytest.mark.parametrize("left_at", [ENTRY - dt.timedelta(seconds=1), NOW + dt.timedelta(seconds=1)])
def test_car_leaves_after_it_came_and_before_now(ticket, admin, left_at):
    with pytest.raises(ImpossibleExitError):
        close(ticket, admin, left_at=left_at)


def test_nobody_owes_without_a_plate(admin):
    ticket = review_ticket(ticket=make_ticket(make_lot(), None, ENTRY), at=NOW, why="missed")

    with pytest.raises(NoPlateToOweError):
        close(ticket, admin)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.charge) == ("review", None)
    assert close(ticket, admin, settlement="waive").status == "closed"


@pytest.mark.parametrize("service", [close, void_from_review, return_from_review])
def test_reason_is_needed(ticket, admin, service):
    with pytest.raises(ReasonMissingError):
        service(ticket=ticket, by=admin, at=NOW, why="  ")


@pytest.mark.parametrize("service", [close, void_from_review, return_from_review])
def test_second_resolution_is_refused(ticket, admin, service):
    service(ticket=ticket, by=admin, at=NOW, why="first")

    with pytest.raises(TicketStateError):
        service(ticket=ticket, by=admin, at=NOW, why="second")

    assert ticket.changes.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_close_a_stay_once(ticket, admin):
    results = codes_at_once([lambda: close(ticket, admin)] * 2)

    assert results.count("ticket_state") == 1
    assert Debt.objects.get().amount == 600


def test_third_debt_blocks_the_plate(admin):
    lot = make_lot()
    for hour in range(3):
        entry = ENTRY + dt.timedelta(hours=hour)
        ticket = review_ticket(ticket=make_ticket(lot, "ZH 1", entry), at=NOW, why="missed")
        close(ticket, admin, left_at=entry + dt.timedelta(hours=2))

    assert BlockedPlate.objects.in_force().get().plate_normalised == "ZH1"


def test_stay_is_taken_back_without_its_spot(ticket, admin):
    returned = return_from_review(ticket=ticket, at=NOW, why="it stands in the corner", by=admin)

    assert (returned.status, returned.spot, returned.level) == ("active", None, None)
    assert last_change(ticket) == ("review", "active", admin, "it stands in the corner", NOW)


def test_stay_is_not_taken_back_beside_another_of_its_plate(ticket, admin):
    make_ticket(ticket.lot, "ZH 1", NOW)

    with pytest.raises(TicketStateError):
        return_from_review(ticket=ticket, at=NOW, why="it stands in the corner", by=admin)


def test_void_stay_asks_for_nothing(admin):
    ticket = make_ticket(make_lot(), "ZH 1", ENTRY)
    assess_ticket(ticket=ticket, at=LEFT)
    review_ticket(ticket=ticket, at=NOW, why="missed")

    void_from_review(ticket=ticket, at=NOW, why="a dog walked past", by=admin)

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.charge.balance_amount) == ("void", 0)
    assert last_change(ticket) == ("review", "void", admin, "a dog walked past", NOW)


def test_paid_stay_is_not_voided(admin):
    ticket = make_ticket(make_lot(), "ZH 1", ENTRY)
    charge = assess_ticket(ticket=ticket, at=LEFT)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=LEFT)
    review_ticket(ticket=ticket, at=NOW, why="missed")

    with pytest.raises(TicketStateError):
        void_from_review(ticket=ticket, at=NOW, why="a dog walked past", by=admin)
