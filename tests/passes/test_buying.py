"""Passes bought online: a draft with its charge, the card, and the pass that begins when that has paid."""

import datetime as dt

import pytest

from billing.models import Payment
from billing.providers.simulated import answer_page
from billing.services import PayBy
from common.errors import DomainError
from notifications.models import Message
from passes.errors import PassesOverlapError, PassKeyUsedError, PassNotSoldError, PassPaymentDeclinedError
from passes.models import Pass, PassStatus
from passes.services import (
    OfferWish,
    archive_offer,
    begin_paid,
    conclude_paid,
    lapse_unpaid,
    make_offer,
    return_from_pass_page,
    waiting_page,
)
from tests.factories import make_lot, make_operator, make_user
from tests.invariants import broken
from tests.passes.sold import DAY, NOW, TODAY, bought, offered, reloaded

pytestmark = pytest.mark.django_db
ON_A_PAGE = PayBy(token="tok_3ds", return_url="http://testserver/back")


def test_pass_begins_when_it_is_paid():
    held = bought(offered(make_lot()))

    assert (held.status, held.valid_from, held.valid_until) == ("active", TODAY, dt.date(2026, 4, 1))
    charge = held.periods.get().charge
    assert (charge.due_amount, charge.captured_amount) == (12000, 12000)
    assert Message.objects.get(template="pass_begun").recipient == held.holder.email
    assert [(one.from_status, one.to_status) for one in held.changes.all()] == [("", "draft"), ("draft", "active")]
    assert broken() == []


def test_declined_card_buys_nothing():
    with pytest.raises(PassPaymentDeclinedError):
        bought(offered(make_lot()), token="tok_declined")

    held = Pass.objects.get()
    assert held.status == "cancelled"
    assert held.periods.get().charge.balance_amount == 0


def test_payer_on_a_page_has_a_draft_until_the_page_is_answered():
    held = bought(offered(make_lot()), pay_by=ON_A_PAGE)
    assert held.status == "draft"
    assert waiting_page(held)

    answer_page(Payment.objects.get().idempotency_key, "tok_ok")
    assert return_from_pass_page(held_pass=held, gave_up=False, at=NOW).status == "active"


def test_payer_who_gives_up_has_bought_nothing():
    held = bought(offered(make_lot()), pay_by=ON_A_PAGE)

    assert return_from_pass_page(held_pass=held, gave_up=True, at=NOW).status == "cancelled"


def test_draft_without_a_payment_lapses():
    offer = offered(make_lot())
    held = bought(offer, pay_by=ON_A_PAGE)
    Payment.objects.all().delete()

    assert lapse_unpaid(at=NOW + dt.timedelta(minutes=29)) == 0
    assert lapse_unpaid(at=NOW + dt.timedelta(minutes=31)) == 1
    assert reloaded(held).status == "cancelled"


def test_pass_that_is_paid_late_begins_late():
    held = bought(offered(make_lot()), pay_by=ON_A_PAGE, valid_from=TODAY)
    answer_page(Payment.objects.get().idempotency_key, "tok_ok")

    held = return_from_pass_page(held_pass=held, gave_up=False, at=NOW + 3 * DAY)

    assert (held.valid_from, held.valid_until) == (TODAY + 3 * DAY, dt.date(2026, 4, 4))


def test_pass_that_is_paid_early_begins_on_its_first_day():
    held = bought(offered(make_lot()), valid_from=TODAY + 5 * DAY)

    assert (held.status, held.valid_from) == ("active", TODAY + 5 * DAY)


def test_same_key_buys_once():
    offer, driver = offered(make_lot()), make_user()
    first = bought(offer, driver, idempotency_key="k")

    assert bought(offer, driver, idempotency_key="k") == first
    assert Payment.objects.count() == 1
    with pytest.raises(PassKeyUsedError):
        bought(offer, make_user(), idempotency_key="k")


def test_period_begins_once_and_the_task_catches_up():
    held = bought(offered(make_lot()))
    period = held.periods.get()
    assert conclude_paid(at=NOW) == 0

    held.periods.update(begun_at=None)
    Pass.objects.update(status=PassStatus.DRAFT)
    assert conclude_paid(at=NOW) == 1
    assert begin_paid(period=period, at=NOW + DAY).begun_at == NOW


@pytest.mark.parametrize("fields", [{"online": False}, {"lot": {"published": False}}, {"archived": True}])
def test_what_is_not_sold_online_is_not_sold(fields):
    offer = offered(make_lot(**fields.pop("lot", {})), **{k: v for k, v in fields.items() if k == "online"})
    if fields.get("archived"):
        archive_offer(offer=offer, at=NOW)

    with pytest.raises(PassNotSoldError):
        bought(offer)


def test_holder_has_one_pass_for_a_plate_at_a_time():
    lot, driver = make_lot(), make_user()
    offer = offered(lot)
    bought(offer, driver)

    with pytest.raises(PassesOverlapError) as refused:
        bought(offer, driver, plates=["zh-1"])
    assert refused.value.errors[0].path == "plates"
    assert bought(offer, driver, valid_from=dt.date(2026, 4, 2)).status == "active"
    assert bought(offer, driver, plates=["ZH 2"]).status == "active"
    assert bought(offered(make_lot(lot.operator)), driver).status == "active"


def test_nobody_learns_of_the_pass_of_another():
    offer = offered(make_lot())
    bought(offer, make_user())

    assert bought(offer, make_user()).status == "active"


@pytest.mark.parametrize("plates", [[], ["?"], ["UNKNOWN"], ["ZH 1", "ZH 2"]])
def test_wrong_plates_are_refused_at_their_field(plates):
    with pytest.raises(DomainError) as refused:
        bought(offered(make_lot()), plates=plates)
    assert [error.path for error in refused.value.errors] == ["plates"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("name", {"name": " "}),
        ("kind", {"kind": "weekly"}),
        ("renewal", {"renewal": "always"}),
        ("pool_full", {"pool_full": "shout"}),
        ("lots", {"lots": ()}),
        ("price_amount", {"price_amount": -1}),
        ("period_months", {"period_months": 0}),
        ("period_months", {"period_days": 3}),
        ("days", {"days": ["someday"]}),
        ("spot_types", {"spot_types": ["boat"]}),
        ("closes_minute", {"closes_minute": 1441}),
        ("spaces", {"spaces": 0}),
        ("most_plates", {"most_plates": 0}),
        ("entries", {"kind": "entries"}),
        ("cancel_fee_amount", {"cancel_fee_amount": -1}),
    ],
)
def test_wrong_offers_are_refused_at_their_field(path, wrong):
    lot = make_lot()
    right = {"name": "Month", "kind": "month", "price_amount": 12000, "period_months": 1, "lots": (lot,)}

    with pytest.raises(DomainError) as refused:
        make_offer(operator=lot.operator, wish=OfferWish(**right | wrong), at=NOW)
    assert [error.path for error in refused.value.errors] == [path]


def test_lots_of_another_operator_or_currency_are_refused():
    lot = make_lot()

    with pytest.raises(DomainError):
        offered(lot, make_lot())
    with pytest.raises(DomainError):
        offered(lot, make_lot(lot.operator, currency="EUR"))
    assert make_operator()
