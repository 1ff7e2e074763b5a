"""Refunds that Stripe accepts and a bank sends back later: taken back by a row, and tried again by another."""

import datetime as dt

import pytest
from django.test import Client
from django.utils.timezone import now

from billing.models import Payment, ProviderEvent, Refund
from billing.services import refund_payment, retry_refund, return_refund, reverse_refund
from billing.services.refunds.returning import PAUSES
from billing.tasks import apply_provider_events, conclude_payments
from tests.billing.test_stripe import LOOK, deliver, fee, owed, pay, stripe_books  # noqa: F401 - its fixtures
from tests.desk.test_pages import words
from tests.factories import make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(stripe_books, fee):  # noqa: F811
    """A refund that Stripe has accepted."""
    return give(pay(fee))


def give(payment, amount=600, **fields):
    made = refund_payment(
        payment=payment, amount=amount, reason="Mistake", idempotency_key="back", at=now(), refunded_by=None, **fields
    )
    return return_refund(refund=made, at=now())


def rows():
    fields = ("amount", "idempotency_key", "returned_at", "failure")
    return [
        (one[0], one[1].split("-")[0], bool(one[2]), one[3])
        for one in Refund.objects.order_by("id").values_list(*fields)
    ]


CAME_BACK = [(600, "back", False, "unknown"), (-600, "reverse", True, ""), (600, "again", False, "unknown")]


def test_it_is_taken_back_by_a_row_and_given_again_by_another(stripe_books, fee, given, client):  # noqa: F811
    for event in stripe_books.fail_refund("back"):
        assert deliver(client, stripe_books, event) == 200

    assert rows() == CAME_BACK
    assert owed(fee) == 600  # as it was: the driver still has to get this money
    again = Refund.objects.get(idempotency_key__startswith="again")
    assert (again.attempts, again.reverses, again.payment) == (1, None, given.payment)
    assert PAUSES[0] - dt.timedelta(seconds=9) < again.next_attempt_at - now() <= PAUSES[0]
    assert not ProviderEvent.objects.filter(applied_at=None).exists()


def test_events_twice_and_in_any_order_come_out_the_same(stripe_books, given, client):  # noqa: F811
    events = stripe_books.fail_refund("back")
    for event in (*reversed(events), *events):
        assert deliver(client, stripe_books, event, times=2) == 200

    assert rows() == CAME_BACK


def test_an_event_before_its_row_waits(stripe_books, fee, client):  # noqa: F811
    payment = pay(fee)
    early = stripe_books._new(
        "evt_", "event", type="refund.failed", data={"object": {"metadata": {"reference": "back"}}}
    )
    assert deliver(client, stripe_books, early) == 200
    apply_provider_events()
    assert ProviderEvent.objects.get().applied_at is None

    give(payment)
    stripe_books.fail_refund("back")
    apply_provider_events()

    assert rows() == CAME_BACK
    assert ProviderEvent.objects.get().applied_at


def test_an_event_while_the_refund_is_still_being_tried_waits_for_its_own_answer(stripe_books, fee, client):  # noqa: F811
    payment = pay(fee)
    made = refund_payment(
        payment=payment, amount=600, reason="Mistake", idempotency_key="back", at=now(), refunded_by=None
    )
    early = stripe_books._new(
        "evt_", "event", type="refund.failed", data={"object": {"metadata": {"reference": "back"}}}
    )
    assert deliver(client, stripe_books, early) == 200
    assert rows() == [(600, "back", False, "")]

    return_refund(refund=made, at=now())
    stripe_books.fail_refund("back")
    apply_provider_events()

    assert rows() == CAME_BACK


@pytest.mark.parametrize("kind", ["busy", "lose answer"])
def test_an_event_that_stripe_can_not_confirm_waits(stripe_books, given, client, kind):  # noqa: F811
    events = stripe_books.fail_refund("back")
    with stripe_books.failing(LOOK, kind):
        deliver(client, stripe_books, events[0])
    assert rows() == [(600, "back", True, "")]

    apply_provider_events()

    assert rows() == CAME_BACK


def test_an_event_that_tells_of_no_failure_changes_nothing(stripe_books, given, client):  # noqa: F811
    (refund,) = stripe_books.refunds()
    stripe_books._event("charge.refund.updated", refund)

    deliver(client, stripe_books, stripe_books.events[-1])

    assert rows() == [(600, "back", True, "")]
    assert ProviderEvent.objects.latest("id").applied_at


def test_it_is_tried_again_with_a_reference_of_its_own(stripe_books, given, client):  # noqa: F811
    for event in stripe_books.fail_refund("back"):
        deliver(client, stripe_books, event)
    Refund.objects.filter(idempotency_key__startswith="again").update(next_attempt_at=now())

    conclude_payments()

    again = Refund.objects.get(idempotency_key__startswith="again")
    assert (again.returned_at is not None, again.failure, again.attempts) == (True, "", 2)
    assert [one["status"] for one in stripe_books.refunds()] == ["failed", "succeeded"]


def test_a_card_that_is_gone_waits_for_a_person_who_takes_it_back(stripe_books, fee, given, client):  # noqa: F811
    for event in stripe_books.fail_refund("back", "lost_or_stolen_card"):
        deliver(client, stripe_books, event)
    again = Refund.objects.stuck().get()

    reverse_refund(refund=again, by=make_user(), reason="keeps it as a voucher", at=now())

    assert owed(fee) == 0
    assert not Refund.objects.stuck().exists()


def test_a_person_may_try_it_again(stripe_books, given, client):  # noqa: F811
    for event in stripe_books.fail_refund("back", "lost_or_stolen_card"):
        deliver(client, stripe_books, event)

    assert retry_refund(refund=Refund.objects.stuck().get(), at=now()).returned_at


def test_after_its_last_attempt_a_person_decides(stripe_books, given, client):  # noqa: F811
    Refund.objects.update(attempts=len(PAUSES) + 1)
    for event in stripe_books.fail_refund("back"):
        deliver(client, stripe_books, event)

    assert Refund.objects.stuck().get().idempotency_key.startswith("again")


def test_goodwill_is_credited_again_with_it(stripe_books, fee, client):  # noqa: F811
    give(pay(fee), goodwill=True)
    for event in stripe_books.fail_refund("back", "lost_or_stolen_card"):
        deliver(client, stripe_books, event)
    assert (owed(fee), fee.credited_amount, fee.refunded_amount) == (0, 600, 600)

    reverse_refund(refund=Refund.objects.stuck().get(), by=make_user(), reason="x", at=now())

    assert (owed(fee), fee.credited_amount, fee.refunded_amount) == (0, 0, 0)


def test_money_that_was_paid_again_meanwhile_has_to_go_back_still(stripe_books, fee, given, client):  # noqa: F811
    pay(fee, key="other")
    for event in stripe_books.fail_refund("back"):
        deliver(client, stripe_books, event)

    assert rows() == CAME_BACK
    assert (owed(fee), fee.due_amount, fee.captured_amount, fee.refunded_amount) == (0, 600, 1200, 600)


def test_its_rows_are_documented_and_keep_the_invariants(stripe_books, given, client):  # noqa: F811
    for event in stripe_books.fail_refund("back"):
        deliver(client, stripe_books, event)

    assert not broken()
    assert not Payment.objects.filter(refunds__credit_note=None).exists()


def test_the_office_lists_it_with_what_became_of_it(stripe_books, given, fee, client):  # noqa: F811
    for event in stripe_books.fail_refund("back"):
        deliver(client, stripe_books, event)
    office = Client()
    office.force_login(make_user("admin", fee.lot.operator))

    said = words(office.get("/manage/refunds/").content.decode())

    assert "Taken back" in said
    assert "Takes back" in said
    assert "Not arrived" in said
