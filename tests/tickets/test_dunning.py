"""Reminders of debts, their fees, and appeals."""

import datetime as dt

import pytest

from billing.models import DebtReminder
from billing.services import (
    AppealAnsweredError,
    AppealOpenError,
    DebtSettledError,
    appeal_debt,
    record_debt,
    take_payment,
    write_off_debt,
)
from notifications.models import Message
from notifications.rendering import render_message
from tests.factories import make_charge, make_lot, make_proof, make_ticket, make_user, make_vehicle
from tickets.services import answer_debt_appeal, remind_debtors

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def lot():
    return make_lot(name="Tower")


@pytest.fixture
def driver():
    return make_user(email="driver@example.com")


@pytest.fixture
def debt(lot, driver):
    debt = owe(lot)
    make_proof(debt.charge.ticket, driver)
    return debt


def owe(lot, due=600):
    charge = make_charge(lot, due, at=AT)
    make_ticket(lot, status="closed", exit_at=AT, entry_at=AT - DAY, closed_reason="owed", charge=charge)
    return record_debt(charge=charge, plate=charge.ticket.plate, reason="declined", at=AT)


def fees(lot, fee, cap):
    lot.operator.debt_reminder_fee, lot.operator.debt_fee_cap = fee, cap
    lot.operator.save()


def owed(debt):
    debt.charge.refresh_from_db()
    return debt.charge.balance_amount


def test_owners_are_reminded_after_7_14_and_30_days_once_each(debt):
    counts = [(day, remind_debtors(at=AT + day * DAY)) for day in range(40)]

    assert [day for day, count in counts if count] == [7, 14, 30]
    assert Message.objects.filter(recipient="driver@example.com").count() == 3


def test_the_mail_says_what_is_owed_and_where_to_pay(debt):
    remind_debtors(at=AT + 7 * DAY)

    mail = render_message(Message.objects.get())
    assert mail.subject == "Still to pay: CHF 6.00 for parking at Tower"
    assert debt.charge.ticket.token in mail.body
    assert "fee" not in mail.body


def test_an_unknown_owner_is_not_reminded_and_pays_no_fee(lot, driver):
    fees(lot, 500, 1000)
    debt = owe(lot)
    make_vehicle(driver, debt.plate)

    assert remind_debtors(at=AT + 7 * DAY) == 0
    assert (owed(debt), Message.objects.exists()) == (600, False)


def test_a_late_reminder_is_left_out_and_noted(debt, lot):
    fees(lot, 500, 1000)

    assert remind_debtors(at=AT + 9 * DAY) == 0

    assert list(DebtReminder.objects.values_list("number", "left_out", "fee_amount")) == [(1, True, 0)]
    assert (owed(debt), Message.objects.exists()) == (600, False)
    assert remind_debtors(at=AT + 14 * DAY) == 1


def test_a_settled_debt_is_not_reminded_of(debt):
    take_payment(charge=debt.charge, method="terminal", amount=None, idempotency_key="x", at=AT)

    assert remind_debtors(at=AT + 7 * DAY) == 0


def test_each_reminder_adds_its_fee_as_a_line_up_to_the_cap(debt, lot):
    fees(lot, 500, 800)
    balances = []
    for days in (7, 14, 30):
        remind_debtors(at=AT + days * DAY)
        balances.append(owed(debt))

    assert balances == [1100, 1400, 1400]
    assert [line["amount"] for line in debt.charge.lines][-2:] == [500, 300]
    assert list(DebtReminder.objects.values_list("fee_amount", flat=True)) == [500, 300, 0]


def test_paying_the_fee_too_closes_the_debt(debt, lot):
    fees(lot, 500, 500)
    remind_debtors(at=AT + 7 * DAY)

    take_payment(charge=debt.charge, method="terminal", amount=None, idempotency_key="x", at=AT + 8 * DAY)

    debt.refresh_from_db()
    assert debt.settled_at == AT + 8 * DAY


def appeal(debt, **fields):
    return appeal_debt(debt=debt, text="I paid at the machine", email="driver@example.com", at=AT, **fields)


def test_an_accepted_appeal_writes_the_debt_off_and_mails_the_word(debt):
    admin = make_user()

    answered = answer_debt_appeal(appeal=appeal(debt), accept=True, answer="The machine was broken", by=admin, at=AT)

    assert (answered.accepted, answered.answered_by, owed(debt)) == (True, admin, 0)
    credit = debt.charge.credits.get()
    assert (credit.kind, credit.reason, credit.granted_by) == ("waived", "The machine was broken", admin)
    mail = render_message(Message.objects.get(recipient="driver@example.com"))
    assert "nothing is owed for it any more" in mail.body
    assert "The machine was broken" in mail.body


def test_a_rejected_appeal_leaves_it_owed_and_mails_the_word(debt):
    answer_debt_appeal(appeal=appeal(debt), accept=False, answer="Nothing was paid", by=make_user(), at=AT)

    assert owed(debt) == 600
    assert "it stays owed" in render_message(Message.objects.get()).body


def test_an_appeal_is_answered_once(debt):
    made = appeal(debt)
    answer_debt_appeal(appeal=made, accept=False, answer="No", by=make_user(), at=AT)

    with pytest.raises(AppealAnsweredError):
        answer_debt_appeal(appeal=made, accept=True, answer="Yes", by=make_user(), at=AT)
    assert Message.objects.count() == 1


def test_an_open_appeal_stops_reminders_and_other_appeals(debt):
    appeal(debt)

    assert remind_debtors(at=AT + 7 * DAY) == 0
    with pytest.raises(AppealOpenError):
        appeal(debt)


def test_nothing_owed_is_nothing_to_appeal_against(debt):
    take_payment(charge=debt.charge, method="terminal", amount=None, idempotency_key="x", at=AT)

    with pytest.raises(DebtSettledError):
        appeal(debt)


def test_a_write_off_takes_no_more_than_was_agreed_to(debt):
    by = make_user()

    assert not write_off_debt(debt=debt, agreed=599, reason="Small and old", by=by, at=AT)
    assert write_off_debt(debt=debt, agreed=600, reason="Small and old", by=by, at=AT)
    assert not write_off_debt(debt=debt, agreed=600, reason="Small and old", by=by, at=AT)
    assert owed(debt) == 0
