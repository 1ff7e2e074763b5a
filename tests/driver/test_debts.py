"""What drivers see of what they owe, and how they say that it is wrong."""

import datetime as dt

import pytest
from django.test import Client
from django.utils.timezone import now

from billing.models import DebtAppeal
from billing.services import record_debt, take_payment
from tests.desk.test_pages import words
from tests.entrance.sessions import client_of
from tests.factories import make_charge, make_lot, make_proof, make_ticket, make_user, make_vehicle
from tickets.services import remind_debtors

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(name="Tower")


@pytest.fixture
def debt(lot):
    return owe(lot)


def owe(lot, plate="ZH 7", amount=600):
    left_at = now() - dt.timedelta(days=2)
    charge = make_charge(lot, amount, at=left_at)
    make_ticket(lot, plate, status="closed", entry_at=left_at, exit_at=left_at, closed_reason="owed", charge=charge)
    return record_debt(charge=charge, plate=plate, reason="declined", at=left_at)


def token_of(debt):
    return debt.charge.ticket.token


def number_of(debt):
    return debt.charge.ticket.number


def send(client, reference, **data):
    return client.post(f"/pay/{reference}/appeal/", {"text": "It was paid", "email": "d@example.com"} | data)


def said(client, path):
    return words(client.get(path).content.decode())


def test_the_holder_of_the_link_writes_to_the_operator(debt):
    assert "This is not right?" in said(Client(), f"/pay/{token_of(debt)}/")

    assert send(Client(), token_of(debt)).status_code == 302

    made = DebtAppeal.objects.get()
    assert (made.debt, made.text, made.email, made.made_by) == (debt, "It was paid", "d@example.com", None)
    assert "will answer by email" in said(Client(), f"/pay/{token_of(debt)}/appeal/")
    assert send(Client(), token_of(debt)).status_code == 409


def test_a_number_that_strangers_can_read_is_no_way_to_appeal(debt):
    assert "This is not right?" not in said(Client(), f"/pay/{number_of(debt)}/")
    assert send(Client(), number_of(debt)).status_code == 404
    assert send(client_of(make_user()), number_of(debt)).status_code == 404
    assert not DebtAppeal.objects.exists()


def test_a_driver_who_proved_the_stay_appeals_from_their_page(debt):
    driver = make_user(email="d@example.com")
    make_proof(debt.charge.ticket, driver)
    client = client_of(driver)
    assert f"/pay/{number_of(debt)}/appeal/" in client.get("/me/").content.decode()

    assert send(client, number_of(debt)).status_code == 302
    assert DebtAppeal.objects.get().made_by == driver


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "x" * 1001}, {"email": "nobody"}, {"email": ""}])
def test_an_appeal_needs_words_and_an_address(debt, wrong):
    assert send(Client(), token_of(debt), **wrong).status_code == 422
    assert not DebtAppeal.objects.exists()


def test_what_was_paid_is_not_appealed_against(debt):
    take_payment(charge=debt.charge, method="terminal", amount=None, idempotency_key="x", at=now())

    assert send(Client(), token_of(debt)).status_code == 404
    assert send(Client(), "nonsense").status_code == 404


def test_own_debts_are_offered_with_the_next_payment(lot, debt):
    driver = make_user()
    make_proof(debt.charge.ticket, driver)
    inside = make_ticket(lot, "ZH 7", entry_at=now() - dt.timedelta(hours=2))

    page = said(client_of(driver), f"/pay/{inside.token}/")

    assert "You also owe CHF 6.00" in page
    assert number_of(debt) in page


def test_nobody_learns_of_debts_by_a_plate(lot, debt):
    """Neither by the link of another stay of the plate, nor by adding the plate to one's vehicles."""
    stranger = make_user()
    make_vehicle(stranger, "ZH 7")
    inside = make_ticket(lot, "ZH 7", entry_at=now() - dt.timedelta(hours=2))

    for client in (Client(), client_of(stranger)):
        for path in (f"/pay/{inside.token}/", f"/pay/{inside.number}/", "/pay/", "/me/"):
            body = client.get(path, follow=True).content.decode()
            assert number_of(debt) not in body
            assert "You also owe" not in body
            assert "Still owed" not in body


def test_a_reminders_fee_is_a_line_of_its_own_on_the_page_that_pays(lot, debt):
    charge = debt.charge
    charge.lines = [{"label": "3 x 1 h", "from": "x", "to": "x", "amount": 600}]
    charge.save(update_fields=["lines"])
    make_proof(charge.ticket, make_user())
    lot.operator.debt_reminder_fee, lot.operator.debt_fee_cap = 500, 500
    lot.operator.save()

    assert remind_debtors(at=debt.created_at + dt.timedelta(days=7)) == 1

    page = said(Client(), f"/pay/{token_of(debt)}/")
    assert "Reminder fee5.00" in page.replace(" 5.00", "5.00")
    assert "CHF 11.00" in page
