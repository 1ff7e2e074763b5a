"""Stripe by its own library, over HTTP against a local Stripe: every order of answer, webhook, redirect and crash."""

import datetime as dt
import itertools
import random
import time

import pytest
from django.utils.timezone import now

from billing.models import CardSetup, Debt, Payment, PaymentState, ProviderEvent, SavedMethod
from billing.providers import RefundRefusedError, reference_of
from billing.providers.stripe import StripeProvider
from billing.providers.stripe.amounts import as_stripe_counts, as_we_count
from billing.services import (
    authorise_payment,
    capture_hold,
    conclude_payment,
    finish_card_setup,
    forget_removed_method,
    look_at_payment,
    record_debt,
    refund_payment,
    remove_saved_method,
    return_refund,
    start_card_setup,
    take_payment,
    void_hold,
)
from billing.services.payments import by_provider
from billing.tasks import apply_provider_events, ask_about_pages, conclude_payments, settle_holds
from retention.services import delete_account
from tests.billing.local_stripe import KEY, SECRET, local_stripe
from tests.factories import make_charge, make_lot, make_user
from tests.in_time import assert_in_time
from tests.invariants import broken

pytestmark = pytest.mark.django_db

INTENT = r"POST /v1/payment_intents"
CONFIRM = r"POST /v1/payment_intents/\w+/confirm"
CAPTURE = r"POST /v1/payment_intents/\w+/capture"
LOOK = r"GET /v1/.*"
BACK = "https://parking.example/back/"
QUICK = 0.3


@pytest.fixture
def stripe_books(settings):
    with local_stripe() as books:
        settings.PAYMENT_PROVIDERS = ["stripe"]
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = books.base
        yield books


@pytest.fixture
def _impatient(monkeypatch):
    for module in ("services.payments.by_provider", "services.payments.holds", "services.refunds.returning"):
        monkeypatch.setattr(f"billing.{module}.PROVIDER_SECONDS", QUICK)


@pytest.fixture
def fee():
    return make_charge(make_lot(), 600)


def pay(fee, card="pm_card_visa", key="key", **fields):
    return take_payment(
        charge=fee, method="card", amount=None, idempotency_key=key, token=card, at=fields.pop("at", now()), **fields
    )


def hold(fee, card="pm_card_visa", key="key", **fields):
    return authorise_payment(charge=fee, amount=None, idempotency_key=key, token=card, at=now(), **fields)


def deliver(client, books, event, *, times=1, **signing):
    body, signature = books.signed(event, **signing)
    codes = {
        client.post(
            "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature}
        ).status_code
        for _ in range(times)
    }
    (code,) = codes
    return code


def owed(fee):
    fee.refresh_from_db()
    return fee.balance_amount


def test_a_card_pays_by_an_intent_that_is_known_before_money_moves(stripe_books, fee):
    payment = pay(fee)

    intent = stripe_books.intent_of("key")
    assert (payment.state, payment.captured_amount, payment.provider_reference) == ("captured", 600, intent["id"])
    assert (intent["amount"], intent["currency"], owed(fee)) == (600, "chf", 0)
    assert [one.key for one in stripe_books.requests] == ["key:intent", "key:confirm"]
    assert pay(fee) == payment
    assert len(stripe_books.intents()) == 1


@pytest.mark.parametrize("card", ["pm_card_chargeDeclined", "pm_card_authenticationRequired", "pm_nobody"])
def test_a_declined_card_takes_nothing_and_another_may_follow(stripe_books, fee, card):
    payment = pay(fee, card)

    assert (payment.state, payment.failure, owed(fee)) == ("failed", "declined", 600)
    assert pay(fee, key="other").state == "captured"


def test_a_program_without_a_card_is_refused(stripe_books, fee):
    assert pay(fee, "").state == PaymentState.FAILED
    assert stripe_books.requests == []


def test_a_key_that_stripe_refuses_takes_nothing(stripe_books, fee, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"

    assert (pay(fee).state, pay(fee).failure) == ("failed", "unavailable")


def test_a_stripe_that_is_not_there_takes_nothing(stripe_books, fee, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"

    assert pay(fee).failure == "unavailable"


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("kind", ["hang", "lose request", "lose answer", "busy"])
@pytest.mark.parametrize("path", [INTENT, CONFIRM])
def test_what_has_no_answer_is_asked_for_and_never_paid_twice(stripe_books, fee, path, kind):
    with stripe_books.failing(path, kind):
        payment = pay(fee)

    came_through = path == CONFIRM and kind in {"hang", "lose answer"}
    assert (payment.state, payment.failure) == (("captured", "") if came_through else ("failed", "timeout"))
    assert owed(fee) == (0 if came_through else 600)
    assert len(stripe_books.intents()) <= 1


@pytest.mark.parametrize(("asleep_after", "confirms"), [("preparing", 0), ("recording", 1)])
def test_a_late_request_is_refused_after_it_was_given_up(stripe_books, fee, monkeypatch, asleep_after, confirms):
    """A process that was asleep while its payment was concluded takes no money any more."""
    record = by_provider.record_prepared

    def asleep(payment, prepared):
        if asleep_after == "recording":
            payment = record(payment, prepared)
        conclude_payment(payment=payment, at=now())
        return payment if asleep_after == "recording" else record(payment, prepared)

    monkeypatch.setattr(by_provider, "record_prepared", asleep)

    payment = pay(fee)

    assert (payment.state, payment.failure) == ("failed", "abandoned")
    assert stripe_books.intent_of("key")["amount_received"] == 0
    assert len(stripe_books.asked(CONFIRM)) == confirms


@pytest.mark.usefixtures("_impatient")
def test_a_silent_stripe_leaves_the_payment_pending_until_it_answers(stripe_books, fee):
    with stripe_books.failing(CONFIRM, "lose answer"), stripe_books.failing(LOOK, "hang"):
        payment = pay(fee)
    assert payment.state == PaymentState.PENDING
    Payment.objects.update(created_at=now() - dt.timedelta(minutes=1))

    conclude_payments()

    payment.refresh_from_db()
    assert (payment.state, owed(fee)) == ("captured", 0)


@pytest.mark.usefixtures("_impatient")
def test_the_whole_question_takes_no_longer_than_the_limit(stripe_books, fee):
    with stripe_books.failing(INTENT, "slow", seconds=0.2), stripe_books.failing(CONFIRM, "slow", seconds=5):
        begun = time.monotonic()
        pay(fee)

    assert_in_time(time.monotonic() - begun, 3 * QUICK)


def test_a_saved_card_is_charged_within_a_second_when_each_call_takes_a_third(stripe_books, fee):
    method = save_card(stripe_books, make_user())
    with stripe_books.failing("POST .*", "slow", seconds=0.3):
        begun = time.monotonic()
        assert pay(fee, saved_method=method).state == PaymentState.CAPTURED

    assert_in_time(time.monotonic() - begun, 1)


def test_a_hanging_stripe_keeps_nobody_longer_than_four_seconds(stripe_books, fee):
    method = save_card(stripe_books, make_user())
    with stripe_books.failing(CONFIRM, "hang"), stripe_books.failing(LOOK, "hang"):
        begun = time.monotonic()
        payment = pay(fee, saved_method=method)
        took = time.monotonic() - begun
    assert payment.state == PaymentState.PENDING
    assert_in_time(took, 4)

    record_debt(charge=fee, plate="ZH 1", reason="no answer", at=now())
    conclude_payment(payment=payment, at=now())

    assert (owed(fee), Debt.objects.open().count()) == (0, 0)


def test_the_same_key_goes_on_after_a_crash(stripe_books, fee, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(by_provider, "record_prepared", _crash)
        with pytest.raises(KeyboardInterrupt):
            pay(fee)

    payment = pay(fee, at=now() + dt.timedelta(minutes=1))

    assert (payment.state, owed(fee), len(stripe_books.intents())) == ("captured", 0, 1)
    assert [one.key for one in stripe_books.asked(INTENT)] == ["key:intent"] * 2


# Holds


def test_a_hold_keeps_its_deadline_and_is_captured_in_part(stripe_books, fee):
    payment = hold(fee)
    assert (payment.state, payment.authorised_amount, owed(fee)) == ("authorised", 600, 600)
    assert dt.timedelta(days=6, hours=23) < payment.capture_before - now() <= dt.timedelta(days=7)

    payment = capture_hold(payment=payment, amount=400, at=now())

    assert (payment.state, payment.captured_amount, owed(fee)) == ("captured", 400, 200)
    assert stripe_books.intent_of("key")["amount_received"] == 400
    assert [one.key for one in stripe_books.asked(CAPTURE)] == ["key:capture"]


def test_a_hold_is_voided(stripe_books, fee):
    payment = void_hold(payment=hold(fee), at=now())

    assert (payment.state, payment.failure, owed(fee)) == ("voided", "", 600)
    assert stripe_books.intent_of("key")["status"] == "canceled"


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("kind", ["hang", "lose request", "lose answer", "busy"])
def test_a_capture_without_an_answer_happens_once(stripe_books, fee, kind):
    payment = hold(fee)
    with stripe_books.failing(CAPTURE, kind):
        capture_hold(payment=payment, amount=400, at=now())

    settle_holds()

    payment.refresh_from_db()
    assert (payment.state, payment.captured_amount, owed(fee)) == ("captured", 400, 200)
    assert {one.key for one in stripe_books.asked(CAPTURE)} == {"key:capture"}


def test_a_hold_that_stripe_let_go_takes_nothing(stripe_books, fee):
    payment = hold(fee)
    stripe_books.expire_hold(payment.provider_reference)

    payment = capture_hold(payment=payment, at=now())

    assert (payment.state, payment.failure, owed(fee)) == ("voided", "expired", 600)


# Refunds


def test_a_payment_is_refunded_in_two_parts(stripe_books, fee):
    payment = pay(fee)
    parts = [
        refund_payment(
            payment=payment, amount=amount, reason="x", idempotency_key=f"back-{amount}", at=now(), goodwill=True
        )
        for amount in (200, 400)
    ]

    for part in [*parts, *parts]:
        return_refund(refund=part, at=now())

    charge = stripe_books.objects[stripe_books.intent_of("key")["latest_charge"]]
    assert (charge["amount_refunded"], owed(fee)) == (600, 0)
    assert not Payment.objects.filter(refunds__returned_at=None).exists()


def test_a_refund_beyond_the_payment_is_refused_by_stripe(stripe_books, fee):
    card = reference_of(pay(fee))

    with pytest.raises(RefundRefusedError) as refused:
        StripeProvider().refund(card, "back", 601, timeout=1)

    assert (refused.value.reason, refused.value.is_final) == ("charge_already_refunded", True)


# The hosted page


def test_a_payer_pays_on_stripes_page(stripe_books, fee, client):
    payment = pay(fee, "", return_url=BACK)
    assert (payment.state, payment.page_url) == ("pending", f"{stripe_books.base}/page/{payment.provider_reference}")
    assert pay(fee, "", return_url=BACK).page_url == payment.page_url

    assert stripe_books.pay_on_page(payment.provider_reference)
    payment = look_at_payment(payment=payment, at=now())

    assert (payment.state, payment.provider_reference) == ("captured", stripe_books.intent_of("key")["id"])
    assert (payment.page_url, owed(fee)) == ("", 0)
    (page,) = stripe_books.asked("POST /v1/checkout/sessions")
    assert (page.key, page.params["cancel_url"]) == ("key:page", f"{BACK}?left")
    assert "card" not in page.params


def test_a_declined_card_on_the_page_may_be_followed_by_another(stripe_books, fee):
    payment = pay(fee, "", return_url=BACK)

    assert not stripe_books.pay_on_page(payment.provider_reference, "pm_card_chargeDeclined")
    assert look_at_payment(payment=payment, at=now()).state == PaymentState.PENDING
    assert not stripe_books.pay_on_page(payment.provider_reference, "pm_card_authenticationRequired", agrees=False)
    assert stripe_books.pay_on_page(payment.provider_reference, "pm_card_authenticationRequired")
    assert look_at_payment(payment=payment, at=now()).state == PaymentState.CAPTURED


def test_a_page_that_was_left_takes_nothing(stripe_books, fee):
    payment = pay(fee, "", return_url=BACK)

    assert conclude_payment(payment=payment, at=now()).failure == "abandoned"
    assert not stripe_books.pay_on_page(payment.provider_reference)


def test_a_page_paid_at_the_moment_it_is_left_counts(stripe_books, fee):
    payment = pay(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)

    assert conclude_payment(payment=payment, at=now()).state == PaymentState.CAPTURED


def test_a_page_whose_payer_never_came_back_is_asked_about(stripe_books, fee):
    payment = pay(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)

    ask_about_pages()

    assert owed(fee) == 0


@pytest.mark.usefixtures("_impatient")
def test_an_answer_with_a_page_that_was_lost_leads_nobody_there(stripe_books, fee):
    with stripe_books.failing("POST /v1/checkout/sessions", "lose answer"):
        payment = pay(fee, "", return_url=BACK)

    assert (payment.state, payment.failure) == ("failed", "timeout")


def test_a_hold_is_made_on_the_page(stripe_books, fee):
    payment = hold(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)

    payment = look_at_payment(payment=payment, at=now())

    assert (payment.state, payment.authorised_amount) == ("authorised", 600)
    assert capture_hold(payment=payment, at=now()).captured_amount == 600


@pytest.mark.parametrize(("agrees", "state"), [(True, "captured"), (False, "failed")])
def test_a_card_that_asks_leads_to_the_bank(stripe_books, fee, agrees, state):
    payment = pay(fee, "pm_card_authenticationRequired", return_url=BACK)
    assert (payment.state, payment.page_url) == ("pending", f"{stripe_books.base}/bank/{payment.provider_reference}")

    stripe_books.agree(payment.provider_reference, agrees=agrees)

    assert look_at_payment(payment=payment, at=now()).state == state


# Saved cards


def save_card(books, owner, card="pm_card_visa"):
    setup = start_card_setup(owner=owner, return_url=BACK, at=now())
    books.pay_on_page(setup.provider_reference, card)
    return finish_card_setup(setup=setup, at=now())


def test_a_saved_card_is_charged_without_its_owner(stripe_books, fee):
    method = save_card(stripe_books, make_user())
    assert method.label == "Visa ending 4242"

    payment = pay(fee, saved_method=method)

    assert (payment.state, owed(fee)) == ("captured", 0)
    (confirmed,) = stripe_books.asked(CONFIRM)
    assert confirmed.params["off_session"] == "true"
    assert stripe_books.intent_of("key")["customer"] == method.reference.split("/")[0]


def test_a_hold_without_the_owner_ends_earlier(stripe_books, fee):
    payment = hold(fee, saved_method=save_card(stripe_books, make_user()))

    assert payment.capture_before - now() <= dt.timedelta(days=4, hours=18)


@pytest.mark.parametrize("card", ["pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])
def test_a_saved_card_may_be_declined_later(stripe_books, fee, card):
    payment = pay(fee, saved_method=save_card(stripe_books, make_user(), card))

    assert (payment.state, payment.failure) == ("failed", "declined")


def customers_of(books):
    return [key for key, one in books.objects.items() if one["object"] == "customer"]


def test_a_removed_card_is_dropped_with_its_customer_whose_other_cards_stay(stripe_books):
    owner = make_user()
    other, card = (save_card(stripe_books, owner) for _ in range(2))
    assert len(customers_of(stripe_books)) == 2

    method = remove_saved_method(method=card, at=now())

    assert method.forgotten_at
    assert customers_of(stripe_books) == [other.reference.split("/")[0]]
    assert stripe_books.objects[method.reference.split("/")[1]]["customer"] is None
    SavedMethod.objects.update(forgotten_at=None)
    assert forget_removed_method(method=SavedMethod.objects.get(pk=card.pk), at=now()).forgotten_at


@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_deleted_is_no_customer_any_more_even_by_a_card_on_its_way(stripe_books, monkeypatch):
    owner = make_user()
    save_card(stripe_books, owner)
    setup = start_card_setup(owner=owner, return_url=BACK, at=now())
    with stripe_books.failing(r"DELETE .*", "busy", times=9):
        delete_account(person=owner, at=now())
    stripe_books.pay_on_page(setup.provider_reference)
    CardSetup.objects.update(created_at="2026-01-01T00:00Z")
    assert len(customers_of(stripe_books)) == 2

    ask_about_pages()

    assert customers_of(stripe_books) == []
    assert not SavedMethod.objects.exclude(label="", forgotten_at__isnull=False).exists()
    assert broken() == []


def test_a_card_that_was_not_entered_is_not_saved(stripe_books):
    setup = start_card_setup(owner=make_user(), return_url=BACK, at=now())

    assert finish_card_setup(setup=setup, at=now()) is None
    assert CardSetup.objects.get().finished_at is None


def test_a_webhook_saves_the_card_of_who_never_came_back(stripe_books, client):
    setup = start_card_setup(owner=make_user(), return_url=BACK, at=now())
    stripe_books.pay_on_page(setup.provider_reference)

    for event in stripe_books.events:
        assert deliver(client, stripe_books, event, times=2) == 200

    setup.refresh_from_db()
    assert setup.saved_method.label == "Visa ending 4242"


# Webhooks


@pytest.mark.parametrize("signing", [{"secret": "whsec_other"}, {"age": 301}])
def test_a_webhook_with_a_wrong_or_old_signature_is_refused(stripe_books, fee, client, signing):
    payment = pay(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)

    assert deliver(client, stripe_books, stripe_books.events[-1], **signing) == 400
    assert not ProviderEvent.objects.exists()
    assert owed(fee) == 600


@pytest.mark.parametrize("signature", ["", "t=1", "t=x,v1=y", "nonsense", "t=1,v1=" + "0" * 64])
def test_a_forged_webhook_is_refused(stripe_books, client, signature):
    answer = client.post(
        "/webhooks/stripe/", "{}", content_type="application/json", headers={"Stripe-Signature": signature}
    )

    assert answer.status_code == 400


def test_a_webhook_about_nothing_of_ours_is_not_kept(stripe_books, client):
    foreign = {
        "id": "evt_x",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1,
        "data": {"object": {}},
    }

    assert deliver(client, stripe_books, foreign) == 200
    assert not ProviderEvent.objects.exists()


def test_a_webhook_and_its_twin_count_once(stripe_books, fee, client):
    payment = pay(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)

    for event in stripe_books.events:
        assert deliver(client, stripe_books, event, times=3) == 200

    assert owed(fee) == 0
    assert ProviderEvent.objects.count() == len(stripe_books.events) == 2
    assert not ProviderEvent.objects.filter(applied_at=None).exists()


def test_a_webhook_before_its_row_is_kept_and_applied_later(stripe_books, client):
    early = stripe_books._new(
        "evt_", "event", type="payment_intent.succeeded", data={"object": {"metadata": {"reference": "key"}}}
    )
    assert deliver(client, stripe_books, early, times=2) == 200
    assert ProviderEvent.objects.get().applied_at is None
    apply_provider_events()
    assert ProviderEvent.objects.get().applied_at is None

    fee = make_charge(make_lot(), 600)
    payment = pay(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)
    apply_provider_events()

    assert ProviderEvent.objects.get().applied_at
    assert owed(fee) == 0


def test_an_old_webhook_moves_no_newer_state(stripe_books, fee, client):
    payment = hold(fee)
    (held,) = stripe_books.events
    capture_hold(payment=payment, amount=400, at=now())

    assert deliver(client, stripe_books, held) == 200

    payment.refresh_from_db()
    assert (payment.state, payment.captured_amount) == ("captured", 400)


@pytest.mark.usefixtures("_impatient")
def test_a_webhook_that_stripe_can_not_confirm_waits(stripe_books, fee, client):
    payment = pay(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)
    with stripe_books.failing(LOOK, "busy"):
        assert deliver(client, stripe_books, stripe_books.events[0]) == 200
    assert owed(fee) == 600

    apply_provider_events()

    assert owed(fee) == 0


def test_without_stripe_there_are_no_webhooks(client, settings):
    settings.PAYMENT_PROVIDERS = ["simulated"]

    assert client.post("/webhooks/stripe/", "{}", content_type="application/json").status_code == 404


# Every order


HAPPENS = ("webhook", "twin", "page event", "return", "crash")


def orders():
    """Every order of five things that happen after a payer has paid, a sample of them in the normal suite."""
    every = list(itertools.permutations(HAPPENS))
    return random.Random(0).sample(every, 40)


def crash_while_looking(payment):
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(by_provider, "record_outcome", _crash)
        with pytest.raises(KeyboardInterrupt):
            look_at_payment(payment=payment, at=now())


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("order", orders(), ids=" ".join)
@pytest.mark.parametrize("way", ["page", "hold"])
def test_every_order_ends_the_same(stripe_books, fee, client, order, way):
    """Crash: a process asked, and was gone before it recorded the answer; the tasks come later."""
    start = hold if way == "hold" else pay
    payment = start(fee, "", return_url=BACK)
    stripe_books.pay_on_page(payment.provider_reference)
    if way == "hold":
        Payment.objects.update(capture_before=now() + dt.timedelta(days=1))
    intent_event, page_event = stripe_books.events

    for what in order:
        match what:
            case "webhook" | "twin":
                deliver(client, stripe_books, intent_event)
            case "page event":
                deliver(client, stripe_books, page_event)
            case "return":
                look_at_payment(payment=Payment.objects.get(), at=now())
            case "crash":
                crash_while_looking(Payment.objects.get())
    apply_provider_events()

    payment = Payment.objects.get()
    if way == "hold":
        assert (payment.state, payment.authorised_amount, owed(fee)) == ("authorised", 600, 600)
        payment = capture_hold(payment=payment, amount=400, at=now())
    assert (payment.state, payment.captured_amount) == ("captured", 400 if way == "hold" else 600)
    assert owed(fee) == 600 - payment.captured_amount
    assert stripe_books.intent_of("key")["amount_received"] == payment.captured_amount
    assert not ProviderEvent.objects.filter(applied_at=None).exists()
    assert payment.refunded_amount == 0


# Amounts


@pytest.mark.parametrize(
    ("amount", "currency", "there"),
    [
        (600, "CHF", 600),
        (600, "JPY", 600),
        (1250, "KWD", 1250),
        (600, "ISK", 60000),
        (600, "UGX", 60000),
        (500, "MGA", 5),
    ],
)
def test_amounts_are_counted_as_stripe_does(amount, currency, there):
    assert as_stripe_counts(amount, currency) == there
    assert as_we_count(there, currency.lower()) == amount


def test_an_amount_that_stripe_can_not_say_is_refused():
    with pytest.raises(ValueError, match="MGA"):
        as_stripe_counts(501, "MGA")


def _crash(*_, **__):
    raise KeyboardInterrupt
