"""Debts in the office: reminders' fees, appeals, and many written off at once."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Credit, Debt
from billing.services import appeal_debt, record_debt
from lists.services import run_batches
from notifications.models import Message
from tests.desk.test_pages import words
from tests.entrance.sessions import client_of
from tests.factories import make_charge, make_lot, make_proof, make_ticket, make_user
from tickets.services import remind_debtors

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def lot():
    return make_lot(name="Tower")


@pytest.fixture
def client(lot):
    return client_of(make_user("admin", lot.operator, name="Anna Keller"))


def owe(lot, amount=600, *, days=8, plate="ZH 7"):
    left_at = now() - days * DAY
    charge = make_charge(lot, amount, at=left_at)
    make_ticket(lot, plate, status="closed", entry_at=left_at, exit_at=left_at, closed_reason="owed", charge=charge)
    return record_debt(charge=charge, plate=plate, reason="declined", at=left_at)


def appeal(debt):
    return appeal_debt(debt=debt, text="The machine was broken", email="d@example.com", at=now())


def page(client, path="/manage/debts/"):
    return words(client.get(path).content.decode())


def set_rules(client, lot, fee, cap, consequence="block"):
    given = {"fee": fee, "cap": cap, "consequence": consequence}
    return client.post(f"/manage/debts/{lot.operator.slug}/rules/", given)


def write_off(client, query, **data):
    shown = client.get(f"/manage/debts/write-off/?{query}")
    form = shown.context["confirm_form"]
    initial = form.initial | {"key": str(form["key"].value())}
    answer = client.post(f"/manage/debts/write-off/?{query}", {**initial, "why": "Small and old"} | data)
    run_batches(clock=now)
    return answer


def test_the_list_says_how_old_a_debt_is_and_how_often_it_was_reminded_of(client, lot):
    debt = owe(lot, days=7)
    make_proof(debt.charge.ticket, make_user())
    remind_debtors(at=now())

    assert "7 days Declined 1 CHF 6.00" in page(client)
    assert "Reminder 1" in page(client, f"/manage/debts/{debt.pk}/")


def test_a_fee_needs_the_cap_of_the_law(client, lot):
    assert set_rules(client, lot, "5", "").status_code == 422
    assert set_rules(client, lot, "five", "20").status_code == 422
    assert set_rules(client, lot, "5", "20").status_code == 302

    lot.operator.refresh_from_db()
    assert (lot.operator.debt_reminder_fee, lot.operator.debt_fee_cap) == (500, 2000)


def test_three_debts_lead_to_what_the_operator_has_chosen(client, lot):
    for _ in range(3):
        owe(lot)
    assert "Only prepaid" not in page(client, "/manage/blocked/")
    for wrong in ("", "tow"):
        assert set_rules(client, lot, "", "", wrong).status_code == 422

    assert set_rules(client, lot, "", "", "prepay").status_code == 302

    lot.operator.refresh_from_db()
    assert lot.operator.debt_consequence == "prepay"
    assert "3 open debts Only prepaid" in page(client, "/manage/blocked/")
    assert client.get("/manage/debts/").context["forms"][0]["consequence"].value() == "prepay"


def test_an_appeal_is_listed_and_accepted_with_a_word(client, lot):
    debt = owe(lot)
    owe(lot, plate="ZH 8")
    appeal(debt)
    assert "1 appeal to answer" in page(client)
    assert client.get("/manage/debts/?appeals").context["page"].paginator.count == 1

    response = client.post(f"/manage/debts/{debt.pk}/answer/", {"accept": "yes", "answer": "You are right"})

    assert response.status_code == 302
    debt.refresh_from_db()
    assert debt.settled_at is not None
    assert Message.objects.get().recipient == "d@example.com"
    assert "Accepted You are right Anna Keller" in page(client, f"/manage/debts/{debt.pk}/")
    assert client.post(f"/manage/debts/{debt.pk}/answer/", {"accept": "no", "answer": "x"}).status_code == 409


def test_an_answer_needs_a_decision_and_a_word(client, lot):
    debt = owe(lot)
    appeal(debt)

    for data in ({"accept": "yes", "answer": " "}, {"answer": "x"}, {"accept": "maybe", "answer": "x"}):
        assert client.post(f"/manage/debts/{debt.pk}/answer/", data).status_code == 422
    assert not Message.objects.exists()


def test_old_small_debts_are_shown_and_then_written_off(client, lot):
    old, large, young = owe(lot, 300, days=200), owe(lot, 900, days=200), owe(lot, 300, days=10)
    disputed = owe(lot, 300, days=200)
    appeal(disputed)

    said = page(client, "/manage/debts/write-off/?days=180&most=5")
    assert "Write off 1 debt, CHF 3.00" in said
    assert write_off(client, "days=180&most=5").status_code == 302

    assert set(Debt.objects.open()) == {large, young, disputed}
    credit = Credit.objects.get()
    assert (credit.charge, credit.reason, str(credit.granted_by)) == (old.charge, "Small and old", "Anna Keller")


def test_a_debt_that_has_grown_meanwhile_is_not_written_off(client, lot):
    debt = owe(lot, 300, days=200)
    debt.charge.due_amount = 400
    shown = {"debts": str(debt.pk), "agreed": "300"}
    debt.charge.save(update_fields=["due_amount"])

    write_off(client, "days=180&most=5", **shown)

    assert Debt.objects.open().exists()


@pytest.mark.parametrize("wrong", [{"why": ""}, {"debts": "x"}, {"debts": ""}, {"agreed": "-1"}])
def test_nothing_is_written_off_by_bad_input(client, lot, wrong):
    owe(lot, 300, days=200)

    assert write_off(client, "days=180&most=5", **wrong).status_code == 422
    assert not Credit.objects.exists()


@pytest.mark.parametrize("query", ["days=-1&most=5", "days=x&most=5", "days=1&most=", "days=1&most=x"])
def test_a_wrong_choice_is_refused(client, query):
    assert client.get(f"/manage/debts/write-off/?{query}").status_code == 422


def test_another_operators_debts_are_not_written_off(client):
    foreign = owe(make_lot(), 300, days=200)

    write_off(client, "days=180&most=5", debts=str(foreign.pk), agreed="300")

    assert Debt.objects.open().exists()
