"""Columns of exported rows, and the SQL that writes each as the text of a cell.

PostgreSQL itself writes the cells, so that a million rows take seconds and no memory of ours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Expression, F, TextField, Value
from django.db.models.expressions import Combinable
from django.utils.functional import Promise

from common.money import EXPONENTS, USUAL_EXPONENT
from common.sealing import unseal

FORMULA = "=+-@\t\r\n＝＋－＠"
"""Spreadsheets run a text that begins with one of these; also the wide forms, which some of them take for the same."""
_UTC = Value("UTC")


class CellType(StrEnum):
    """How a value becomes the text of a cell, and whether a spreadsheet may read it as a number."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    AMOUNT = "amount"
    INSTANT = "instant"
    SEALED = "sealed"

    @property
    def is_number(self) -> bool:
        """Return whether the cells are numbers."""
        return self in {CellType.NUMBER, CellType.AMOUNT}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its `name` in the API, its `label` in words, and the `value` of a row.

    `of` is the currency of an amount, or the timezone of an instant.
    """

    name: str
    label: str | Promise
    value: Combinable
    cell_type: CellType = CellType.CODE
    of: Combinable = _UTC

    @property
    def cell(self) -> "Cell":
        """Return the expression of a cell's text; null for no value."""
        return Cell(self.cell_type, self.value, self.of)


def text(name: str, label: str | Promise, value: str | Combinable) -> Column:
    """Return a column of what people wrote: nothing in it is ever run as a formula."""
    return Column(name, label, _at(value), CellType.TEXT)


def sealed(name: str, label: str | Promise, value: str | Combinable) -> Column:
    """Return a column of what people wrote and the database keeps sealed: opened as the file is written."""
    return Column(name, label, _at(value), CellType.SEALED)


def opened(stored: str | None) -> str | None:
    """Return the cell of a sealed text. Raises SealBrokenError."""
    return stored and without_formula(unseal(stored))


def without_formula(text: str) -> str:
    """Return a text as no spreadsheet runs it; the cells of `text` are written the same way by SQL."""
    return f"'{text}" if text.startswith(tuple(FORMULA)) and not _SIGNED.fullmatch(text) else text


def code(name: str, label: str | Promise, value: str | Combinable) -> Column:
    """Return a column of words, days or yes and no that only the product writes."""
    return Column(name, label, _at(value))


def number(name: str, label: str | Promise, value: str | Combinable) -> Column:
    """Return a column of numbers."""
    return Column(name, label, _at(value), CellType.NUMBER)


def amount(name: str, label: str | Promise, value: str | Combinable, currency: str) -> Column:
    """Return a column of minor units, written as decimals of their currency."""
    return Column(name, label, _at(value), CellType.AMOUNT, F(currency))


def instant(name: str, label: str | Promise, value: str | Combinable, zone: str | Combinable = _UTC) -> Column:
    """Return a column of instants, written as RFC 3339 with the offset of the zone."""
    return Column(name, label, _at(value), CellType.INSTANT, _at(zone))


class Cell(Expression):
    """The text of a cell in SQL."""

    output_field = TextField(null=True)

    def __init__(self, cell_type: CellType, value: Any, of: Any) -> None:
        """Take the value, and the currency or timezone that it is of."""
        super().__init__(output_field=TextField(null=True))
        self.cell_type, self.value, self.of = cell_type, value, of

    def get_source_expressions(self) -> list[Any]:
        """Return the parts that Django resolves."""
        return [self.value, self.of]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Take the resolved parts."""
        self.value, self.of = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002 - Django's call
        """Return the SQL; parts that occur more than once bring their parameters as often."""
        parts = {"value": compiler.compile(self.value), "of": compiler.compile(self.of)}
        written, parameters = "", ()
        for part in _PARTS.split(_TEMPLATES[self.cell_type]):
            sql, given = parts.get(part, (part, ()))
            written += sql
            parameters += tuple(given)
        return written, parameters


def _at(value: str | Combinable) -> Combinable:
    return F(value) if isinstance(value, str) else value


def _codes(exponent: int) -> str:
    return ", ".join(f"'{currency}'" for currency, known in sorted(EXPONENTS.items()) if known == exponent)


def _decimals() -> str:
    """Return how an amount is written by the decimals of its currency: multiplied as exact numbers."""
    unusual = sorted({*EXPONENTS.values()})
    cases = "".join(
        f"WHEN <of> IN ({_codes(exponent)}) THEN (<value> * {_minor(exponent)})::text " for exponent in unusual
    )
    return f"CASE {cases}ELSE (<value> * {_minor(USUAL_EXPONENT)})::text END"


def _minor(exponent: int) -> str:
    return f"{Decimal(1).scaleb(-exponent):f}"


def _offset() -> str:
    """Return how the offset of a zone is written: whole hours are found fast, as most are, others are worked out."""
    offset = "((<value> AT TIME ZONE <of>) - (<value> AT TIME ZONE 'UTC'))"
    hours = sorted(range(-12, 15), key=abs)
    whole = "".join(f"WHEN interval '{hour} hours' THEN '{hour:+03d}:00' " for hour in hours)
    other = f"CASE WHEN {offset} < interval '0' THEN '-' || to_char(-{offset}, 'HH24:MI') "
    return f"CASE {offset} {whole}ELSE {other}ELSE '+' || to_char({offset}, 'HH24:MI') END END"


_PARTS = re.compile("<(value|of)>")
_SIGNED = re.compile("[+-][0-9]+([.][0-9]+)?")
"""A number with a sign is harmless, and stays one."""
_FIRST = ", ".join(f"chr({ord(character)})" for character in FORMULA)
_LOCAL = "(<value> AT TIME ZONE <of>)"
_TEMPLATES = {
    CellType.CODE: "(<value>)::text",
    CellType.NUMBER: "(<value>)::text",
    CellType.SEALED: "(<value>)::text",
    CellType.AMOUNT: _decimals(),
    CellType.TEXT: f"CASE WHEN left(<value>, 1) IN ({_FIRST}) AND <value> !~ '^{_SIGNED.pattern}$' "
    "THEN chr(39) || <value> ELSE <value> END",
    CellType.INSTANT: f"""to_char({_LOCAL}, 'YYYY-MM-DD"T"HH24:MI:SS') || {_offset()}""",
}
