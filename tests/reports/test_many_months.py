"""Planning the monthly reports of very many drivers: in minutes, in as many queries a batch, in constant memory."""

import datetime as dt
import os
import resource
import sys
from itertools import count
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.documents.worker import issue_due
from billing.models import Charge, Document, Payment
from billing.services import take_payment
from notifications.models import Message
from reports import occasions
from reports.driver_month_mail import DRIVER_MONTH
from reports.models import Run, RunState
from reports.monthly_reports import MONTHLY_REPORTS
from reports.services import notice_due, work_batch
from tests.factories import make_charge, make_lot, make_proof, make_ticket
from tests.reports.plans import people
from tickets.models import StayProof, Ticket

pytestmark = pytest.mark.django_db

DRIVERS = int(os.environ.get("MONTH_DRIVERS", "100000"))
STAYS = 4
"""Of each driver: two in the month, two in the one before."""
ZONE, MONTH = "Europe/Zurich", dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
AT = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
FIRST = 1_000_000
MOST_SECONDS, MOST_MIB, MOST_QUERIES = 600, 60, 16


def copy(row: Any, times: int, **fields: str) -> None:
    """Copy a row so many times; `fields` are SQL of the copy's number, which is its key as well."""
    meta = row._meta
    columns = [field.column for field in meta.concrete_fields if not field.generated]
    fields = {"id": f"{FIRST} + n"} | fields
    values = ", ".join(fields.get(column, f"one.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(columns)}) SELECT {values} "  # noqa: S608 only our own text
            f"FROM {meta.db_table} one CROSS JOIN generate_series(1, %s) n WHERE one.id = %s",
            [times, row.pk],
        )


def fill(drivers: int) -> None:
    """Let each of so many drivers have parked, paid and got a receipt four times."""
    lot, [first, *_] = make_lot(spots={"regular": 1}), people(ZONE, drivers)
    out = MONTH + dt.timedelta(hours=6)
    charge = make_charge(lot, 600, at=out, tax_percent="8.1")
    take_payment(charge=charge, amount=None, idempotency_key="first", at=out, method="card", token="tok_ok")
    issue_due(at=AT)
    payment, document = Payment.objects.get(), Document.objects.get()
    stay = {"exit_at": out, "status": "closed", "closed_reason": "paid"}
    ticket = make_ticket(lot, "ZH 1", out - dt.timedelta(hours=1), charge=charge, **stay)
    proof, number = make_proof(ticket, first), drivers * STAYS
    ago = f"make_interval(days => (n %% {STAYS} / {STAYS // 2}) * 20)"
    copy(Charge.objects.get(), number, captured_amount="0", settled_at="NULL")
    copy(document, number, sequence="n + 1", number="'R-' || n", token="'t' || n")
    copy(
        payment, number, charge_id=f"{FIRST} + n", receipt_id=f"{FIRST} + n", idempotency_key="'copy' || n",
        provider_reference="'copy' || n", fingerprint="''",
    )  # fmt: skip
    copy(
        ticket, number, number="'T' || n", token="'t' || n", charge_id=f"{FIRST} + n",
        exit_at=f"one.exit_at - {ago}", entry_at=f"one.entry_at - {ago}",
    )  # fmt: skip
    copy(proof, number, ticket_id=f"{FIRST} + n", driver_id=f"{first.pk} + (n - 1) / {STAYS}")
    StayProof.objects.filter(pk=proof.pk).delete()
    Ticket.objects.filter(pk=ticket.pk).update(charge=None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("drivers", [600, pytest.param(DRIVERS, marks=pytest.mark.proof)])
def test_reports_of_everybody_are_planned_in_minutes_and_constant_memory(drivers, monkeypatch):
    monkeypatch.setattr(occasions, "_planned", {MONTHLY_REPORTS: occasions._planned[MONTHLY_REPORTS]})
    fill(drivers)
    notice_due(at=AT)
    before, began, most = 0.0, monotonic(), 0
    for batches in count():  # noqa: B007 - told afterwards
        with CaptureQueriesContext(connection) as asked:
            looked_at = work_batch(at=AT)
        if looked_at is None:
            break
        most = max(most, len(asked))
        before = before or memory()
    seconds, grown = monotonic() - began, memory() - before
    run = Run.objects.get()
    assert (run.state, run.told, run.of) == (RunState.DONE, drivers, drivers)
    told = Message.objects.filter(template=DRIVER_MONTH)
    assert told.values("recipient").distinct().count() == told.count() == drivers
    [one] = told.first().context["sums"]
    assert (one["stays"], one["minutes"], one["paid"], one["tax"]) == (2, 120, 1200, 90)
    assert (most <= MOST_QUERIES, seconds < MOST_SECONDS, grown < MOST_MIB) == (True, True, True)
    sys.stdout.write(
        f"{drivers} drivers in {batches} batches: planned in {seconds:.1f} s, {drivers / seconds:.0f} people/s, "
        f"{most} statements a batch at most, {grown:.0f} MiB more at most\n"
    )
