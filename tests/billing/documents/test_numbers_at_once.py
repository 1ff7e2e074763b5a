"""Numbers without gaps or doubles, whatever is issued at once, rolled back or killed."""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from billing.documents.issuing import issue_credit_notes, issue_receipts
from billing.documents.worker import issue_due
from billing.models import Charge, Document, DocumentCounter, Payment
from billing.services import refund_payment, take_payment
from lots.models import Lot
from tests.at_once import at_once
from tests.factories import make_charge, make_lot
from tests.invariants import broken

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(minutes=1)

pytestmark = pytest.mark.django_db(transaction=True)


def pay(lot, key="k"):
    charge = make_charge(lot, 900, at=AT)
    return take_payment(charge=charge, method="terminal", amount=None, idempotency_key=f"{key}-{charge.pk}", at=AT)


def paid_at(lot: Lot, amount: int) -> list[int]:
    """Write payments in bulk, as if each was of a car of its own, and return their keys."""
    charges = Charge.objects.bulk_create(
        [
            Charge(
                lot=lot, label="Stay", currency=lot.currency, due_amount=900, tax_percent="8.1", created_at=AT,
                assessed_at=AT, lines=[{"label": "Parking", "amount": 900}],
            )
            for _ in range(amount)
        ],
        batch_size=1000,
    )  # fmt: skip
    payments = Payment.objects.bulk_create(
        [
            Payment(
                charge=charge, method="terminal", state="captured", amount=900, captured_amount=900,
                idempotency_key=f"bulk-{charge.pk}", created_at=AT, finished_at=AT,
            )
            for charge in charges
        ],
        batch_size=1000,
    )  # fmt: skip
    return [payment.pk for payment in payments]


def numbers_of(lot, kind="R"):
    rows = Document.objects.filter(operator=lot.operator, kind=kind).order_by("sequence")
    return list(rows.values_list("sequence", flat=True))


def test_without_the_counters_lock_two_documents_get_one_number(monkeypatch):
    """The race that the counter prevents: both read the last number before either writes."""
    lot = make_lot()
    both_have_read = Barrier(2, timeout=30)

    def number_by_largest(drafts, **_how):
        [draft] = drafts
        last = Document.objects.filter(operator=draft.operator).count()
        both_have_read.wait()
        issued = Document.objects.create(
            operator_id=draft.operator, lot_id=draft.lot, kind="R", year=2026, sequence=last + 1, number=f"R-{last}",
            token=os.urandom(8).hex(), currency="CHF", total_amount=900, tax_amount=0, issued_at=AT, content={}, hash="",
        )  # fmt: skip
        return [(issued, draft)]

    monkeypatch.setattr("billing.documents.issuing.number_drafts", number_by_largest)
    payments = [pay(lot), pay(lot)]

    results = at_once([lambda one=one: issue_receipts([one], at=LATER) for one in payments])

    assert "document_number_once" in "".join(str(result) for result in results if isinstance(result, Exception))


def test_a_payment_asked_for_by_many_pages_at_once_has_one_receipt():
    payment = pay(make_lot())

    issued = at_once([lambda: issue_receipts([payment], at=LATER) for _ in range(8)])

    assert Counter(map(len, issued)) == {1: 1, 0: 7}
    assert numbers_of(payment.charge.lot) == [1]


def test_parts_of_a_charge_documented_at_once_tax_as_much_as_the_whole():
    charge = make_charge(make_lot(), 900, at=AT)
    Charge.objects.update(tax_percent="8.1")
    parts = [
        take_payment(charge=charge, method="terminal", amount=part, idempotency_key=str(part), at=AT)
        for part in (1, 32, 133, 234, 500)
    ]

    at_once([lambda one=one: issue_receipts([one], at=LATER) for one in parts])

    assert sum(Document.objects.values_list("tax_amount", flat=True)) == 67


def test_refunds_of_a_payment_documented_at_once_mirror_its_receipt():
    payment = pay(make_lot())
    Charge.objects.update(tax_percent="8.1")
    issue_receipts([payment], at=LATER)
    refunds = [
        refund_payment(payment=payment, amount=part, reason="x", idempotency_key=str(part), at=AT, goodwill=True)
        for part in (1, 32, 133, 234, 500)
    ]

    at_once([lambda one=one: issue_credit_notes([one], at=LATER) for one in refunds])

    assert sum(Document.objects.values_list("total_amount", flat=True)) == 0
    assert sum(Document.objects.values_list("tax_amount", flat=True)) == 0
    assert numbers_of(payment.charge.lot, "C") == [1, 2, 3, 4, 5]
    assert broken() == []


ISSUER = """
import os, random, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import datetime as dt
from django.db import transaction
from billing.documents.issuing import issue_receipts
from billing.models import Payment
keys, at = [int(key) for key in sys.stdin.read().split()], dt.datetime.fromisoformat(sys.argv[2])
for key in keys:
    with transaction.atomic():
        issue_receipts([Payment(pk=key)], at=at)
        if random.random() < 0.2:
            transaction.set_rollback(True)
"""


def prove_numbers(issuers: int, documents: int, *, kills: int) -> None:
    """Let processes issue, roll back a fifth and be killed; then the worker issues the rest."""
    lot = make_lot()
    keys = paid_at(lot, issuers * documents)
    name = connection.settings_dict["NAME"]
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    processes = []
    for number in range(issuers):
        process = subprocess.Popen(
            [sys.executable, "-c", ISSUER, name, LATER.isoformat()], stdin=subprocess.PIPE, env=environment, text=True
        )
        assert process.stdin is not None
        process.stdin.write(" ".join(map(str, keys[number::issuers])))
        process.stdin.close()
        processes.append(process)
    chosen = random.Random(13)
    victims = chosen.sample(processes, kills)
    while not Document.objects.exists():
        time.sleep(0.05)
    for victim in victims:
        time.sleep(chosen.random() * 0.3)
        victim.send_signal(signal.SIGKILL)
    codes = [process.wait(timeout=3600) for process in processes]

    # No issuer saw an error or had to try again, except those that were killed.
    assert {code for process, code in zip(processes, codes, strict=True) if process not in victims} == {0}
    assert {codes[processes.index(victim)] for victim in victims} <= {0, -signal.SIGKILL}
    by_issuers = Document.objects.count()
    assert by_issuers < len(keys)
    while issue_due(at=LATER):
        pass
    assert numbers_of(lot) == list(range(1, len(keys) + 1))
    assert DocumentCounter.objects.get().last_number == len(keys)
    assert Payment.objects.filter(receipt=None).count() == 0
    assert broken() == []


def test_numbers_have_no_gaps_when_issuers_roll_back_and_are_killed():
    prove_numbers(4, 40, kills=1)


@pytest.mark.proof
def test_numbers_have_no_gaps_with_50_issuers_of_2000_documents():
    prove_numbers(50, int(os.environ.get("DOCUMENTS_EACH", "2000")), kills=10)
