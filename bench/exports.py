"""Measures writing a million stays as CSV against plain COPY, and 200,000 as XLSX.

Run as `python -m bench.exports [--stays N] [--sheet N] [--rounds N]`; prints one JSON line. The ceiling is PostgreSQL's
COPY of the same rows and columns, as they are stored, into a file, in turns with the export; `ratio` is the rows a
second of the export divided by those of the COPY, the median of the pairs. Each export runs in a process of its own,
as in a worker; `rss_mib` is the most that this held, `mib_grown` by how much more that was than before it began.
"""

import argparse
import json
import statistics
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import django
from django.utils.timezone import now

from bench.box import machine, running_servers
from bench.comparing import make_month


def ask(admin: int, asked: str, file_format: str) -> int:
    """Ask for an export and return its key."""
    from accounts.models import User
    from exports.services import ExportOrder, ask_export

    order = ExportOrder("stays", "lots", asked=asked, file_format=file_format)
    return ask_export(owner=User.objects.get(pk=admin), order=order, at=now()).pk


def write(told: Connection) -> None:
    """Write what is asked for, as a worker does; tell the seconds and the MiB of this process before and at most."""
    django.setup()
    from exports.services import run_exports

    before, began = _resident(), time.perf_counter()
    assert run_exports(clock=now) == 1
    told.send((time.perf_counter() - began, before, _resident()))


def exported(admin: int, asked: str, file_format: str) -> tuple[Any, tuple[float, float, float]]:
    """Write an export in a process of its own; return it and what that told."""
    from exports.models import Export

    pk = ask(admin, asked, file_format)
    receiver, sender = get_context("spawn").Pipe(duplex=False)
    child = get_context("spawn").Process(target=write, args=(sender,))
    child.start()
    sender.close()
    measured = receiver.recv()
    child.join()
    export = Export.objects.get(pk=pk)
    assert export.state == "ready", export.failure
    return export, measured


def copied(path: Path, admin: int, asked: str) -> float:
    """COPY the same rows as they are stored into a file; return the seconds."""
    from accounts.models import User
    from exports.export_kinds import kind_named
    from exports.row_source import source_connection

    kind = kind_named("stays", "lots")
    raw = {f"raw_{place}": column.value for place, column in enumerate(kind.columns)}
    rows = kind.rows_for(User.objects.get(pk=admin), asked).annotate(**raw).values_list(*raw)
    with source_connection() as source:
        sql, parameters = rows.query.get_compiler(connection=source).as_sql()
        began = time.perf_counter()
        statement = f"COPY ({sql}) TO STDOUT (FORMAT csv)"
        with path.open("wb") as file, source.cursor() as cursor, cursor.copy(statement, parameters) as copy:
            for line in copy:
                file.write(line)
        return time.perf_counter() - began


def make_admin() -> int:
    from accounts.models import Operator
    from accounts.people import set_up_person

    slug = Operator.objects.get().slug
    return set_up_person(email="admin@bench.example", role="admin", operator=slug).pk


def _resident() -> float:
    """Return the most that this process has held since it began, which `getrusage` mixes with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stays", type=int, default=1_000_000)
    parser.add_argument("--sheet", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    pairs, grown, most = [], [], []
    with running_servers() as folder:
        make_month(options.stays)
        admin = make_admin()
        for _ in range(options.rounds):
            bare = copied(folder / "bare.csv", admin, "")
            export, (seconds, before, held) = exported(admin, "", "csv")
            assert export.rows == options.stays
            pairs.append((bare, seconds))
            grown.append(held - before)
            most.append(held)
        # The stays of the last days, the newest of which have the smallest numbers.
        from tickets.models import Ticket

        since = Ticket.objects.order_by("-entry_at")[min(options.sheet, options.stays) - 1].entry_at
        sheet, (sheet_seconds, sheet_before, sheet_held) = exported(admin, f"from={since:%Y-%m-%dT%H:%M:%SZ}", "xlsx")
    bare, seconds = (statistics.median(values) for values in zip(*pairs, strict=True))
    found = {
        "rows": options.stays,
        "seconds": round(seconds, 2),
        "rows_per_second": round(options.stays / seconds),
        "copy_seconds": round(bare, 2),
        "ratio": round(statistics.median(bare / ours for bare, ours in pairs), 3),
        "rss_mib": round(max(most), 1),
        "mib_grown": round(max(grown), 1),
        "xlsx_rows": sheet.rows,
        "xlsx_seconds": round(sheet_seconds, 1),
        "xlsx_rss_mib": round(sheet_held, 1),
        "xlsx_mib_grown": round(sheet_held - sheet_before, 1),
    }
    print(json.dumps({"bench": "exports", **found, **machine()}))


if __name__ == "__main__":
    main()
