"""Import blocked plates and permits from a file: each row is tried first; what is there already stays or is changed."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.blocklist import BlockTerms, block_plate, change_block
from accounts.models import BlockedPlate, Operator, Permit, User
from accounts.permits import change_last_day, grant_permit
from common.csv_rows import FileRow, FileShape, read_rows
from common.db.row_imports import Rows, clear_files, run_files
from common.errors import DomainError, InvalidValueError
from common.plates import as_typed, normalise
from common.regions import region_key
from common.translation import translated
from gates.models import PlateFileKind, PlateImport
from gates.plate_files import BETWEEN, BLOCK_FILE, PERMIT_FILE, unmarked
from lots.calendar import operators_day
from lots.models import Lot

AT_ONCE = 500
"""How many rows are written in one transaction."""
ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
SHAPES: Mapping[str, FileShape] = {PlateFileKind.BLOCKS: BLOCK_FILE, PlateFileKind.PERMITS: PERMIT_FILE}


@transaction.atomic
def start_plate_import(*, operator: Operator, kind: str, content: bytes, by: User, at: datetime) -> PlateImport:
    """Keep a file of plates to be checked by a worker. Raises InvalidValueError for a file that can't be read."""
    rows = read_rows(content, SHAPES[kind])
    for row in rows:
        row |= {name: unmarked(row[name]) for name in ("plate", "reason", "number") if name in row}
    _refuse_doubles(rows)
    return PlateImport.objects.create(operator=operator, kind=kind, rows=rows, created_at=at, created_by=by)


def run_plate_imports(*, at: datetime) -> int:
    """Check or carry out the files that wait, the oldest first, and return how many rows were dealt with."""
    return run_files(PlateImport.objects.select_related("operator", "created_by"), _carry_out, at_once=AT_ONCE, at=at)


def clear_plate_imports(*, at: datetime) -> int:
    """Remove the files that were checked or imported long ago, and return how many; what they made stays."""
    return clear_files(PlateImport.objects.all(), at=at)


def _carry_out(found: PlateImport, rows: Rows, at: datetime) -> Rows:
    act = _blocking(found, rows, at) if found.kind == PlateFileKind.BLOCKS else _permitting(found, rows)
    return [_outcome(row, act) for row in rows]


def _outcome(row: FileRow, act: Callable[[FileRow], str]) -> dict[str, Any]:
    if "error" in row:
        return {"line": row["line"], "error": row["error"]}
    try:
        with transaction.atomic():
            return {"line": row["line"], "did": act(row)}
    except DomainError as error:
        return {"line": row["line"], "error": translated(error.message)}


def _blocking(found: PlateImport, rows: Rows, at: datetime) -> Callable[[FileRow], str]:
    """Return what blocks the plate of a row; a query for the blocks that there are of all rows."""
    own = Lot.objects.filter(operator=found.operator_id).values_list("slug", "pk")
    lots = {slug.lower(): key for slug, key in own}
    today = operators_day([found.operator], at)
    plates = {plate for row in rows if (plate := _key(row)[0])}
    standing = BlockedPlate.objects.in_force().filter(operator=found.operator_id, for_debts=False)
    of_rows = standing.filter(plate_normalised__in=plates).exclude(last_day__lt=today)
    known = {(one.plate_normalised, one.region): one for one in of_rows}

    def act(row: FileRow) -> str:
        """Block the plate of a row, or give its block the row's terms."""
        terms = BlockTerms(row["reason"].strip(), _day(row["last_day"]), _lots(row["lots"], lots))
        there = known.get(_key(row))
        if there is None:
            block = block_plate(
                operator=found.operator,
                plate=row["plate"],
                region=row["region"],
                terms=terms,
                today=today,
                at=at,
                by=found.created_by,
            )
            return ADDED if block.blocked_at == at else UNCHANGED
        if all(getattr(there, name) == value for name, value in terms.columns.items()):
            return UNCHANGED
        change_block(blocked=there, terms=terms, today=today)
        return CHANGED

    return act


def _permitting(found: PlateImport, rows: Rows) -> Callable[[FileRow], str]:
    """Return what registers the permit of a row; a query for the permits that there are of all rows."""
    plates = {plate for row in rows if (plate := _key(row)[0])}
    permits = Permit.objects.filter(operator=found.operator_id, plate_normalised__in=plates)
    permits = permits.order_by(F("valid_until").asc(nulls_last=True), "pk")
    known = {(one.plate_normalised, one.kind, one.number, one.valid_from): one for one in permits}

    def act(row: FileRow) -> str:
        """Register the permit of a row, or give it the row's last day."""
        first, last = date.fromisoformat(row["valid_from"]), _day(row["valid_until"])
        there = known.get((_key(row)[0], row["kind"], row["number"], first))
        if there is None:
            grant_permit(
                operator=found.operator,
                kind=row["kind"],
                plate=row["plate"],
                number=row["number"],
                valid_from=first,
                valid_until=last,
            )
            return ADDED
        if there.valid_until == last:
            return UNCHANGED
        change_last_day(permit=there, last_day=last)
        return CHANGED

    return act


def _lots(text: str, known: Mapping[str, int]) -> list[int] | None:
    """Return the lots that are named by their short names, None for all. Raises InvalidValueError."""
    names = [name.strip() for name in text.replace("|", BETWEEN).split(BETWEEN) if name.strip()]
    for name in names:
        if name.lower() not in known:
            raise InvalidValueError(_("There is no lot with the short name “%(name)s”.") % {"name": name}, path="lots")
    return sorted({known[name.lower()] for name in names}) or None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _key(row: FileRow) -> tuple[str, str]:
    """Return what tells plates of a blocklist apart; the plate is empty where it can't be read."""
    try:
        plate = normalise(as_typed(row["plate"])) or ""
    except DomainError:
        plate = ""
    return plate, region_key(row.get("region"))


def _refuse_doubles(rows: Rows) -> None:
    """Mark the rows that name a plate again: a check undoes the first before it sees them."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        if "error" in row or not (key := _key(row))[0]:
            continue
        whole = (*key, row.get("kind", ""), row.get("number", ""), row.get("valid_from", ""))
        if whole in seen:
            row["error"] = _("%(plate)s is on line %(line)s already.") % {"plate": row["plate"], "line": seen[whole]}
        seen.setdefault(whole, row["line"])
