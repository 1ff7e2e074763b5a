"""Read a file of pass holders: comma or semicolon separated, with the names of its columns in the first line."""

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InvalidValueError
from common.notes import LONGEST_NOTE
from common.plates import is_text
from common.time import FIRST_YEAR, LAST_YEAR

MOST_ROWS = 5_000
MOST_SPACES = 10_000
LONGEST = {
    "name": 120,
    "email": 254,
    "company": 120,
    "plates": 2_000,
    "valid_from": 10,
    "valid_until": 10,
    "spaces": 5,
    "note": LONGEST_NOTE,
}
COLUMNS = tuple(LONGEST)
NEEDED = ("plates", "valid_from")


def read_holders(content: bytes) -> list[dict[str, Any]]:
    """Return the rows of a file, each with its `line` and where it can't be read with its `error`.

    Raises InvalidValueError for a file that is none: not UTF-8, without the needed columns, empty or too long.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValueError(_("The file is not in UTF-8. Save it as “CSV UTF-8”."), path="file") from error
    head = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_names(names)
        rows = list(_rows(reader, names))
    except csv.Error as error:
        message = _("Line %(line)s can't be read: %(why)s.") % {"line": reader.line_num, "why": error}
        raise InvalidValueError(message, path="file") from error
    if not rows:
        raise InvalidValueError(_("The file has no row below its first line."), path="file")
    return rows


def _check_names(names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    for found, message in (
        (unknown, _("These columns are not known: %(names)s.")),
        (missing, _("These columns are missing: %(names)s.")),
    ):
        if found:
            raise InvalidValueError(message % {"names": ", ".join(found)[:200]}, path="file")
    if len(set(names)) < len(names):
        raise InvalidValueError(_("A column is there twice."), path="file")


def _rows(reader: Any, names: list[str]) -> Iterator[dict[str, Any]]:
    count = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise InvalidValueError(_("A file has at most %(most)s rows. Split it.") % {"most": MOST_ROWS}, path="file")
        row: dict[str, Any] = {"line": reader.line_num} | dict.fromkeys(COLUMNS, "")
        row |= {name: cell.strip()[: LONGEST[name]] for name, cell in zip(names, cells, strict=False)}
        if error := _problem(row, cells, names):
            row = {name: value if is_text(str(value)) else "" for name, value in row.items()} | {"error": error}
        yield row


def _problem(row: dict[str, Any], cells: list[str], names: list[str]) -> str:
    """Return what is wrong with a row as it stands; empty when nothing is."""
    if len(cells) != len(names):
        return _("This row has %(found)s columns instead of %(named)s.") % {"found": len(cells), "named": len(names)}
    for name, cell in zip(names, cells, strict=True):
        if len(cell.strip()) > LONGEST[name] or not is_text(cell):
            return _("%(column)s is too long, or can't be read.") % {"column": name}
    for name in ("valid_from", "valid_until"):
        if (row[name] or name in NEEDED) and not _is_day(row[name]):
            return _("%(column)s: give a day such as 2026-03-01.") % {"column": name}
    spaces = row["spaces"] or "1"
    if not (spaces.isascii() and spaces.isdecimal() and 0 < int(spaces) <= MOST_SPACES):
        return _("spaces: give a number from 1 to 10,000.")
    if not (row["name"] or row["email"] or row["company"]):
        return _("Nobody has it: give a company, a name or an email address.")
    return ""


def _is_day(text: str) -> bool:
    try:
        return FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False
