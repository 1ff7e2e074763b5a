"""Import pass holders from a file: each row is tried first, then given, some at a time; what was cut off goes on."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError, InvalidValueError
from common.plates import normalise
from common.translation import translated
from passes.errors import PassStateError
from passes.holder_files import read_holders
from passes.models import Company, Pass, PassOffer
from passes.models.imports import RUNNING, ImportState, PassImport
from passes.pass_rules import last_day_of_period
from passes.services.granting import grant_pass
from passes.services.holding import HeldBy, person_called
from passes.services.making import PassWish

AT_ONCE = 100
"""How many rows are written in one transaction."""
KEPT_FOR = timedelta(days=30)
"""How long a file can be looked at after it was checked or imported; it names people who may have no account."""


@transaction.atomic
def start_import(*, offer: PassOffer, content: bytes, invoiced: bool, by: User, at: datetime) -> PassImport:
    """Keep a file of holders to be checked by a worker. Raises InvalidValueError for a file that can't be read."""
    rows = read_holders(content)
    _refuse_doubles(rows, offer)
    return PassImport.objects.create(
        operator=offer.operator, offer=offer, invoiced=invoiced, rows=rows, created_at=at, created_by=by
    )


@transaction.atomic
def carry_out_import(*, held_import: PassImport) -> PassImport:
    """Let a worker give the passes of a file that was checked without an error. Idempotent.

    Raises PassStateError (409) for one that is being checked, or with an error.
    """
    found = PassImport.objects.select_for_update(no_key=True).get(pk=held_import.pk)
    if found.state in {ImportState.IMPORTING, ImportState.DONE}:
        return found
    if found.state != ImportState.CHECKED or found.wrong:
        raise PassStateError(_("Only a file that was checked without an error can be imported."))
    found.state, found.outcomes, found.finished_at = ImportState.IMPORTING, [], None
    found.save(update_fields=["state", "outcomes", "finished_at"])
    return found


def run_imports(*, at: datetime) -> int:
    """Check or carry out the files that wait, the oldest first, and return how many rows were dealt with."""
    done = 0
    while waiting := PassImport.objects.filter(state__in=RUNNING).order_by("created_at", "pk").first():
        done += _next_rows(waiting, at)
    return done


def clear_imports(*, at: datetime) -> int:
    """Remove the files that were checked or imported long ago, and return how many; their passes stay."""
    over = PassImport.objects.exclude(state__in=RUNNING).filter(finished_at__lte=at - KEPT_FOR)
    return over.delete()[0]


@transaction.atomic
def _next_rows(waiting: PassImport, at: datetime) -> int:
    """Deal with the next rows of a file; those and their outcomes are committed together."""
    found = PassImport.objects.select_for_update(no_key=True).select_related("offer", "created_by").get(pk=waiting.pk)
    if found.state not in RUNNING:
        return 0
    begin = len(found.outcomes)
    rows = found.rows[begin : begin + AT_ONCE]
    outcomes = _check(found, rows, at) if found.state == ImportState.CHECKING else _give(found, rows, at)
    found.outcomes += outcomes
    found.wrong = sum("error" in one for one in found.outcomes)
    if len(found.outcomes) >= len(found.rows):
        is_check = found.state == ImportState.CHECKING
        found.state, found.finished_at = ImportState.CHECKED if is_check else ImportState.DONE, at
    found.save(update_fields=["outcomes", "wrong", "state", "finished_at"])
    return len(rows)


def _check(found: PassImport, rows: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Give the passes of rows as an import does, and undo it."""
    with transaction.atomic():
        outcomes = _give(found, rows, at)
        transaction.set_rollback(True)
    return [one | ({"code": ""} if "code" in one else {}) for one in outcomes]


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
            return {"line": row["line"], "code": _given(found, row, companies, at).code}
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
