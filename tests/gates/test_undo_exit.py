"""An exit at the desk that is undone: the stay, its money and its place are as before, for a minute only."""

import datetime as dt
import uuid
from uuid import uuid4

import pytest

from accounts.models import BlockedPlate
from billing.models import Charge, Credit, Debt, Payment
from billing.services import take_payment
from common.errors import ForbiddenError
from gates.models import GateEvent
from gates.services import (
    ActConflictError,
    TooLateToUndoError,
    UndoneBeforeError,
    confirm_silent_passages,
    exit_to_undo,
    undo_exit,
)
from tests.at_once import at_once, codes_at_once
from tests.factories import make_ticket, make_user
from tests.gates.lanes import Lane
from tests.gates.test_correct_plate import book
from tests.gates.test_desk_services import NOW, Desk
from tests.gates.test_passages import tell
from tests.invariants import broken
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus
from tickets.services import TicketStateError

pytestmark = pytest.mark.django_db

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def desk(db):
    return Desk()


def undo(desk, done, *, by=None, key=None, at=NOW + 20 * SECOND):
    return undo_exit(ticket=done.ticket, exit_id=done.exit_id, by=by or desk.attendant, at=at, key=key or uuid4())


def stay(ticket):
    return Ticket.objects.select_related("lot", "tariff", "charge").get(pk=ticket.pk)


def test_debt_of_the_exit_is_cancelled_and_the_stay_parked_where_it_was(desk):
    done = desk.let_out()
    assert (done.debt.amount, desk.occupied()) == (900, 0)

    event = undo(desk, done)
    ticket = stay(desk.ticket)
    assert (ticket.status, ticket.spot, ticket.spot_type) == (TicketStatus.ACTIVE, desk.ticket.spot, "regular")
    assert (ticket.exit_at, ticket.exit_plate, ticket.closed_reason, ticket.paid_at) == (None, None, "", None)
    assert not Debt.objects.exists()
    assert (ticket.charge.balance_amount, fee_of(ticket, NOW).owed, desk.occupied()) == (0, 900, 1)
    assert (event.kind, event.action, event.flags, event.person) == ("undo", "undone", ["undone"], desk.attendant)
    assert (event.gate, event.first.event_id, event.ticket) == (desk.exit, done.exit_id, ticket)
    assert not broken()


def test_history_says_who_undid_it_and_where(desk):
    undo(desk, desk.let_out())

    last = desk.ticket.changes.order_by("-id").first()
    assert (last.from_status, last.to_status, last.by) == ("closed", "active", desk.attendant)
    assert last.why == f"undone at {desk.exit}"


def test_stay_leaves_again_as_any_other(desk):
    undo(desk, desk.let_out())
    again = desk.let_out(at=NOW + 30 * SECOND)

    assert again.debt.amount == 900
    assert Debt.objects.open().count() == 1
    assert not broken()


def test_waiver_is_taken_back_and_no_longer_counts_to_the_attendant(desk):
    operator = desk.lot.operator
    operator.waiver_day_limit = 900
    operator.save()
    undo(desk, desk.let_out(waive=True))

    ticket = stay(desk.ticket)
    assert (ticket.status, fee_of(ticket, NOW).owed, ticket.charge.is_waived) == (TicketStatus.ACTIVE, 900, False)
    assert sorted(Credit.objects.values_list("amount", flat=True)) == [-900, 900]
    assert desk.let_out(waive=True, at=NOW + 30 * SECOND).ticket.closed_reason == "waived"
    assert not broken()


def test_waived_stay_that_pays_after_the_undo_is_closed_as_paid(desk):
    undo(desk, desk.let_out(waive=True))

    assert desk.pay(at=NOW + 30 * SECOND).ticket.closed_reason == "paid"
    assert not broken()


def test_money_that_was_taken_stays_and_the_stay_is_paid(desk):
    done = desk.pay(tendered=1000)
    undo(desk, done)

    ticket = stay(desk.ticket)
    assert (ticket.status, ticket.paid_at) == (TicketStatus.PAID, NOW)
    assert (ticket.charge.captured_amount, ticket.charge.balance_amount) == (900, 0)
    assert fee_of(ticket, NOW + 60 * SECOND).owed == 0
    assert desk.pay(at=NOW + 30 * SECOND).decision.reason == "paid"
    assert Payment.objects.count() == 1
    assert not broken()


def test_part_that_a_card_paid_stays(desk):
    desk.pay("tok_partial_400")
    undo(desk, desk.let_out())

    ticket = stay(desk.ticket)
    assert (ticket.status, fee_of(ticket, NOW).owed) == (TicketStatus.ACTIVE, 500)
    assert not Debt.objects.exists()
    assert not broken()


def test_debt_that_was_paid_meanwhile_leaves_the_stay_paid(desk):
    done = desk.let_out()
    take_payment(charge=done.debt.charge, method="terminal", amount=None, idempotency_key="k", at=NOW + 5 * SECOND)
    undo(desk, done)

    assert stay(desk.ticket).status == TicketStatus.PAID
    assert not broken()


def test_car_that_left_for_nothing_is_inside_without_a_charge(desk):
    at = desk.ticket.entry_at + dt.timedelta(minutes=5)
    undo(desk, desk.pay(at=at), at=at + SECOND)

    assert stay(desk.ticket).status == TicketStatus.ACTIVE
    assert not Charge.objects.exists()


def test_third_debt_that_is_undone_blocks_its_plate_no_more(desk):
    for _ in range(2):
        make = make_ticket(desk.lot, desk.ticket.plate, status="review", entry_at=desk.ticket.entry_at)
        Ticket.objects.filter(pk=desk.ticket.pk).update(status="review")
        Ticket.objects.filter(pk=make.pk).update(status="active")
        desk.let_out(ticket=make)
    Ticket.objects.filter(pk=desk.ticket.pk).update(status="active")
    done = desk.let_out()
    assert BlockedPlate.objects.in_force().exists()

    undo(desk, done)
    assert not BlockedPlate.objects.in_force().exists()


def test_place_that_is_taken_by_now_is_lost_and_flagged(desk):
    done = desk.let_out()
    make_ticket(desk.lot, "GE 1", spot=desk.ticket.spot, level=desk.ticket.level, spot_type="regular")

    assert undo(desk, done).flags == ["undone", "no_spot"]
    ticket = stay(desk.ticket)
    assert (ticket.status, ticket.spot, ticket.level, ticket.spot_type) == ("active", None, None, None)
    assert not broken()


@pytest.mark.parametrize("others", [0, 1])
def test_counted_place_is_taken_again_while_one_is_free(others):
    desk = Desk(tracking="levels", spots={"regular": 1})
    done = desk.let_out()
    for _ in range(others):
        make_ticket(desk.lot, "GE 1")

    assert undo(desk, done).flags == ["undone", "no_spot"][: 1 + others]
    assert desk.occupied() == 1


def test_booking_of_the_stay_goes_on(desk):
    booking = book(desk, desk.ticket.plate, spot=desk.ticket.spot, status="active")
    Ticket.objects.update(reservation=booking)
    done = desk.let_out(ticket=Ticket.objects.get())
    booking.refresh_from_db()
    assert booking.status == "completed"

    undo(desk, done)
    booking.refresh_from_db()
    assert (booking.status, booking.spot) == ("active", desk.ticket.spot)


def test_same_form_twice_undoes_once(desk):
    done, key = desk.let_out(), uuid4()
    first = undo(desk, done, key=key)

    assert undo(desk, done, key=key, at=NOW + dt.timedelta(minutes=5)) == first
    assert GateEvent.objects.filter(kind="undo").count() == 1
    with pytest.raises(UndoneBeforeError):
        undo(desk, done)


def test_exit_whose_form_is_sent_again_after_the_undo_is_refused(desk):
    key = uuid4()
    undo(desk, desk.let_out(key=key))

    with pytest.raises(ActConflictError):
        desk.let_out(key=key)
    assert stay(desk.ticket).is_open


def test_only_who_let_the_car_out_or_an_admin_undoes_it(desk):
    done = desk.let_out()

    other, admin = make_user("attendant", desk.lot.operator), make_user("admin", desk.lot.operator)
    for stranger in (other, make_user("admin")):
        with pytest.raises(ForbiddenError):
            undo(desk, done, by=stranger)
        assert exit_to_undo(done.ticket, by=stranger, at=NOW) is None
    assert exit_to_undo(done.ticket, by=admin, at=NOW).event_id == done.exit_id
    assert undo(desk, done, by=admin).person == admin


def test_after_a_minute_it_is_too_late(desk):
    done = desk.let_out()

    assert exit_to_undo(done.ticket, by=desk.attendant, at=NOW + 61 * SECOND) is None
    with pytest.raises(TooLateToUndoError):
        undo(desk, done, at=NOW + 61 * SECOND)
    assert undo(desk, done, at=NOW + 60 * SECOND)


def test_plate_that_has_come_in_again_is_refused(desk):
    done = desk.let_out()
    make_ticket(desk.lot, desk.ticket.plate)

    with pytest.raises(TicketStateError, match="another open stay"):
        undo(desk, done)


def test_stay_that_another_person_has_dealt_with_is_refused(desk):
    done = desk.let_out()
    Ticket.objects.update(status="review")

    with pytest.raises(TicketStateError):
        undo(desk, done)
    assert Debt.objects.open().exists()


def test_only_an_exit_by_a_person_can_be_undone(desk):
    event = desk.let_in("GE 9")

    with pytest.raises(ActConflictError):
        undo_exit(ticket=event.ticket, exit_id=event.event_id, by=desk.attendant, at=NOW, key=uuid4())


# At a gate whose barrier confirms passages


@pytest.fixture
def barrier(db):
    desk = Desk()
    desk.lane = Lane(desk.lot, "exit", confirms_passage=True)
    desk.exit, desk.now = desk.lane.gate, dt.datetime.now(dt.UTC)
    Ticket.objects.update(entry_at=desk.now - dt.timedelta(hours=2, minutes=30))
    return desk


def test_promise_is_withdrawn_and_neither_silence_nor_a_report_ends_the_stay(barrier):
    done = barrier.pay(at=barrier.now)
    undo(barrier, done, at=barrier.now + SECOND)
    assert stay(barrier.ticket).status == TicketStatus.PAID

    assert confirm_silent_passages(at=barrier.now + dt.timedelta(minutes=5)) == 0
    assert tell(barrier.lane, str(done.exit_id), "passed").status_code == 200
    assert stay(barrier.ticket).status == TicketStatus.PAID


def test_other_lane_opens_for_a_promise_that_was_undone(barrier):
    done = barrier.pay(at=barrier.now)
    other = Lane(barrier.lot, "exit")
    assert other.read(barrier.ticket.plate)["reason"] == "passback"

    undo(barrier, done, at=barrier.now + SECOND)
    assert other.read(barrier.ticket.plate)["reason"] == "paid"


def test_car_that_has_passed_can_no_longer_be_called_back(barrier):
    done = barrier.let_out(at=barrier.now)
    tell(barrier.lane, str(done.exit_id), "passed")

    with pytest.raises(TooLateToUndoError, match="driven out"):
        undo(barrier, done, at=barrier.now + SECOND)
    assert stay(barrier.ticket).status == TicketStatus.CLOSED


@pytest.mark.django_db(transaction=True)
def test_undo_beside_the_report_of_the_passage_has_one_order():
    for _ in range(5):
        desk = Desk()
        desk.lane = Lane(desk.lot, "exit", confirms_passage=True)
        desk.exit, now = desk.lane.gate, dt.datetime.now(dt.UTC)
        Ticket.objects.filter(pk=desk.ticket.pk).update(entry_at=now - dt.timedelta(hours=2))
        done = desk.pay(at=now)

        undone, told = codes_at_once(
            [
                lambda d=desk, o=done, n=now: undo(d, o, at=n + SECOND),
                lambda d=desk, o=done: tell(d.lane, str(o.exit_id), "passed"),
            ]
        )

        assert told.status_code == 200
        expected = TicketStatus.CLOSED if undone == "too_late_to_undo" else TicketStatus.PAID
        assert stay(desk.ticket).status == expected


@pytest.mark.django_db(transaction=True)
def test_two_who_undo_at_once_undo_it_once():
    desk = Desk()
    done, admin = desk.let_out(waive=True), make_user("admin", desk.lot.operator)

    results = codes_at_once([lambda: undo(desk, done), lambda: undo(desk, done, by=admin)])

    assert results.count("undone_before") == 1
    assert GateEvent.objects.filter(kind="undo").count() == 1
    assert Credit.objects.count() == 2
    assert not broken()


@pytest.mark.django_db(transaction=True)
def test_double_click_undoes_once():
    desk, key = Desk(), uuid.uuid4()
    done = desk.let_out()

    results = at_once([lambda: undo(desk, done, key=key)] * 4)
    assert len({event.pk for event in results}) == 1
    assert stay(desk.ticket).is_open
