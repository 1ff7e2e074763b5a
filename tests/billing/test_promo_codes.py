"""Promo codes of stays: tried without being used, used with the payment, given back when that fails."""

import datetime as dt
from threading import Barrier

import pytest
from django.test import Client

from billing.models import Payment, PromoCode, PromoUse
from billing.providers import CardOutcome
from billing.providers.simulated import SimulatedProvider
from billing.services import (
    CodeUser,
    check_uses,
    conclude_payment,
    find_code,
    give_use_back,
    promo_codes,
    take_payment,
    take_use,
)
from billing.services.payments.recording import write_outcome
from common.errors import DomainError
from merchants.services import give_validation
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_merchant, make_promo_code, make_ticket, make_user, make_validation_type
from tests.invariants import broken
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.paying import pay_ticket
from tickets.promo import code_wish, settle_by_code
from tickets.services import assess_ticket

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ENTRY = AT - dt.timedelta(hours=3)
"""Three hours at CHF 3.00."""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lot():
    return make_lot()


@pytest.fixture
def ticket(lot):
    return make_ticket(lot, "ZH 1", ENTRY)


def pay(ticket: Ticket, code="SUMMER-26", *, key="key", **fields):
    given = {"method": "card", "token": "tok_ok", "amount": None, "by_number": False, "at": AT} | fields
    stay = Ticket.objects.get(pk=ticket.pk)
    return pay_ticket(ticket=stay, idempotency_key=key, promo_code=code, **given)


def code_of(act) -> str | None:
    try:
        act()
    except DomainError as error:
        return error.code
    return None


@pytest.mark.parametrize("typed", ["SUMMER-26", "summer26", " Summer 26 ", "sum–mer\u200b26"])
def test_case_dashes_and_spaces_are_forgiven(lot, typed):
    code = make_promo_code(lot.operator)

    assert find_code(lot, typed, at=AT) == code


def test_of_codes_that_are_typed_the_same_at_once_one_is_made(lot):
    results = codes_at_once([lambda: make_promo_code(lot.operator)] * 8)

    assert results.count("promo_code_exists") == 7


@pytest.mark.parametrize(
    "fields",
    [
        {"valid_from": dt.date(2026, 3, 3)},
        {"valid_until": dt.date(2026, 3, 1)},
        {"discount": {"amount": 200}, "other_lot": "EUR"},
        {"other_lot": "CHF"},
        {"ended_at": AT},
    ],
)
def test_a_code_that_is_not_valid_here_or_now_is_refused_in_the_same_words(lot, fields):
    elsewhere = fields.pop("other_lot", None)
    lots = [make_lot(lot.operator, currency=elsewhere)] if elsewhere else []
    make_promo_code(lot.operator, lots=lots, **fields)

    for typed in ("SUMMER-26", "NOSUCH", "---", "x" * 60):
        with pytest.raises(DomainError, match="not valid here") as refused:
            find_code(lot, typed, at=AT)
        assert refused.value.errors[0].path == "promo_code"


def test_another_operators_code_is_not_there(lot):
    make_promo_code(make_lot().operator)

    assert code_of(lambda: find_code(lot, "SUMMER-26", at=AT)) == "invalid"


def test_two_codes_that_are_typed_the_same_are_refused(lot):
    make_promo_code(lot.operator)

    assert code_of(lambda: make_promo_code(lot.operator, "summer26")) == "promo_code_exists"


def test_the_payment_takes_the_lower_fee_and_the_stay_keeps_the_discount(lot, ticket):
    make_promo_code(lot.operator)
    payment = pay(ticket)

    use, stay = PromoUse.objects.get(), Ticket.objects.get()
    assert (payment.captured_amount, stay.charge.due_amount, stay.charge.balance_amount) == (450, 450, 0)
    assert (use.payment, use.lowered_amount, use.plate, stay.status) == (payment, 450, "ZH1", "paid")
    fee = fee_of(stay, AT)
    assert (fee.owed, fee.total, fee.lines[-1]["label"]) == (0, 450, "SUMMER-26: 50 % off")
    assert fee_of(stay, AT + dt.timedelta(hours=4)).owed == 1050 - 450
    assert sum(line["amount"] for line in stay.charge.lines) == 450
    assert broken() == []


def test_the_same_key_again_uses_nothing_more(lot, ticket):
    make_promo_code(lot.operator, max_uses=1)

    assert pay(ticket) == pay(ticket)
    assert PromoUse.objects.count() == 1


def test_a_declined_card_gives_the_use_back(lot, ticket):
    make_promo_code(lot.operator, max_uses=1)
    assert pay(ticket, token="tok_declined").state == "failed"

    use = PromoUse.objects.get()
    assert (use.given_back_at, use.lowered_amount, Ticket.objects.get().discounts) == (AT, None, [])
    assert pay(ticket, key="again").captured_amount == 450
    assert broken() == []


def test_a_payment_without_an_answer_keeps_its_use_until_it_is_known(lot, ticket):
    make_promo_code(lot.operator, max_uses=1)
    payment = pay(ticket, token="tok_3ds", return_url="/")
    other = make_ticket(lot, "ZH 2", ENTRY)

    assert payment.state == "pending"
    assert fee_of(Ticket.objects.get(pk=ticket.pk), AT).owed == 900  # nothing is lower before it is paid
    assert code_of(lambda: pay(other, key="other")) == "promo_code_used_up"
    assert conclude_payment(payment=payment, at=AT).state == "failed"
    assert pay(other, key="later").captured_amount == 450
    assert broken() == []


def test_who_was_paid_at_the_desk_meanwhile_gets_all_back_and_the_use_too(lot, ticket, monkeypatch):
    make_promo_code(lot.operator)
    charge = assess_ticket(ticket=ticket, at=AT)
    ask = SimulatedProvider.charge

    def charge_late(provider, request, *, timeout):
        take_payment(charge=charge, method="terminal", amount=None, idempotency_key="desk", at=AT)
        return ask(provider, request, timeout=timeout)

    monkeypatch.setattr(SimulatedProvider, "charge", charge_late)
    payment = pay(ticket)

    charge.refresh_from_db()
    use = PromoUse.objects.get()
    kept = charge.captured_amount - charge.refunded_amount
    assert (charge.due_amount, kept, charge.balance_amount) == (900, 900, 0)
    assert (payment.failure, use.given_back_at) == ("paid_twice", AT)
    assert broken() == []


def test_a_code_that_leaves_nothing_to_pay_settles_the_stay(lot, ticket):
    make_promo_code(lot.operator, discount={"amount": 5000})

    assert pay(ticket) is None
    stay = Ticket.objects.get()
    assert (stay.status, stay.charge.due_amount, stay.charge.balance_amount) == ("paid", 0, 0)
    assert PromoUse.objects.get().lowered_amount == 900
    assert Payment.objects.count() == 0
    assert broken() == []


def test_an_agreed_amount_that_is_too_low_uses_nothing(lot, ticket):
    make_promo_code(lot.operator)

    assert code_of(lambda: pay(ticket, agreed_amount=449)) == "fee_changed"
    assert PromoUse.objects.count() == 0


@pytest.mark.parametrize("same", ["person", "plate", "email"])
def test_a_person_uses_it_once_by_account_plate_or_address(lot, ticket, same):
    make_promo_code(lot.operator, max_uses_per_person=1)
    person = make_user()
    pay(ticket, paid_by=person, receipt_email="a@example.com")
    Ticket.objects.update(status="closed", exit_at=AT, closed_reason="paid", spot=None)
    other = make_ticket(lot, "ZH 1" if same == "plate" else "ZH 2", ENTRY)
    who = {"person": {"paid_by": person}, "email": {"receipt_email": "A@example.com"}, "plate": {}}[same]

    assert code_of(lambda: pay(other, key="other", **who)) == "promo_code_used_up"


def test_codes_and_validations_combine_only_if_all_may(lot, ticket):
    make_promo_code(lot.operator)
    make_promo_code(lot.operator, "BOTH", stackable=True)
    kind = make_validation_type(make_merchant(lot), {"amount": 300}, stackable=True)
    give_validation(kind=kind, ticket=ticket, at=AT, by=None)

    assert code_of(lambda: pay(ticket)) == "not_stackable"
    assert pay(ticket, "both").captured_amount == 150  # half of 900, then 300 off: percentages come first
    assert code_of(lambda: pay(ticket, "both", key="again", at=AT + dt.timedelta(hours=4))) == "invalid"


def test_a_validation_that_came_while_the_payment_was_open_is_not_combined_with_its_code(lot, ticket, monkeypatch):
    make_promo_code(lot.operator, max_uses=1)
    kind, ask = make_validation_type(make_merchant(lot), {"amount": 300}), SimulatedProvider.charge

    def charge_late(provider, request, *, timeout):
        give_validation(kind=kind, ticket=ticket, at=AT, by=None)
        return ask(provider, request, timeout=timeout)

    monkeypatch.setattr(SimulatedProvider, "charge", charge_late)
    payment = pay(ticket)

    stay, use = Ticket.objects.get(), PromoUse.objects.get()
    assert (payment.captured_amount, [one["kind"] for one in stay.discounts]) == (450, [f"type-{kind.pk}"])
    assert (use.given_back_at, use.lowered_amount, fee_of(stay, AT).owed) == (AT, None, 150)
    assert broken() == []


def test_a_second_payment_that_was_open_does_not_use_the_same_code_for_what_is_owed_later(lot, ticket):
    make_promo_code(lot.operator, stackable=True)
    waiting = pay(ticket, token="tok_3ds", return_url="/")
    pay(ticket, key="other")
    later = AT + dt.timedelta(hours=4)
    assert assess_ticket(ticket=Ticket.objects.get(), at=later).balance_amount == 600
    write_outcome(waiting, CardOutcome(450, "", "late"), later)

    assert len(Ticket.objects.get().discounts) == 1
    assert (PromoUse.objects.standing().count(), fee_of(Ticket.objects.get(), later).owed) == (1, 150)
    assert broken() == []


def test_a_code_does_not_settle_a_stay_that_got_another_discount_meanwhile(lot, ticket):
    make_promo_code(lot.operator, discount={"percent": "100"})
    wish = code_wish(Ticket.objects.get(), "SUMMER-26", by=CodeUser(), at=AT)
    kind = make_validation_type(make_merchant(lot), {"amount": 300})
    give_validation(kind=kind, ticket=ticket, at=AT, by=None)

    assert code_of(lambda: settle_by_code(Ticket.objects.get(), wish, at=AT)) == "not_stackable"
    assert (PromoUse.objects.count(), Ticket.objects.get().status) == (0, "active")


def test_no_combination_goes_below_nothing(lot, ticket):
    shop = make_merchant(lot)
    for discount in ({"percent": "100"}, {"amount": 700}, {"free_minutes": 900}):
        give_validation(kind=make_validation_type(shop, discount, stackable=True), ticket=ticket, at=AT, by=None)

    fee = fee_of(Ticket.objects.get(), AT)
    assert (fee.total, fee.owed, fee.tax) == (0, 0, 0)
    assert min(fee.total, fee.owed) == 0


def taken_at_once(code: PromoCode, number: int) -> int:
    users = [CodeUser(plate=f"ZH{n}") for n in range(number)]
    results = codes_at_once([lambda by=by: take_use(code=code, by=by, at=AT) for by in users])
    return sum(isinstance(one, PromoUse) for one in results)


def test_without_the_lock_the_last_use_is_given_twice(lot, monkeypatch):
    code, both = make_promo_code(lot.operator, max_uses=1), Barrier(2, timeout=30)
    monkeypatch.setattr(type(PromoCode.objects.all()), "select_for_update", lambda rows, **_: rows)
    monkeypatch.setattr(promo_codes, "check_uses", lambda code, by: (check_uses(code, by), both.wait()))

    assert taken_at_once(code, 2) == 2


def test_sixty_four_people_want_the_last_use_and_one_gets_it(lot):
    code = make_promo_code(lot.operator, max_uses=1)

    assert taken_at_once(code, 64) == 1


def test_the_last_use_that_comes_back_while_many_want_it_is_taken_once(lot):
    code = make_promo_code(lot.operator, max_uses=1)
    for number in range(5):
        use = PromoUse.objects.standing().first() or take_use(code=code, by=CodeUser(plate="ZH1"), at=AT)
        takes = [lambda n=n: take_use(code=code, by=CodeUser(plate=f"ZH{n}"), at=AT) for n in range(16)]
        codes_at_once([*takes, lambda use=use: give_use_back(use_id=use.pk, at=AT)])

        assert PromoUse.objects.standing().count() <= 1, number
    assert PromoUse.objects.count() > 1


class TestPages:
    """The fee of now: the pages price by the clock."""

    @pytest.fixture(autouse=True)
    def parked(self):
        self.lot = make_lot()
        self.ticket = make_ticket(self.lot, "ZH 1", dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=30))
        make_promo_code(self.lot.operator)

    def pay_page(self, **query):
        return Client().get(f"/pay/{self.ticket.token}/", query)

    def test_the_page_tries_a_code_and_uses_it_with_the_payment(self):
        page = self.pay_page(code="summer26").content.decode()
        assert "SUMMER-26: 50 % off" in page
        assert 'name="amount" value="450"' in page
        assert PromoUse.objects.count() == 0
        body = {"token": "tok_ok", "receipt_email": "", "key": "k", "amount": 450, "promo_code": "summer26"}
        assert Client().post(f"/pay/{self.ticket.token}/", body).status_code == 302
        assert PromoUse.objects.get().lowered_amount == 450
        assert "Paid" in self.pay_page().content.decode()

    def test_a_wrong_code_is_refused_at_its_field(self):
        page = self.pay_page(code="nope").content.decode()

        assert "This code is not valid here." in page
        assert 'name="amount" value="900"' in page

    def test_a_free_stay_needs_no_card(self):
        make_promo_code(self.lot.operator, "ALL", discount={"percent": "100"})
        assert "Use the code" in self.pay_page(code="all").content.decode()
        body = {"receipt_email": "", "key": "k", "amount": 0, "promo_code": "all"}
        assert Client().post(f"/pay/{self.ticket.token}/", body).status_code == 302
        assert Ticket.objects.get().status == "paid"

    def test_programs_pay_and_quote_with_a_code(self):
        when = {"entry": "2026-03-02T09:00:00Z", "exit": "2026-03-02T11:00:00Z", "promo_code": "summer26"}
        quoted = Client().post(f"/api/v1/lots/{self.lot.slug}/quote", when, "application/json").json()
        assert (quoted["total"], quoted["lines"][-1]["label"]) == (300, "SUMMER-26: 50 % off")
        PromoCode.objects.update(max_uses=0)
        used_up = Client().post(f"/api/v1/lots/{self.lot.slug}/quote", when, "application/json")
        assert (used_up.status_code, used_up.json()["code"]) == (409, "promo_code_used_up")
        PromoCode.objects.update(max_uses=None)
        body = {"method": "card", "token": "tok_ok", "promo_code": "summer26"}
        paid = Client().post(f"/api/v1/tickets/{self.ticket.number}/pay", body, "application/json").json()
        assert (paid["amount"], paid["owed"]) == (450, 0)
        refused = Client().post(f"/api/v1/lots/{self.lot.slug}/quote", when | {"promo_code": "x"}, "application/json")
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "promo_code")

    def test_codes_cannot_be_guessed_without_end(self, monkeypatch):
        monkeypatch.setattr("billing.code_tries.CODES_PER_MINUTE", 1)
        self.pay_page(code="a")

        assert "Too many tries" in self.pay_page(code="summer26").content.decode()
        body = {"token": "tok_ok", "receipt_email": "", "key": "k", "amount": 450, "promo_code": "summer26"}
        posted = Client().post(f"/pay/{self.ticket.token}/", body)
        assert (posted.status_code, "Too many tries" in posted.content.decode()) == (429, True)
        assert PromoUse.objects.count() == 0
