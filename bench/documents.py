"""Measures receipts a second of several processes, one durable transaction each, for one operator.

The ceiling is what the lock of the counter allows: the same processes raise one counter in durable transactions and do
nothing else. Run as `python -m bench.documents [--processes N] [--documents N]`; prints one JSON line.
"""

import argparse
import datetime as dt
import json
import time
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from uuid import uuid4

import django

from bench.box import running_servers

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
LINES = [{"label": "Hourly: 08:15–11:15 · 3 × 60 min", "amount": 900}]


def write_payments(count: int) -> list[int]:
    """Write captured payments of stays in bulk, as lanes leave them, and return their keys."""
    from accounts.models import Operator
    from billing.models import Charge, Payment
    from lots.models import Lot

    operator = Operator.objects.create(slug="bench", name="Bench", currency="CHF")
    lot = Lot.objects.create(operator=operator, slug="bench", name="Bench", timezone="Europe/Zurich", currency="CHF")
    money = {"due_amount": 900, "tax_percent": "8.1", "currency": "CHF", "label": "Stay", "lines": LINES}
    charges = Charge.objects.bulk_create(
        [Charge(lot=lot, created_at=AT, assessed_at=AT, **money) for _ in range(count)], batch_size=1000
    )
    paid = {"method": "cash", "state": "captured", "amount": 900, "captured_amount": 900}
    payments = Payment.objects.bulk_create(
        [
            Payment(charge=charge, idempotency_key=str(uuid4()), created_at=AT, finished_at=AT, **paid)
            for charge in charges
        ],
        batch_size=1000,
    )
    return [payment.pk for payment in payments]


def issue(keys: list[int], start: Barrier) -> None:
    """Issue a receipt for each payment, one transaction each."""
    django.setup()
    from billing.documents.issuing import issue_receipts
    from billing.models import Payment

    Payment.objects.exists()
    start.wait()
    for key in keys:
        issue_receipts([Payment(pk=key)], at=AT)


def count_up(keys: list[int], start: Barrier) -> None:
    """Raise one counter as often, one transaction each."""
    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        start.wait()
        for _key in keys:
            cursor.execute("UPDATE billing_documentcounter SET last_number = last_number + 1 WHERE kind = 'C'")


def rate(work: object, keys: list[int], processes: int) -> float:
    """Return how many of the keys all processes together work off in a second."""
    context = get_context("spawn")
    start = context.Barrier(processes + 1)
    workers = [
        context.Process(target=work, args=(keys[number::processes], start))  # type: ignore[arg-type]
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    start.wait()
    started = time.perf_counter()
    for worker in workers:
        worker.join()
    return len(keys) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--documents", type=int, default=2000)
    wanted = parser.parse_args()
    with running_servers():
        from accounts.models import Operator
        from billing.models import Document, DocumentCounter

        keys = write_payments(wanted.documents)
        DocumentCounter.objects.create(operator=Operator.objects.get(), kind="C", year=2026)
        ceiling = rate(count_up, keys, wanted.processes)
        documents = rate(issue, keys, wanted.processes)
        numbers = list(Document.objects.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == list(range(1, len(keys) + 1))
    result = {"documents_per_second": documents, "ceiling_per_second": ceiling, "ratio": documents / ceiling}
    print(json.dumps({name: round(value, 3) for name, value in result.items()} | vars(wanted)))


if __name__ == "__main__":
    main()
