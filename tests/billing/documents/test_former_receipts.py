"""Receipts of the former kind become documents and keep their number in them."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("billing", "0005_saved_methods"), ("accounts", "0004_operator_on_documents")]
AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.proof
def test_former_receipts_are_moved_with_their_numbers_and_pass_every_proof():
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    try:
        lots = [leaf for leaf in latest if leaf[0] == "lots"]
        write_receipts(executor.loader.project_state([*BEFORE, *lots]).apps)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)

    from billing.models import Document, Payment
    from tests.invariants import broken

    documents = list(Document.objects.order_by("pk"))
    assert [one.number for one in documents] == ["R-2025-000001", "R-2026-000001", "R-2026-000002"]
    assert [one.content["former_number"] for one in documents] == ["000001", "000002", "000003"]
    assert (documents[1].total_amount, documents[1].tax_amount) == (900, 67)
    assert not Payment.objects.filter(receipt=None).exists()
    assert broken() == []


def write_receipts(apps):
    models = {name: apps.get_model("billing", name) for name in ("Charge", "Payment", "Receipt", "ReceiptSequence")}
    operator = apps.get_model("accounts", "Operator").objects.create(slug="acme", name="Acme", currency="CHF")
    lot = apps.get_model("lots", "Lot").objects.create(
        operator=operator, slug="central", name="Central", timezone="Europe/Zurich", currency="CHF"
    )
    for number, at in enumerate((AT - dt.timedelta(days=100), AT, AT), 1):
        charge = models["Charge"].objects.create(
            lot=lot, label="Stay", currency="CHF", due_amount=900, tax_percent="8.1", created_at=at, assessed_at=at,
            settled_at=at, lines=[{"label": "Hourly", "amount": 900}],
        )  # fmt: skip
        payment = models["Payment"].objects.create(
            charge=charge, method="cash", state="captured", amount=900, captured_amount=900, idempotency_key=str(number),
            created_at=at, finished_at=at,
        )  # fmt: skip
        models["Receipt"].objects.create(operator=operator, number=number, payment=payment, issued_at=at)
    models["ReceiptSequence"].objects.create(operator=operator, last_number=3)
