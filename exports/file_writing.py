"""Writes rows as CSV or XLSX, in memory that does not grow with them."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from exports.columns import Column
from exports.models import Export, FileFormat
from exports.row_source import copied_rows, read_rows

BOM = b"\xef\xbb\xbf"
"""By which spreadsheets recognise UTF-8."""
NOTED_EVERY = 1000
SENT_AT_ONCE = 65_536
ROWS_OF_A_SHEET = 1_048_575
"""What a sheet can hold below its head."""
_WIDTH = 18
Note = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RowsToWrite:
    """Rows with the columns and the head of their file."""

    rows: QuerySet[Any]
    columns: tuple[Column, ...]
    head: list[str]


def write_file(path: Path, export: Export, what: RowsToWrite, source: BaseDatabaseWrapper, note: Note) -> int:
    """Write the file of an export; return how many rows it has. `note` is called with how many are written so far."""
    if export.file_format == FileFormat.XLSX:
        return _write_xlsx(path, what, source, note)
    return _write_csv(path, export, what, source, note)


def head_of(columns: Iterable[Column], *, words: bool) -> list[str]:
    """Return the first line: the names of the API, or words in the active language."""
    return [str(column.label) if words else column.name for column in columns]


def _write_csv(path: Path, export: Export, what: RowsToWrite, source: BaseDatabaseWrapper, note: Note) -> int:
    with path.open("w", encoding="utf-8", newline="") as head:
        csv.writer(head, delimiter=export.delimiter, lineterminator="\n").writerow(what.head)
    with path.open("r+b") as file:
        if export.bom:
            head_line = file.read()
            file.seek(0)
            file.write(BOM + head_line)
        file.seek(0, 2)
        written = 0
        for written, line in enumerate(copied_rows(source, what.rows, what.columns, export.delimiter), start=1):
            file.write(line)
            if written % NOTED_EVERY == 0:
                note(written)
    return written


def _write_xlsx(path: Path, what: RowsToWrite, source: BaseDatabaseWrapper, note: Note) -> int:
    from xlsxwriter import Workbook  # few processes need it

    options = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_urls": False}
    book = Workbook(str(path), options)
    bold, decimals = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00##"})
    numbers = [column.cell_type.is_number for column in what.columns]
    rows, written = read_rows(source, what.rows, what.columns), 0
    while not written or written % ROWS_OF_A_SHEET == 0:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(numbers) - 1, _WIDTH)
        sheet.write_row(0, 0, what.head, bold)
        added = 0
        for added, row in enumerate(islice(rows, ROWS_OF_A_SHEET), start=1):
            _write_row(sheet, added, row, numbers, decimals)
            if added % NOTED_EVERY == 0:
                note(written + added)
        written += added
        if not added:
            break
    book.close()
    return written


def _write_row(sheet: Any, place: int, row: tuple[str | None, ...], numbers: list[bool], decimals: Any) -> None:
    for column, value in enumerate(row):
        if value is None:
            continue
        if numbers[column]:
            sheet.write_number(place, column, float(value), decimals if "." in value else None)
        else:
            # A string is never run as a formula.
            sheet.write_string(place, column, value)


def lines_of_csv(columns: tuple[Column, ...], rows: QuerySet[Any], source: BaseDatabaseWrapper) -> Iterator[bytes]:
    """Yield a file some rows at a time, for one that is sent while it is read; nothing else may use the connection."""
    part = bytearray((",".join(head_of(columns, words=False)) + "\n").encode())
    for line in copied_rows(source, rows, columns, ","):
        part += line
        if len(part) > SENT_AT_ONCE:
            yield bytes(part)
            part.clear()
    yield bytes(part)
