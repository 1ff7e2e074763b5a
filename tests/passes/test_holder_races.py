"""Passes given at once to one holder for one plate: one is given. The race is first shown without its lock."""

import datetime as dt
from threading import Barrier

import pytest
from django.db import transaction

from accounts.models import User
from billing.models import Payment
from billing.services import PayBy
from common.errors import DomainError
from passes.models import Pass
from passes.services import (
    HeldBy,
    add_plate,
    bill_renewals,
    buy_pass,
    cancel_pass,
    holding,
    making,
    pay_period,
)
from passes.services.making import PassWish
from retention.services import delete_account
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_user
from tests.passes.sold import NOW, TODAY, bought, company_of, granted, offered

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 32


def holders():
    """Who may have a pass, each as two calls may name them."""
    lot, person = make_lot(), make_user()
    company = company_of(lot)
    return lot, {
        "company": (HeldBy(company=company), HeldBy(company=company)),
        "account": (HeldBy(user=person), HeldBy(user=User.objects.get(pk=person.pk))),
        "address": (HeldBy(name="Ada", email="ada@example.com"), HeldBy(email="ADA@example.com")),
    }


def given_at_once(lot, named, count):
    offer, by = offered(lot), make_user("admin", lot.operator)
    given = {"by": by, "at": NOW}
    return codes_at_once([lambda n=n: granted(offer, "ZH 1", to=named[n % 2], **given) for n in range(count)])


@pytest.mark.parametrize("who", ["company", "account", "address"])
def test_of_many_passes_for_one_plate_a_holder_gets_one(who):
    lot, named = holders()

    answers = given_at_once(lot, named[who], AT_ONCE)

    assert answers.count("passes_overlap") == AT_ONCE - 1
    assert Pass.objects.count() == 1


@pytest.mark.parametrize("who", ["company", "account", "address"])
def test_without_the_lock_of_the_holder_there_are_two(who, monkeypatch):
    lot, named = holders()
    both_have_looked, new_code = Barrier(2, timeout=30), making.new_pass_code

    def write_late(randbelow):
        both_have_looked.wait()
        return new_code(randbelow)

    monkeypatch.setattr(holding, "lock_holder", lambda _by: None)
    monkeypatch.setattr(making, "new_pass_code", write_late)

    given_at_once(lot, named[who], 2)

    assert Pass.objects.count() == 2


def test_plate_of_one_pass_of_an_address_is_not_added_to_another_meanwhile():
    lot, named = holders()
    offer, (ada, _again) = offered(lot, most_plates=2), named["address"]
    one, two = (granted(offer, plate, to=ada) for plate in ("ZH 1", "ZH 2"))
    by = make_user("admin", lot.operator)

    calls = [lambda held=held: add_plate(held_pass=held, plate="ZH 3", by=by, at=NOW) for held in (one, two)]

    assert codes_at_once(calls).count("passes_overlap") == 1


def test_a_purchase_that_is_sent_many_times_at_once_is_one():
    wish, person = PassWish(offer=offered(make_lot()), plates=["ZH 1"], valid_from=TODAY), make_user()
    bought_with = {"wish": wish, "pay_by": PayBy(token="tok_ok"), "at": NOW, "idempotency_key": "once"}

    answers = codes_at_once([lambda: buy_pass(holder=User.objects.get(pk=person.pk), **bought_with)] * AT_ONCE)

    assert set(answers) <= {Pass.objects.get(), "payment_running"}
    assert (Pass.objects.count(), Payment.objects.count()) == (1, 1)


@pytest.mark.parametrize("way", ["bought", "given"])
def test_account_that_was_deleted_meanwhile_gets_no_pass(way):
    offer, person = offered(make_lot()), make_user()
    to = HeldBy(user=person, name="Ada", email=person.email)
    delete_account(person=User.objects.get(pk=person.pk), at=NOW)

    with pytest.raises(DomainError) as refused:
        bought(offer, person) if way == "bought" else granted(offer, to=to)

    assert refused.value.code == "account_deleted"
    assert not Pass.objects.exists()
    assert not Payment.objects.exists()


@pytest.mark.parametrize("act", ["buy", "pay", "cancel", "bill"])
def test_cards_are_not_asked_inside_a_transaction(act):
    offer = offered(make_lot(), renewal="invoice")
    held = granted(offer)
    period = held.periods.create(
        number=2, first_day=held.valid_until, last_day=held.valid_until, price_amount=1, offered_at=NOW
    )
    by = PayBy(token="tok_ok")
    wish = PassWish(offer=offer, plates=["ZH 3"], valid_from=TODAY)
    late = NOW + dt.timedelta(days=29)
    acts = {
        "buy": lambda: buy_pass(wish=wish, holder=make_user(), pay_by=by, at=NOW),
        "pay": lambda: pay_period(period=period, pay_by=by, payer=held.holder, key="k", at=NOW),
        "cancel": lambda: cancel_pass(held_pass=held, by=None, why="", at=NOW),
        "bill": lambda: bill_renewals(at=late),
    }

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        acts[act]()
