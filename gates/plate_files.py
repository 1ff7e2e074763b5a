"""Files of blocked plates and permits, written and read in one form, so that a file saved here changes nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import BlockedPlate, Permit, PermitKind
from common.csv_rows import FileRow, FileShape, day_problem
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from common.regions import LONGEST_KEY
from exports.columns import FORMULA

BETWEEN = "/"
"""Stands between the short names of several lots."""
MOST_ROWS = 10_000
MARKED = "'"
"""Stands before a text that a spreadsheet would calculate, and is taken off again."""


def _block_problem(row: FileRow) -> str:
    return day_problem(row, "last_day", needed=False) or ("" if row["reason"] else _("reason: say why."))


def _permit_problem(row: FileRow) -> str:
    if row["kind"] not in PermitKind.values:
        return _("kind: give one of %(kinds)s.") % {"kinds": ", ".join(PermitKind.values)}
    return day_problem(row, "valid_from", needed=True) or day_problem(row, "valid_until", needed=False)


BLOCK_FILE = FileShape(
    longest={
        "plate": MAX_RAW_LENGTH + 1,
        "region": LONGEST_KEY,
        "reason": LONGEST_NOTE + 1,
        "last_day": 10,
        "lots": 6_000,
    },
    needed=("plate", "reason"),
    most=MOST_ROWS,
    problem=_block_problem,
)
PERMIT_FILE = FileShape(
    longest={"kind": 10, "plate": MAX_RAW_LENGTH + 1, "number": 41, "valid_from": 10, "valid_until": 10},
    needed=("kind", "plate", "valid_from"),
    most=MOST_ROWS,
    problem=_permit_problem,
)


def block_lines(blocks: QuerySet[BlockedPlate], slugs: Mapping[int, str]) -> Iterator[list[str]]:
    """Yield the lines of a file of blocked plates, the names of its columns first; `slugs` are those of lots."""
    yield list(BLOCK_FILE.columns)
    for block in blocks.iterator(2_000):
        lots = [slugs[key] for key in block.lot_ids or () if key in slugs]
        last_day = block.last_day.isoformat() if block.last_day else ""
        yield [marked(block.plate), block.region, marked(block.reason), last_day, BETWEEN.join(sorted(lots))]


def permit_lines(permits: QuerySet[Permit]) -> Iterator[list[str]]:
    """Yield the lines of a file of permits, the names of its columns first; of those alike the one that ends last."""
    yield list(PERMIT_FILE.columns)
    alike = ("plate_normalised", "kind", "number", "valid_from")
    last = permits.order_by(*alike, F("valid_until").desc(nulls_first=True), "-pk").distinct(*alike)
    for one in last.iterator(2_000):
        until = one.valid_until.isoformat() if one.valid_until else ""
        yield [one.kind, marked(one.plate), marked(one.number), one.valid_from.isoformat(), until]


def marked(text: str) -> str:
    """Return a text as a spreadsheet leaves it alone."""
    return f"{MARKED}{text}" if text.startswith((*FORMULA, MARKED)) else text


def unmarked(text: Any) -> str:
    """Return the text that was marked."""
    return str(text).removeprefix(MARKED)
