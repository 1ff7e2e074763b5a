"""Whose stay it is: what an account has proven, and what somebody learns who has proven nothing."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from billing.documents.worker import issue_due
from billing.services import conclude_payment, credit_charge, take_payment
from notifications.models import Message
from tests.factories import make_charge, make_lot, make_proof, make_reservation, make_ticket, make_user, make_vehicle
from tickets import lookups
from tickets.models import StayProof, Ticket, TicketStatus
from tickets.paying import pay_ticket
from tickets.services import assess_ticket

pytestmark = pytest.mark.django_db(transaction=True)

PLATE = "ZH 123456"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def lot():
    return make_lot(name="Central", spots={"regular": 9})


@pytest.fixture
def ticket(lot):
    return make_ticket(lot, PLATE, now() - 2 * HOUR - dt.timedelta(minutes=5))


@pytest.fixture
def driver():
    return make_user(password="s3cret-words")


@pytest.fixture
def mine(driver):
    return log_in(driver)


def log_in(person):
    client = Client()
    client.force_login(person)
    return client


def add(client, text):
    return client.post("/me/stays/", {"ticket": text})


def shown(client):
    """Return the stays that an account sees, on its page and by the API."""
    present, past = client.get("/me/").context["present"], client.get("/me/history/").context["page"]
    on_page = {stay.ticket for stay in present} | set(past)
    by_api = {row["number"] for row in client.get("/api/v1/tickets").json()["items"]}
    assert {ticket.number for ticket in on_page} == by_api
    return on_page


def pay(ticket, driver, amount=None, card="tok_ok", **fields):
    return pay_ticket(
        ticket=ticket,
        method="card",
        token=card,
        amount=amount,
        idempotency_key=uuid.uuid4().hex,
        at=now(),
        paid_by=driver,
        by_number=False,
        **fields,
    )


def test_plate_in_my_vehicles_tells_a_stalker_nothing(mine, driver, lot):
    make_vehicle(driver, PLATE, added_at=now() - 100 * HOUR)
    inside = make_ticket(lot, PLATE, now() - HOUR)
    charge = make_charge(lot, 600)
    left = {"status": TicketStatus.CLOSED, "exit_at": now() - 3 * HOUR, "closed_reason": "paid", "charge": charge}
    make_ticket(lot, PLATE, now() - 5 * HOUR, **left)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=now())

    page = mine.get("/me/")
    part = mine.get("/me/", headers={"HX-Request": "true"})

    others = [mine.get(f"/me/{name}/") for name in ("history", "spending", "vehicles")]

    assert (page.context["present"], page.context["past"], page.context["sums"]) == ([], [], [])
    for told in [answer.content.decode() for answer in (page, part, *others)]:
        for secret in (inside.token, inside.number, "Central", lot.slug):
            assert secret not in told
    assert mine.get("/api/v1/tickets").json()["total"] == 0
    assert mine.get("/api/v1/me").json()["vehicles"] == [{"plate": PLATE, "vehicle_type": "regular", "electric": False}]
    assert not Message.objects.exists()


def test_plate_added_during_the_stay_shows_nothing(mine, ticket):
    mine.post("/me/vehicles/", {"plate": PLATE, "vehicle_type": "regular"})

    assert shown(mine) == set()


def test_plate_that_somebody_else_has_taken_over_shows_nothing_to_either(mine, driver, ticket):
    other = make_user()
    make_vehicle(driver, PLATE)
    make_vehicle(other, PLATE)

    assert shown(mine) == set()
    assert shown(log_in(other)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "{number}",
        " {lower} ",
        "{token}",
        "http://127.0.0.1:8000/t/{token}",
        "https://park.example/pay/{number}/receipt/",
    ],
)
def test_ticket_in_hand_proves_the_stay(mine, driver, ticket, text):
    given = text.format(number=ticket.number, lower=ticket.number.lower().replace("-", " "), token=ticket.token)

    assert add(mine, given).url == "/me/"

    assert shown(mine) == {ticket}
    assert StayProof.objects.get().kind == ("token" if "token" in text else "number")
    page = mine.get("/me/").content.decode()
    assert "R0-1, Ground" in page
    assert f'href="/pay/{ticket.token}/"' in page


def test_proof_is_the_accounts_own(mine, ticket):
    """Two accounts have the plate; the one with the ticket sees the stay."""
    other = make_user()
    make_vehicle(other, PLATE)
    add(mine, ticket.number)

    assert shown(log_in(other)) == set()
    assert add(log_in(other), ticket.number).status_code == 302
    assert shown(log_in(other)) == {ticket}


def test_same_proof_again_changes_nothing(mine, ticket):
    for text in (ticket.number, ticket.token, ticket.number):
        assert add(mine, text).status_code == 302

    assert StayProof.objects.get().kind == "number"


def test_database_keeps_one_proof_an_account_and_known_kinds(driver, ticket):
    make_proof(ticket, driver)
    for again in ({"driver": driver, "kind": "number"}, {"driver": make_user(), "kind": "hearsay"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StayProof.objects.create(ticket=ticket, proven_at=now(), **again)


def test_proof_is_of_one_stay_and_not_of_the_next_with_its_plate(mine, lot, ticket):
    add(mine, ticket.number)
    Ticket.objects.filter(pk=ticket.pk).update(status="closed", exit_at=now(), closed_reason="grace")
    make_ticket(lot, PLATE)

    assert shown(mine) == {ticket}


@pytest.mark.parametrize("text", ["", "PS-0000000000", "PS-ABC", "x" * 22, "a\x00b", "/t/", "y" * 999])
def test_wrong_ticket_is_refused_at_the_field(mine, ticket, text):
    answer = add(mine, text)

    assert answer.status_code == 422
    assert answer.context["form"].errors["ticket"]
    assert not StayProof.objects.exists()


def test_ticket_is_added_by_the_api(mine, ticket, monkeypatch):
    def ask(client, text):
        return client.post("/api/v1/me/tickets", {"ticket": text}, content_type="application/json")

    assert ask(Client(), ticket.number).status_code == 401
    assert ask(mine, "PS-0000000000").status_code == 404
    for text in (ticket.number, f"https://park.example/t/{ticket.token}"):
        assert ask(mine, text).json()["number"] == ticket.number
    assert shown(mine) == {ticket}
    monkeypatch.setattr(lookups, "PROOFS_PER_MINUTE", 1)
    answer = [ask(mine, "PS-0000000000") for _ in range(2)][-1]
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)


def test_void_ticket_is_refused(mine, lot):
    answer = add(mine, make_ticket(lot, status=TicketStatus.VOID).number)

    assert (answer.status_code, StayProof.objects.count()) == (422, 0)


def test_guessing_numbers_is_limited_for_the_account(mine, ticket, monkeypatch):
    assert lookups.PROOFS_PER_MINUTE <= 10
    monkeypatch.setattr(lookups, "PROOFS_PER_MINUTE", 1)
    assert add(mine, "PS-0000000000").status_code == 422

    assert add(mine, ticket.number).status_code == 429
    assert add(log_in(make_user()), ticket.number).status_code == 302
    assert shown(mine) == set()


def test_visitor_signs_in_before_adding_a_stay(client, ticket):
    assert add(client, ticket.number).url.startswith("/accounts/login/")
    assert not StayProof.objects.exists()


def test_whole_fee_paid_proves_the_stay(mine, driver, ticket):
    page = mine.get(f"/pay/{ticket.number}/").content.decode()
    assert ticket.token not in page
    sent = {"token": "tok_ok", "key": "k", "amount": 900, "receipt_email": ""}
    assert mine.post(f"/pay/{ticket.number}/", sent).status_code == 302

    assert StayProof.objects.get().kind == "payment"
    assert shown(mine) == {ticket}


def test_part_of_the_fee_proves_nothing(mine, driver, ticket):
    pay(ticket, driver, 1)
    ticket.refresh_from_db()
    assert shown(mine) == set()

    take_payment(charge=ticket.charge, method="terminal", amount=None, idempotency_key="rest", at=now())
    assert shown(mine) == set()


def test_cent_and_a_waiver_prove_nothing(mine, driver, ticket):
    pay(ticket, driver, 1)
    ticket.refresh_from_db()
    credit_charge(charge=ticket.charge, amount=899, reason="kindness", at=now())

    assert shown(mine) == set()


def test_fee_paid_in_parts_by_one_account_proves_the_stay(mine, driver, ticket):
    pay(ticket, driver, 400)
    pay(ticket, driver)

    assert shown(mine) == {ticket}


def test_fee_shared_by_two_accounts_proves_it_to_neither(mine, driver, ticket):
    other = make_user()
    pay(ticket, driver, 400)
    pay(ticket, other)

    assert shown(mine) == shown(log_in(other)) == set()


def test_payment_that_its_bank_confirms_later_proves_the_stay(mine, driver, ticket):
    pending = pay(ticket, driver, card="tok_timeout")
    assert pending.state in {"pending", "failed"}
    if pending.state == "pending":
        assert shown(mine) == set()
        conclude_payment(payment=pending, at=now() + HOUR)
    pay(ticket, driver)

    assert shown(mine) == {ticket}


def test_payment_without_an_account_proves_nothing(ticket):
    pay(ticket, None)

    assert not StayProof.objects.exists()


def test_prepaid_booking_proves_its_stay(mine, driver, lot, ticket):
    def book(person, *, paid):
        at = now()
        charge = make_charge(lot, 500)
        if paid:
            take_payment(charge=charge, method="terminal", amount=None, idempotency_key=uuid.uuid4().hex, at=at)
        booking = make_reservation(lot, PLATE, at, at + HOUR, driver=person, charge=charge)
        Ticket.objects.filter(pk=ticket.pk).update(reservation=booking)

    book(driver, paid=False)
    assert shown(mine) == set()
    book(make_user(), paid=True)
    assert shown(mine) == set()
    book(driver, paid=True)
    assert shown(mine) == {ticket}


def test_receipt_goes_to_who_proved_the_stay_and_not_to_who_has_its_plate(driver, ticket):
    stalker = make_user()
    make_vehicle(stalker, PLATE)
    make_proof(ticket, driver)
    take_payment(
        charge=assess_ticket(ticket=ticket, at=now()), method="terminal", amount=None, idempotency_key="k", at=now()
    )

    issue_due(at=now() + dt.timedelta(minutes=1))
    assert set(Message.objects.values_list("recipient", flat=True)) == {driver.email}


def test_pay_page_offers_to_keep_the_stay_once(mine, client, ticket):
    path = f"/pay/{ticket.number}/"
    assert "Add to My parking" in mine.get(path).content.decode()
    assert "Add to My parking" not in client.get(path).content.decode()
    add(mine, ticket.number)
    assert "Add to My parking" not in mine.get(path).content.decode()


def test_operator_sees_who_proved_a_stay(lot, driver, ticket):
    User.objects.filter(pk=driver.pk).update(name="Carla Rossi")
    make_proof(ticket, driver)

    page = log_in(make_user("admin", lot.operator)).get(f"/manage/stays/{ticket.number}/").content.decode()

    assert "Carla Rossi" in page
