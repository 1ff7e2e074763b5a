"""Files that the demo's people asked for: some are over, and the worker writes the others as soon as it runs."""

from datetime import datetime, timedelta

from exports.models import Export, ExportState, WhoseRows
from exports.services import ExportOrder, ask_export
from traffic.demo.personas import People

KEPT = timedelta(days=7)


def ask_for_files(people: People, *, at: datetime) -> None:
    """Write exports of the past, and ask for some that are written now."""
    last_month = (at.replace(day=1) - timedelta(days=1)).date()
    first = last_month.replace(day=1)
    of_month = f"from={first}&to={last_month}"
    _past(people, "payments", of_month, at - timedelta(days=9), state=ExportState.EXPIRED, rows=1204, size=180_612)
    _past(people, "events", "", at - timedelta(days=3), state=ExportState.CANCELLED, rows=41_000)
    this_month = f"period={at:%Y-%m}"
    orders = (
        (people.admin, ExportOrder("debts", WhoseRows.LOTS, words=True, bom=True, delimiter=";")),
        (people.admin, ExportOrder("revenue", WhoseRows.LOTS, asked=this_month, file_format="xlsx", words=True)),
        (people.driver, ExportOrder("stays", WhoseRows.OWN, words=True)),
    )
    for owner, order in orders:
        ask_export(owner=owner, order=order, at=at)


def _past(people: People, kind: str, asked: str, at: datetime, *, rows: int, **fields: object) -> None:
    finished = at + timedelta(seconds=4)
    done = {"started_at": at, "finished_at": finished, "expires_at": finished + KEPT, "attempt": 1, "total": rows}
    what = {"whose": WhoseRows.LOTS, "kind": kind, "asked": asked, "file_format": "csv", "language": "en"}
    Export.objects.create(owner=people.admin, created_at=at, rows=rows, **what, **done, **fields)
