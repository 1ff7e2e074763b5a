"""Asks for exports and writes them, as a worker does."""

import csv
import io
from typing import Any

from django.utils.timezone import now

from accounts.models import User
from exports.file_store import store
from exports.models import Export
from exports.services import ExportOrder, ask_export, run_exports


def asked(owner: User, kind: str = "stays", whose: str = "lots", **more: Any) -> Export:
    """Ask for an export."""
    return ask_export(owner=owner, order=ExportOrder(kind, whose, **more), at=now())


def written(owner: User, kind: str = "stays", whose: str = "lots", **more: Any) -> Export:
    """Ask for an export and write it."""
    export = asked(owner, kind, whose, **more)
    run_exports(clock=now)
    export.refresh_from_db()
    return export


def content(export: Export) -> bytes:
    """Return the file."""
    with store().open(export.file) as file:
        return file.read()


def rows(export: Export) -> list[dict[str, str]]:
    """Return the rows of a CSV file by the names of their columns."""
    text = content(export).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=export.delimiter))
