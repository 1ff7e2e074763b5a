"""The fee and payment endpoints for strangers."""

import datetime as dt
import json

import pytest
from django.utils.timezone import now

from billing.models import Payment
from tests.factories import make_lot, make_ticket
from tickets import lookups
from tickets.models import TicketStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    """A stay of two hours and a half: three hours at CHF 3.00."""
    return make_ticket(make_lot(), entry_at=now() - dt.timedelta(hours=2, minutes=30))


def fee(client, reference):
    return client.get(f"/api/v1/tickets/{reference}/fee")


def pay(client, reference, key=None, **body):
    headers = {"Idempotency-Key": key} if key else {}
    given = {"method": "card", "token": "tok_ok"} | body
    return client.post(f"/api/v1/tickets/{reference}/pay", given, content_type="application/json", headers=headers)


def test_the_fee_is_shown_with_its_lines(client, ticket):
    answer = fee(client, ticket.token)

    said = answer.json()
    assert answer.status_code == 200
    assert (said["amount"], said["total"], said["currency"], said["leave_by"]) == (900, 900, "CHF", None)
    assert sum(line["amount"] for line in said["lines"]) == 900
    assert said["tax"] == 67
    assert said["ticket"]["number"] == ticket.number


def test_reading_the_fee_writes_nothing(client, ticket):
    fee(client, ticket.token)

    ticket.refresh_from_db()
    assert ticket.charge is None


def test_the_number_shows_only_part_of_the_plate(client, ticket):
    assert fee(client, ticket.token).json()["ticket"]["plate"] == "ZH 123456"
    assert fee(client, ticket.number).json()["ticket"]["plate"] == "ZH••••56"


def test_the_number_is_read_forgivingly(client, ticket):
    assert fee(client, ticket.number.lower().replace("-", "")).status_code == 200


@pytest.mark.parametrize(
    "reference", ["PS-0000000000", "nonsense", "x" * 22, "%00" + "x" * 21, "PS-", "%00", "💥", "x" * 500]
)
def test_an_unknown_ticket_is_not_found(client, ticket, reference):
    answer = fee(client, reference)

    assert (answer.status_code, answer.json()["code"]) == (404, "ticket_not_found")
    assert answer["Content-Type"] == "application/problem+json"


def test_paying_by_card_settles_the_stay(client, ticket):
    answer = pay(client, ticket.number)

    said = answer.json()
    ticket.refresh_from_db()
    assert answer.status_code == 200
    assert (said["status"], said["amount"], said["owed"], said["receipt_number"][-7:]) == (
        "captured",
        900,
        0,
        "-000001",
    )
    assert said["leave_by"] is not None
    assert ticket.status == TicketStatus.PAID
    assert fee(client, ticket.number).json()["amount"] == 0


def test_a_part_can_be_paid(client, ticket):
    said = pay(client, ticket.token, amount=400).json()

    assert (said["amount"], said["owed"]) == (400, 500)


def test_a_partial_approval_says_what_is_still_owed(client, ticket):
    said = pay(client, ticket.token, token="tok_partial_400").json()

    assert (said["amount"], said["owed"], said["failure"], said["leave_by"]) == (400, 500, "partial", None)


@pytest.mark.parametrize("token", ["tok_declined", "tok_unavailable"])
def test_a_card_that_gives_nothing_is_a_402_with_its_code(client, ticket, token):
    answer = pay(client, ticket.token, token=token)

    assert (answer.status_code, answer.json()["code"]) == (402, token.removeprefix("tok_"))


def test_the_same_key_gets_the_first_answer(client, ticket):
    first = pay(client, ticket.token, "key").json()

    assert pay(client, ticket.token, "key").json() == first
    assert Payment.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(client, ticket):
    pay(client, ticket.token, "key")

    answer = pay(client, ticket.token, "key", amount=100)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_one_key_on_two_tickets_pays_both(client, ticket):
    other = make_ticket(ticket.lot, "VD 4711", entry_at=ticket.entry_at)

    assert pay(client, ticket.token, "key").status_code == 200
    assert pay(client, other.token, "key").status_code == 200


def test_paying_twice_is_refused(client, ticket):
    pay(client, ticket.token)

    answer = pay(client, ticket.token)

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_owed")


def test_a_stay_in_review_waits_for_a_person(client):
    ticket = make_ticket(make_lot(), status=TicketStatus.REVIEW)

    answer = pay(client, ticket.token)

    assert (answer.status_code, answer.json()["code"]) == (409, "ticket_state")


@pytest.mark.parametrize(
    "body",
    [
        {"method": "cash"},
        {"method": None},
        {"token": ""},
        {"token": "x" * 201},
        {"token": 5},
        {"amount": 0},
        {"amount": -5},
        {"amount": "900"},
        {"amount": 9.5},
        {"amount": True},
        {"amount": 10**13},
        {"receipt_email": "nobody"},
    ],
)
def test_values_that_do_not_fit_are_named(client, ticket, body):
    answer = pay(client, ticket.token, **body)

    assert answer.status_code == 422
    assert next(iter(body)) in answer.json()["errors"][0]["path"]
    assert not Payment.objects.exists()


def test_more_than_is_owed_is_refused(client, ticket):
    answer = pay(client, ticket.token, amount=901)

    assert (answer.status_code, answer.json()["code"]) == (422, "amount_exceeds_due")


@pytest.mark.parametrize("content", ["{", "[]", "null", json.dumps("x")])
def test_a_broken_body_is_refused(client, ticket, content):
    answer = client.post(f"/api/v1/tickets/{ticket.token}/pay", content, content_type="application/json")

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_too_many_numbers_are_told_to_wait(client, ticket, monkeypatch):
    monkeypatch.setattr(lookups, "NUMBERS_PER_MINUTE", 3)
    for _ in range(3):
        assert fee(client, "PS-0000000000").status_code == 404

    answer = fee(client, ticket.number)

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(answer["Retry-After"]) <= 20
    assert fee(client, ticket.token).status_code == 200


def test_too_many_payments_are_told_to_wait(client, ticket, monkeypatch):
    monkeypatch.setattr(lookups, "PAYMENTS_PER_MINUTE", 3)
    for _ in range(3):
        assert pay(client, ticket.token, token="tok_declined").status_code == 402

    assert pay(client, ticket.token).status_code == 429
    assert fee(client, ticket.token).status_code == 200
