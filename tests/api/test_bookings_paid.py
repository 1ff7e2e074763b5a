"""Bookings over the API that are held or paid on a card."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Payment
from billing.providers.simulated import answer_page
from billing.services import look_at_payment
from reservations.models import Reservation
from reservations.services import conclude_pending
from tests.api.bookings_sent import PATH, at, book, cancel, patch, post, refusal, wanted
from tests.entrance.sessions import client_of
from tests.factories import make_blocked_plate, make_lot, make_saved_method, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("prepay", ["hold", "capture"])
OK, DECLINED, AT_THE_BANK = ({"token": token} for token in ("tok_ok", "tok_declined", "tok_3ds"))


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    for module in ("services.payments.by_provider", "services.payments.holds", "services.refunds.returning"):
        monkeypatch.setattr(f"billing.{module}.PROVIDER_SECONDS", 0.02)


@pytest.fixture
def prepay():
    """How the lot asks for payment, where a test doesn't say."""
    return "capture"


@pytest.fixture
def lot(prepay):
    return make_lot(slug="central", prepay=prepay, spots={"regular": 1})


@pytest.fixture
def driver(lot):
    return client_of(make_user())


def money(said) -> tuple[int, int, int, int]:
    return said["held"], said["paid"], said["fee"], said["refunded"]


@BOTH
def test_price_is_held_or_taken_when_booked_and_goes_back_when_cancelled(prepay, driver):
    said = book(driver, payment=OK)
    assert money(said) == ((600, 0, 0, 0) if prepay == "hold" else (0, 600, 0, 0))

    cancelled = cancel(driver, said).json()

    assert (cancelled["status"], money(cancelled)) == ("cancelled", (0, 0, 0, 0 if prepay == "hold" else 600))
    assert cancel(driver, said).json() == cancelled
    assert broken() == []


@BOTH
def test_cancelling_late_keeps_the_fee(prepay, driver):
    soon = now() + dt.timedelta(minutes=50)
    body = wanted(payment=OK) | {"start": soon.isoformat(), "end": (soon + dt.timedelta(hours=2)).isoformat()}

    said = cancel(driver, post(driver, body).json()).json()

    assert money(said) == (0, 300, 300, 0 if prepay == "hold" else 300)
    assert broken() == []


@BOTH
@pytest.mark.parametrize("token", ["tok_declined", "tok_partial_400", "tok_unavailable", "tok_timeout", "nonsense"])
def test_declined_card_books_nothing(prepay, driver, token):
    assert refusal(post(driver, wanted(payment={"token": token}))) == (402, "payment_declined", ["payment.token"])

    assert driver.get(PATH).json()["total"] == 0
    assert book(driver, payment=OK)["status"] == "confirmed"
    assert broken() == []


@BOTH
def test_price_that_is_due_now_asks_for_a_card(prepay, driver):
    for body in (wanted(), wanted(payment=None)):
        assert refusal(post(driver, body)) == (402, "payment_required", ["payment.token"])


def test_plate_that_is_let_in_only_prepaid_has_to_pay():
    lot = make_lot(slug="central")
    lot.operator.debt_consequence = "prepay"
    lot.operator.save()
    make_blocked_plate(lot.operator, "ZH 1", for_debts=True)
    driver = client_of(make_user())

    assert refusal(post(driver, wanted()))[:2] == (402, "payment_required")
    assert book(driver, payment=OK)["prepay"] == "hold"


@BOTH
def test_same_key_pays_once(prepay, driver):
    first = post(driver, wanted(payment=OK), key="a key").json()

    assert post(driver, wanted(payment=OK), key="a key").json() == first
    other_card = post(driver, wanted(payment={"token": "tok_slow"}), key="a key")
    assert refusal(other_card)[:2] == (422, "idempotency_key_reused")
    assert Payment.objects.count() == 1


@BOTH
def test_declined_answer_is_the_same_for_the_same_key(prepay, driver):
    for _ in range(2):
        assert refusal(post(driver, wanted(payment=DECLINED), key="a key"))[:2] == (402, "payment_declined")
    assert refusal(post(driver, wanted(payment=OK), key="a key"))[:2] == (422, "idempotency_key_reused")
    assert Reservation.objects.count() == 1


@BOTH
def test_booking_waits_while_its_payer_is_at_the_bank(prepay, driver):
    answer = post(driver, wanted(payment=AT_THE_BANK), key="a key")

    said = answer.json()
    assert (answer.status_code, said["status"], money(said)) == (202, "pending", (0, 0, 0, 0))
    payment = Payment.objects.get()
    assert said["page_url"] == f"http://testserver{payment.page_url}"
    assert post(driver, wanted(payment=AT_THE_BANK), key="a key").json() == said

    answer_page(payment.idempotency_key, "tok_ok")
    look_at_payment(payment=payment, at=payment.created_at)
    conclude_pending(at=payment.created_at)
    paid = driver.get(f"{PATH}/{said['id']}").json()
    assert (paid["status"], paid["held"] + paid["paid"], paid["page_url"]) == ("confirmed", 600, None)


@BOTH
def test_pending_booking_that_is_cancelled_lapses(prepay, driver):
    said = post(driver, wanted(payment=AT_THE_BANK)).json()

    assert cancel(driver, said).json()["status"] == "lapsed"
    assert refusal(patch(driver, said, end=at(3)))[:2] == (409, "booking_state")
    assert book(driver, payment=OK)["status"] == "confirmed"


@BOTH
def test_difference_of_a_change_is_paid_before_it_and_given_back_after_it(prepay, driver):
    booking = book(driver, payment=OK)

    assert patch(driver, booking, preview=True, end=at(3)).json()["difference"] == 300
    longer = patch(driver, booking, end=at(3), payment=OK).json()
    assert (longer["difference"], longer["price"], longer["held"] + longer["paid"]) == (300, 900, 900)

    shorter = patch(driver, booking, end=at(1)).json()
    assert (shorter["difference"], shorter["price"]) == (-600, 300)
    assert shorter["refunded"] == (0 if prepay == "hold" else 600)
    assert broken() == []


@BOTH
def test_change_whose_difference_is_not_paid_is_not_made(prepay, driver):
    booking = book(driver, payment=OK)

    assert refusal(patch(driver, booking, end=at(3), payment=DECLINED))[:2] == (402, "payment_declined")
    assert refusal(patch(driver, booking, end=at(3))) == (402, "payment_required", ["payment.token"])
    assert driver.get(f"{PATH}/{booking['id']}").json() == booking
    assert broken() == []


@BOTH
def test_change_waits_while_its_payer_is_at_the_bank(prepay, driver):
    booking = book(driver, payment=OK)

    answer = patch(driver, booking, end=at(3), payment=AT_THE_BANK)

    assert (answer.status_code, answer.json()["difference"], answer.json()["end"]) == (202, 300, booking["end"])
    assert answer.json()["page_url"]
    answer_page(Payment.objects.latest("pk").idempotency_key, "tok_ok")
    payment = Payment.objects.latest("pk")
    look_at_payment(payment=payment, at=payment.created_at)
    again = patch(driver, booking, end=at(3), payment=AT_THE_BANK)
    assert (again.status_code, again.json()["price"]) == (200, 900)


def test_too_many_cards_are_told_to_wait(driver, monkeypatch):
    monkeypatch.setattr("api.paying_by_card.CARDS_PER_MINUTE", 3)
    for _ in range(3):
        assert post(driver, wanted(payment=DECLINED)).status_code == 402

    answer = post(driver, wanted(payment=OK))

    assert refusal(answer)[:2] == (429, "too_many_requests")
    assert int(answer["Retry-After"]) >= 1
    assert post(client_of(make_user()), wanted(payment=OK)).status_code == 201


def test_list_of_paid_bookings_takes_as_many_statements_for_many_as_for_few(driver, django_assert_num_queries):
    make_lot(slug="wide", prepay="capture", spots={"regular": 9})
    for number in range(4):
        book(driver, 3 * number, 3 * number + 1, lot="wide", payment=OK)

    # Session, person, lots, count, bookings with their charges, payments.
    with django_assert_num_queries(6):
        answer = driver.get(PATH).json()
    assert [one["paid"] for one in answer["items"]] == [300] * 4


@BOTH
def test_card_that_was_saved_pays_and_that_of_another_is_not_found(prepay, lot):
    owner, other = make_user(), make_user()
    card, gone = (make_saved_method(owner, **fields) for fields in ({}, {"reference": "tok_3ds", "removed_at": now()}))
    driver = client_of(owner)
    assert driver.get("/api/v1/me").json()["saved_methods"] == [{"id": card.pk, "label": card.label}]
    saved = {"saved_method": card.pk}

    assert refusal(post(client_of(other), wanted(payment=saved))) == (404, "not_found", [])
    for wrong in ({"saved_method": gone.pk}, {"saved_method": 10**30}):
        assert refusal(post(driver, wanted(payment=wrong))) == (404, "not_found", [])
    for wrong in ({}, {"token": None}, saved | OK, {"saved_method": 0}, {"saved_method": True}):
        assert post(driver, wanted(payment=wrong)).status_code == 422
    assert not Reservation.objects.exists()
    said = book(driver, payment=saved)
    assert money(said)[:2] == ((600, 0) if prepay == "hold" else (0, 600))
    longer = patch(driver, said, end=at(3), payment=saved)

    assert (longer.status_code, money(longer.json())[:2]) == (200, (900, 0) if prepay == "hold" else (0, 900))
    assert set(Payment.objects.values_list("saved_method", flat=True)) == {card.pk}
    assert broken() == []
