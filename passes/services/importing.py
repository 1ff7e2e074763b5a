"""Import pass holders from a file: each row is tried first, then given, some at a time; what was cut off goes on."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.csv_rows import read_rows
from common.db.row_imports import ImportState, clear_files, run_files
from common.errors import DomainError, InvalidValueError
from common.plates import normalise
from common.translation import translated
from passes.holder_files import HOLDER_FILE
from passes.models import Company, Pass, PassOffer
from passes.models.imports import PassImport
from passes.pass_rules import last_day_of_period
from passes.services.granting import grant_pass
from passes.services.holding import HeldBy, person_called
from passes.services.making import PassWish

AT_ONCE = 100
"""How many rows are written in one transaction."""


@transaction.atomic
def start_import(*, offer: PassOffer, content: bytes, invoiced: bool, by: User, at: datetime) -> PassImport:
    """Keep a file of holders to be checked by a worker. Raises InvalidValueError for a file that can't be read."""
    rows = read_rows(content, HOLDER_FILE)
    _refuse_doubles(rows, offer)
    return PassImport.objects.create(
        operator=offer.operator, offer=offer, invoiced=invoiced, rows=rows, created_at=at, created_by=by
    )


def run_imports(*, at: datetime) -> int:
    """Check or carry out the files that wait, the oldest first, and return how many rows were dealt with."""
    return run_files(PassImport.objects.select_related("offer", "created_by"), _give, at_once=AT_ONCE, at=at)


def clear_imports(*, at: datetime) -> int:
    """Remove the files that were checked or imported long ago, and return how many; their passes stay."""
    return clear_files(PassImport.objects.all(), at=at)


def _give(found: PassImport, rows: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    names = {row["company"] for row in rows if row["company"]}
    in_use = Company.objects.filter(operator=found.operator_id, name__in=names, archived_at=None)
    companies = {company.name: company for company in in_use}
    return [_outcome(found, row, companies, at) for row in rows]


def _outcome(found: PassImport, row: dict[str, Any], companies: dict[str, Company], at: datetime) -> dict[str, Any]:
    if "error" in row:
        return {"line": row["line"], "error": row["error"]}
    try:
        with transaction.atomic():
            given = _given(found, row, companies, at)
            # What a check has given is undone, and so is its code.
            return {"line": row["line"], "code": "" if found.state == ImportState.CHECKING else given.code}
    except DomainError as error:
        return {"line": row["line"], "error": translated(error.message)}


def _given(found: PassImport, row: dict[str, Any], companies: dict[str, Company], at: datetime) -> Pass:
    first, until = _days(row)
    wish = PassWish(offer=found.offer, plates=_plates(row), valid_from=first, valid_until=until)
    return grant_pass(
        wish=wish,
        to=_holder(row, companies),
        by=found.created_by,
        at=at,
        invoiced=found.invoiced,
        note=row["note"],
        changed={"spaces": int(row["spaces"])} if row["spaces"] else None,
    )


def _holder(row: dict[str, Any], companies: dict[str, Company]) -> HeldBy:
    if row["email"]:
        try:
            validate_email(row["email"])
        except ValidationError as error:
            raise InvalidValueError(_("This is not an email address."), path="email") from error
    if not row["company"]:
        return person_called(row["name"], email=row["email"])
    if row["company"] not in companies:
        raise InvalidValueError(_("There is no company “%(name)s”.") % {"name": row["company"]}, path="company")
    return HeldBy(company=companies[row["company"]], name=row["name"])


def _plates(row: dict[str, Any]) -> list[str]:
    """Return the plates of a row: several are separated by a slash or a bar, as a comma may separate columns."""
    return [plate.strip() for plate in row["plates"].replace("|", "/").split("/") if plate.strip()]


def _days(row: dict[str, Any]) -> tuple[date, date | None]:
    """Return the first day of a row's pass and its last one, if it is given."""
    until = date.fromisoformat(row["valid_until"]) if row["valid_until"] else None
    return date.fromisoformat(row["valid_from"]), until


def _refuse_doubles(rows: list[dict[str, Any]], offer: PassOffer) -> None:
    """Mark the rows that give a holder a second pass for a plate: a check undoes the first before it sees them."""
    seen: dict[tuple[str, ...], list[tuple[int, date, date]]] = {}
    for row in rows:
        if "error" in row:
            continue
        holder = row["company"] or row["email"].lower()
        if not holder:
            continue
        first, until = _days(row)
        last = until or last_day_of_period(first, months=offer.period_months, days=offer.period_days)
        for plate in _plates(row):
            try:
                key = (holder, normalise(plate) or plate)
            except DomainError:
                continue
            earlier = next((line for line, begin, end in seen.get(key, []) if begin <= last and first <= end), None)
            if earlier is not None:
                words = {"plate": plate, "line": earlier}
                row["error"] = _("%(plate)s has a pass of the same holder on line %(line)s already.") % words
            seen.setdefault(key, []).append((row["line"], first, last))
