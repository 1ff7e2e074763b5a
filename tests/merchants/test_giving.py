"""A merchant's validation lowers a fee from then on, within its limits, and can be taken back for a while."""

import datetime as dt

import pytest

from billing.pricing.discounts import MOST_DISCOUNTS
from billing.services import take_payment
from common.errors import DomainError
from lots.services.locks import LotNotLockedError
from merchants.models import Validation, ValidationBudget
from merchants.named_stays import stay_for
from merchants.services import give_validation, withdraw_validation
from tests.factories import (
    make_lot,
    make_merchant,
    make_reservation,
    make_ticket,
    make_validation_type,
    make_validator,
)
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus
from tickets.services import add_discount, assess_ticket, close_ticket, lock_stay, review_ticket
from tickets.services.discounts import remove_discount

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ENTRY = AT - dt.timedelta(hours=3)
"""Three hours at CHF 3.00."""


@pytest.fixture
def lot(db):
    return make_lot()


@pytest.fixture
def shop(lot):
    return make_merchant(lot, name="Café Rosso")


@pytest.fixture
def ticket(lot):
    return make_ticket(lot, "ZH 1", ENTRY)


def owed(ticket: Ticket, at: dt.datetime = AT) -> int:
    return fee_of(Ticket.objects.get(pk=ticket.pk), at).owed


def give(kind, ticket, at=AT, **fields):
    return give_validation(kind=kind, ticket=ticket, at=at, by=None, **fields)


def code_of(act) -> str | None:
    try:
        act()
    except DomainError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("discount", "left", "label"),
    [
        ({"percent": "50"}, 450, "Café Rosso: 50 % off"),
        ({"amount": 200}, 700, "Café Rosso"),
        ({"amount": 5000}, 0, "Café Rosso"),
        ({"free_minutes": 60}, 600, "Café Rosso: 60 min free"),
    ],
)
def test_the_fee_is_lower_from_then_on_and_says_by_whom(shop, ticket, discount, left, label):
    give(make_validation_type(shop, discount), ticket)

    fee = fee_of(Ticket.objects.get(), AT)
    assert (fee.owed, fee.total, fee.lines[-1]["label"], fee.lines[-1]["amount"]) == (left, left, label, left - 900)
    assert sum(line["amount"] for line in fee.lines) == fee.total


def test_free_minutes_are_as_if_the_car_had_left_that_much_earlier(shop, ticket):
    give(make_validation_type(shop, {"free_minutes": 24 * 60}), ticket)

    assert [owed(ticket, AT + dt.timedelta(hours=hours)) for hours in (0, 21, 22, 24)] == [0, 0, 300, 900]


def test_tax_is_that_of_what_remains(shop, ticket):
    give(make_validation_type(shop), ticket)

    assert fee_of(Ticket.objects.get(), AT).tax == 34  # 450 − 450/1.081


def test_what_was_paid_before_is_not_given_back(shop, ticket):
    charge = assess_ticket(ticket=ticket, at=AT)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=AT)
    give(make_validation_type(shop), ticket)

    charge.refresh_from_db()
    assert (charge.captured_amount, charge.refunded_amount, charge.due_amount, owed(ticket)) == (900, 0, 900, 0)
    later = AT + dt.timedelta(hours=4)  # the time to leave is long over: seven hours at half the price
    assert owed(ticket, later) == 1050 - 900


def test_a_stay_gets_a_type_as_often_as_it_says(shop, ticket):
    kind = make_validation_type(shop, {"free_minutes": 30}, max_per_stay=2)

    assert [code_of(lambda: give(kind, ticket)) for _ in range(3)] == [None, None, "validation_limit"]
    assert Ticket.objects.get().discounts[1]["discount"] == {"free_minutes": 30}


@pytest.mark.parametrize(
    ("first", "second", "code"), [(True, True, None), (True, False, "not_stackable"), (False, True, "not_stackable")]
)
def test_types_combine_only_if_all_may(shop, ticket, first, second, code):
    give(make_validation_type(shop, stackable=first), ticket)

    assert code_of(lambda: give(make_validation_type(shop, stackable=second), ticket)) == code


def test_one_plate_gets_it_so_often_a_month(shop, lot):
    kind = make_validation_type(shop, max_per_plate=2)
    stays = [
        make_ticket(lot, "ZH 1", ENTRY, status="closed", exit_at=AT, closed_reason="paid", spot=None) for _ in range(2)
    ]
    for stay in stays:
        Ticket.objects.filter(pk=stay.pk).update(status="review")
        Ticket.objects.filter(pk=stay.pk).update(status="active", spot=None)
        give(kind, stay)
        Ticket.objects.filter(pk=stay.pk).update(status="closed")
    now = make_ticket(lot, "ZH 1", ENTRY)

    assert code_of(lambda: give(kind, now)) == "validation_limit"
    assert code_of(lambda: give(kind, now, AT + dt.timedelta(days=31))) is None


def test_a_stay_that_is_over_gets_nothing(shop, ticket):
    close_ticket(ticket=ticket, at=AT, reason="paid", why="left")

    assert code_of(lambda: give(make_validation_type(shop), ticket)) == "stay_over"


def test_a_stay_in_review_waits_for_a_person(shop, ticket):
    review_ticket(ticket=ticket, at=AT, why="a doubt")

    assert code_of(lambda: give(make_validation_type(shop), ticket)) == "stay_over"


def test_another_lots_stay_is_not_there(shop):
    stranger = make_ticket(make_lot(), "ZH 9", ENTRY)

    assert code_of(lambda: give(make_validation_type(shop), stranger)) == "ticket_not_found"
    assert code_of(lambda: stay_for(shop, "ZH 9")) == "ticket_not_found"
    assert code_of(lambda: stay_for(shop, stranger.number)) == "ticket_not_found"


def test_the_stay_is_found_by_number_link_and_whole_plate(shop, ticket):
    for text in (ticket.number.lower(), f"http://example.com/t/{ticket.token}", "zh-1", ticket.token):
        assert stay_for(shop, text) == ticket
    for text in ("ZH", "Z", "???", "ZH 11", "", "\u200e"):
        assert code_of(lambda text=text: stay_for(shop, text)) == "ticket_not_found"
    close_ticket(ticket=ticket, at=AT, reason="paid", why="left")
    assert code_of(lambda: stay_for(shop, "ZH 1")) == "ticket_not_found"


@pytest.mark.parametrize("change", ["type", "merchant"])
def test_what_has_ended_is_not_given(shop, ticket, change):
    kind = make_validation_type(shop)
    ended = kind if change == "type" else shop
    ended.ended_at = AT
    ended.save()

    assert code_of(lambda: give(kind, ticket)) == "ticket_not_found"


def test_a_budget_is_used_and_given_back(shop, lot):
    kind = make_validation_type(shop, {"amount": 200}, budget_kind="amount", budget_limit=500)
    stays = [make_ticket(lot, f"ZH {n}", ENTRY) for n in range(3)]

    given = [give(kind, stay) for stay in stays[:2]]
    assert code_of(lambda: give(kind, stays[2])) == "budget_used_up"
    withdraw_validation(given=given[0], at=AT, by=None)
    assert ValidationBudget.objects.get().used == 200
    assert code_of(lambda: give(kind, stays[2])) is None
    assert code_of(lambda: give(kind, stays[0], AT + dt.timedelta(days=31))) is None  # the next month has its own


def test_it_can_be_withdrawn_for_ten_minutes_while_the_car_is_inside(shop, ticket):
    kind, person = make_validation_type(shop), make_validator(shop)
    given = give(kind, ticket)
    undone = withdraw_validation(given=given, at=AT + dt.timedelta(minutes=10), by=person)

    assert (undone.withdrawn_by, owed(ticket)) == (person, 900)
    assert withdraw_validation(given=given, at=AT + dt.timedelta(minutes=11), by=None).withdrawn_by == person
    again = give(kind, ticket)
    assert (
        code_of(lambda: withdraw_validation(given=again, at=AT + dt.timedelta(minutes=10, seconds=1), by=None))
        == "too_late_to_withdraw"
    )
    close_ticket(ticket=ticket, at=AT, reason="paid", why="left")
    assert code_of(lambda: withdraw_validation(given=again, at=AT, by=None)) == "stay_over"
    assert Validation.objects.standing().count() == 1


def test_it_cannot_be_withdrawn_once_the_lower_fee_is_paid(shop, ticket):
    given = give(make_validation_type(shop), ticket)
    charge = assess_ticket(ticket=ticket, at=AT)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=AT)

    assert code_of(lambda: withdraw_validation(given=given, at=AT, by=None)) == "too_late_to_withdraw"
    assert owed(ticket) == 0
    assert Validation.objects.standing().count() == 1


def test_one_that_was_given_after_the_payment_can_be_withdrawn(shop, ticket):
    charge = assess_ticket(ticket=ticket, at=AT)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=AT)
    given = give(make_validation_type(shop), ticket, AT + dt.timedelta(minutes=1))

    assert code_of(lambda: withdraw_validation(given=given, at=AT + dt.timedelta(minutes=2), by=None)) is None


def test_a_paid_stay_that_is_still_inside_gets_it_too(shop, ticket):
    Ticket.objects.update(status=TicketStatus.PAID, paid_at=AT)

    assert code_of(lambda: give(make_validation_type(shop), ticket)) is None


def test_a_stay_has_no_more_discounts_than_can_be_priced(shop, ticket):
    kinds = [make_validation_type(shop, {"amount": 1}, stackable=True, max_per_stay=20) for _ in range(3)]
    codes = [code_of(lambda kind=kind: give(kind, ticket)) for kind in kinds for _ in range(20)]

    assert codes == [None] * MOST_DISCOUNTS + ["not_stackable"] * 10
    assert owed(ticket) == 900 - MOST_DISCOUNTS


@pytest.mark.parametrize(("alone", "code"), [(True, "not_stackable"), (False, None)])
def test_the_code_of_a_booking_that_is_paid_with_the_stay_is_one_of_its_discounts(shop, lot, alone, code):
    kept = {"key": "promo-1", "kind": "promo-1", "name": "SUMMER", "discount": {"percent": "50"}, "alone": alone}
    booking = make_reservation(lot, "ZH 7", ENTRY, AT, discounts=[kept])
    booked = make_ticket(lot, "ZH 7", ENTRY, reservation=booking)

    assert code_of(lambda: give(make_validation_type(shop, stackable=True), booked)) == code


def test_discounts_change_under_the_lots_lock_only(shop, ticket):
    given = give(make_validation_type(shop), ticket)
    Ticket.objects.update(lot=make_lot())  # whose lock the transaction of this test does not hold yet
    stay = lock_stay(Ticket.objects.get())

    with pytest.raises(LotNotLockedError):
        add_discount(stay, given.as_discount(), at=AT, why="", by=None)
    with pytest.raises(LotNotLockedError):
        remove_discount(stay, given.key, at=AT, why="", by=None)
