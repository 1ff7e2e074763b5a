"""The tax that documents show is the tax in the books, whatever was rounded, kept, paid in parts and given back."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.documents.issuing import document_charge, issue_credit_notes, issue_receipts
from billing.documents.worker import issue_due
from billing.models import Charge, Document, Payment, PaymentState, Posting, Refund
from billing.services import credit_charge, pay_together, refund_payment, take_payment
from common.errors import DomainError
from tests.billing.test_shifts import AT, Till
from tests.factories import make_charge, make_lot
from tests.invariants import broken

LATER = AT + dt.timedelta(minutes=1)
RATES = ("0", "2.6", "7", "8.1", "19", "25.5")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["cash", "cash", "terminal", "keep", "refund", "refund all", "goodwill", "credit", "document"]),
        st.integers(1, 999),
    ),
    min_size=2,
    max_size=9,
)


@pytest.fixture
def till(db: None) -> Iterator[Till]:
    return Till(make_lot(cash_rounding=5))


def booked_tax(charge: Charge) -> int:
    return Posting.objects.filter(charge=charge).aggregate(sum=Sum("tax", default=0))["sum"]


def documented_tax(charge: Charge) -> int:
    return sum(one.tax_amount for one in document_charge(charge, at=LATER) if one.kind != "I")


def owe(till: Till, amount: int, percent: str) -> Charge:
    line = {"label": "Hourly", "amount": amount, "from": "", "to": ""}
    return make_charge(till.lot, amount, at=AT, tax_percent=Decimal(percent), lines=[line])


def act(till: Till, charge: Charge, what: str, permille: int) -> None:
    """Do one thing to a charge, as much of it as `permille` of what there is."""
    charge.refresh_from_db()
    some = max(1, charge.balance_amount * permille // 1000)
    how = {"charge": charge, "idempotency_key": str(uuid4()), "at": AT, "taken_by": till.cashier}
    paid = [one for one in charge.payments.order_by("?") if one.captured_amount > one.refunded_amount]
    match what:
        case "cash" | "terminal":
            take_payment(method=what, amount=some, **how)
        case "keep":
            take_payment(method="cash", amount=None, tendered=charge.balance_amount + 50, kept=permille % 40, **how)
        case "refund" | "refund all" | "goodwill" if paid:
            left = paid[0].captured_amount - paid[0].refunded_amount
            amount = left if what == "refund all" else max(1, left * permille // 1000)
            goodwill = what == "goodwill"
            refund_payment(
                payment=paid[0], amount=amount, reason="x", idempotency_key=str(uuid4()), at=AT, goodwill=goodwill,
                refunded_by=till.cashier,
            )  # fmt: skip
        case "credit":
            credit_charge(charge=charge, amount=some, reason="x", at=AT)
        case "document" if permille % 2:
            document_charge(charge, at=LATER)
        case "document":
            issue_receipts(charge.payments.filter(state=PaymentState.CAPTURED), at=LATER)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(percent=st.sampled_from(RATES), due=st.integers(1, 20_000), acts=ACTS)
def test_documents_tax_what_the_books_tax(till, percent, due, acts):
    with transaction.atomic():
        charge = owe(till, due, percent)
        for what, permille in acts:
            try:
                with transaction.atomic():
                    act(till, charge, what, permille)
            except DomainError:
                continue

        assert documented_tax(charge) == booked_tax(charge)
        for receipt in Document.objects.filter(kind="R", payments__charge=charge).distinct():
            notes = list(receipt.corrections.all())
            if receipt.total_amount == -sum(note.total_amount for note in notes):
                assert receipt.tax_amount == -sum(note.tax_amount for note in notes)
        assert broken() == []
        transaction.set_rollback(True)


def test_the_rounding_and_the_change_of_each_payment_are_on_its_receipt(till):
    charge = owe(till, 2003, "8.1")
    first = take_payment(charge=charge, method="terminal", amount=1000, idempotency_key="a", at=AT)
    cash = {"method": "cash", "amount": None, "idempotency_key": "b", "at": AT, "taken_by": till.cashier}
    second = take_payment(charge=charge, tendered=1050, kept=20, **cash)

    [of_first], [of_second] = (issue_receipts([one], at=LATER) for one in (first, second))

    assert [(line["label"], line["amount"]) for line in of_first.content["lines"]] == [("Part of the fee", 1000)]
    assert [(line["label"], line["amount"], line["percent"]) for line in of_second.content["lines"]] == [
        ("Part of the fee", 1003, "8.1"),
        ("Cash rounding", 2, "0"),
        ("Change not given", 20, "0"),
    ]
    assert of_first.tax_amount + of_second.tax_amount == booked_tax(charge) == 150


def test_what_is_untaxed_is_given_back_last(till):
    charge = owe(till, 1003, "8.1")
    paid = take_payment(charge=charge, method="cash", amount=None, idempotency_key="a", at=AT, taken_by=till.cashier)
    for amount in (1000, 5):
        refund_payment(
            payment=paid, amount=amount, reason="x", idempotency_key=str(amount), at=AT, refunded_by=till.cashier
        )

    receipt, *notes = document_charge(charge, at=LATER)

    assert [[line["amount"] for line in note.content["lines"]] for note in notes] == [[-1000], [-3, -2]]
    assert sum(note.tax_amount for note in notes) == -receipt.tax_amount
    assert booked_tax(charge) == 0


def test_a_refund_takes_back_the_tax_of_its_own_payment(till):
    """Half of 10.00 contains 0.37, the other half 0.38."""
    charge = owe(till, 1000, "8.1")
    first, _second = (
        take_payment(charge=charge, method="terminal", amount=500, idempotency_key=key, at=AT) for key in "ab"
    )
    refund_payment(payment=first, amount=500, reason="x", idempotency_key="r", at=AT)

    assert [one.tax_amount for one in document_charge(charge, at=LATER)] == [37, 38, -37]
    assert booked_tax(charge) == 38


def test_what_is_paid_together_is_taxed_as_one_sum(till):
    charges = [owe(till, 1001, "7") for _ in range(7)]
    owed = [(charge, charge.balance_amount) for charge in charges]
    pay_together(owed=owed, method="terminal", idempotency_key="k", together=uuid4(), at=AT)

    assert issue_due(at=LATER) == 1
    assert Document.objects.get().tax_amount == 458 == sum(map(booked_tax, charges))
    assert broken() == []


def test_the_order_in_which_documents_are_issued_changes_no_tax(till):
    charge = owe(till, 1000, "8.1")
    payments = [
        take_payment(charge=charge, method="terminal", amount=amount, idempotency_key=str(amount), at=AT)
        for amount in (333, 500)
    ]
    for payment in payments:
        refund_payment(
            payment=payment, amount=payment.captured_amount, reason="x", idempotency_key=f"r{payment.pk}", at=AT
        )
    again = take_payment(charge=charge, method="terminal", amount=None, idempotency_key="again", at=AT)
    for payment in (again, *reversed(payments)):
        issue_receipts([payment], at=LATER)
    for refund in Refund.objects.order_by("-pk"):
        issue_credit_notes([refund], at=LATER)

    assert documented_tax(charge) == booked_tax(charge) == 75
    assert not Payment.objects.filter(receipt=None).exists()
