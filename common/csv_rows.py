"""Read rows of a CSV file that people made: comma or semicolon, with the names of its columns in the first line."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InvalidValueError
from common.plates import is_text
from common.time import FIRST_YEAR, LAST_YEAR

FileRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileShape:
    """What a file may have: the `longest` text of each column, the columns that are `needed`, and rows at `most`.

    `problem` returns what else is wrong with a row as it stands, empty when nothing is.
    """

    longest: Mapping[str, int]
    needed: tuple[str, ...]
    most: int
    problem: Callable[[FileRow], str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(self.longest)


def read_rows(content: bytes, shape: FileShape) -> list[FileRow]:
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
        _check_names(names, shape)
        rows = list(_rows(reader, names, shape))
    except csv.Error as error:
        message = _("Line %(line)s can't be read: %(why)s.") % {"line": reader.line_num, "why": error}
        raise InvalidValueError(message, path="file") from error
    if not rows:
        raise InvalidValueError(_("The file has no row below its first line."), path="file")
    return rows


def day_problem(row: FileRow, name: str, *, needed: bool) -> str:
    """Return what is wrong with a day in a row; one that is not `needed` may be empty."""
    text = row[name]
    if not text and not needed:
        return ""
    try:
        is_day = FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        is_day = False
    return "" if is_day else _("%(column)s: give a day such as 2026-03-01.") % {"column": name}


def _check_names(names: list[str], shape: FileShape) -> None:
    unknown = [name for name in names if name not in shape.longest]
    missing = [name for name in shape.needed if name not in names]
    for found, message in (
        (unknown, _("These columns are not known: %(names)s.")),
        (missing, _("These columns are missing: %(names)s.")),
    ):
        if found:
            raise InvalidValueError(message % {"names": ", ".join(found)[:200]}, path="file")
    if len(set(names)) < len(names):
        raise InvalidValueError(_("A column is there twice."), path="file")


def _rows(reader: Any, names: list[str], shape: FileShape) -> Iterator[FileRow]:
    count = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > shape.most:
            raise InvalidValueError(
                _("A file has at most %(most)s rows. Split it.") % {"most": shape.most}, path="file"
            )
        row: FileRow = {"line": reader.line_num} | dict.fromkeys(shape.longest, "")
        row |= {name: cell.strip()[: shape.longest[name]] for name, cell in zip(names, cells, strict=False)}
        if error := _problem(row, cells, names, shape):
            row = {name: value if is_text(str(value)) else "" for name, value in row.items()} | {"error": error}
        yield row


def _problem(row: FileRow, cells: list[str], names: list[str], shape: FileShape) -> str:
    """Return what is wrong with a row as it stands; empty when nothing is."""
    if len(cells) != len(names):
        return _("This row has %(found)s columns instead of %(named)s.") % {"found": len(cells), "named": len(names)}
    for name, cell in zip(names, cells, strict=True):
        if len(cell.strip()) > shape.longest[name] or not is_text(cell):
            return _("%(column)s is too long, or can't be read.") % {"column": name}
    return shape.problem(row)
