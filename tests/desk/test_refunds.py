"""Giving money back at the desk."""

import pytest

from billing.models import Payment, Refund, RefundRequest
from billing.services import approve_refund
from tests.desk.test_pages import Desk, words
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """A desk whose car has just paid CHF 9.00 in cash and left."""
    desk = Desk()
    assert desk.cash().status_code == 302
    return desk


def give_back(desk, **data):
    defaults = {"payment": Payment.objects.get().pk, "amount": "4.00", "kind": "goodwill", "reason": "Broken lift"}
    return desk.post(desk.stay("refund/"), **defaults | data)


def limit(desk, amount):
    desk.operator.refund_limit = amount
    desk.operator.save()


def said(desk):
    return words(desk.text(desk.stay()))


def test_a_paid_stay_leads_to_its_refund_by_key(desk):
    assert f'data-key="Control+g" aria-keyshortcuts="Control+G" href="{desk.stay("refund/")}' in desk.text(desk.stay())

    form = desk.text(desk.stay("refund/"))
    assert 'value="9.00"' in form
    assert "autofocus" in form


def test_an_attendant_gives_back_at_once_up_to_the_limit(desk):
    limit(desk, 400)

    assert give_back(desk).status_code == 302

    refund = Refund.objects.get()
    assert (refund.amount, refund.goodwill, refund.refunded_by) == (400, True, desk.user)
    assert "Give ZH 123456 CHF 4.00 back" in said(desk)


def test_a_correction_is_owed_again(desk):
    give_back(desk, kind="correction")

    assert Refund.objects.get().payment.charge.debt.amount == 400


def test_above_the_limit_it_waits_and_says_so(desk):
    limit(desk, 399)

    give_back(desk)

    assert RefundRequest.objects.get().requested_by == desk.user
    assert not Refund.objects.exists()
    page = said(desk)
    assert "CHF 4.00 for ZH 123456 wait for a second person" in page
    assert "Give money back…" not in page


def test_approved_cash_is_handed_over_by_key(desk):
    limit(desk, 0)
    give_back(desk)
    approve_refund(asked=RefundRequest.objects.get(), by=make_user(name="Anna"), at=Payment.objects.get().created_at)
    assert "CHF 4.00 to give back, approved by Anna" in said(desk)

    assert desk.post(desk.stay("refund/paid-out/"), refund=Refund.objects.get().pk).status_code == 302

    assert Refund.objects.get().returned_by == desk.user
    assert "Give ZH 123456 CHF 4.00 back" in said(desk)


def test_a_refund_of_another_stay_is_not_handed_over_here(desk):
    response = desk.post(desk.stay("refund/paid-out/"), refund=12345)

    assert response.status_code == 422
    assert "There is no such refund." in words(response.content.decode())


def test_the_same_form_twice_gives_back_once(desk):
    key = "00000000-0000-4000-8000-000000000001"

    assert [give_back(desk, key=key).status_code for _ in range(2)] == [302, 302]
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("amount", ["", "0", "-4", "4.005", "nine", "9.01", "9999999999999999"])
def test_wrong_amounts_are_refused_at_the_field(desk, amount):
    response = give_back(desk, amount=amount)

    assert response.status_code == 422
    assert "id_amount_error" in response.content.decode()
    assert not Refund.objects.exists()


def test_what_was_given_back_is_offered_no_more(desk):
    give_back(desk, amount="9.00")

    assert "Give money back…" not in said(desk)
    assert "all of it was given back" in words(desk.text(desk.stay("refund/")))
    assert give_back(desk, amount="9.00").status_code == 409


def test_a_card_gets_it_back_by_its_provider():
    desk = Desk()
    desk.card("tok_ok")

    give_back(desk)

    assert Refund.objects.get().returned_at is not None
    assert "CHF 4.00 go back to ZH 123456" in said(desk)


def test_a_card_that_refuses_is_said_to_have_nothing_yet():
    desk = Desk()
    desk.card("tok_no_refund")

    give_back(desk)

    assert Refund.objects.get().failure == "card_closed"
    assert "CHF 4.00 for ZH 123456 are not back yet" in said(desk)


def test_another_operators_stay_is_not_refunded(desk):
    stranger = Desk()

    assert stranger.post(desk.stay("refund/")).status_code == 404
