"""Parses a site file, or lists everything that is wrong with it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import DebtConsequence
from common.errors import FieldError
from lots.checks import lot_problems
from sites.errors import SiteFileError
from sites.lot_reading import read_lot
from sites.shapes import LotSpec, SiteFile
from sites.site_reader import SiteReader

MOST_LOTS = 2_000
MOST_BYTES = 64 * 2**20


def read_site(text: str) -> SiteFile:
    """Parse a site file. Raises SiteFileError with the line of broken JSON, or with every wrong value."""
    reader = SiteReader("$")
    data = reader.fields(_parsed(text), "$", ("operator", "lots"))
    if data is None:
        raise SiteFileError(_("The site file has mistakes."), errors=reader.errors)
    reader.require(data, "$", ("operator",))
    slug, operator = _operator(reader, data.get("operator", {}))
    lots = []
    for path, item in reader.items(data.get("lots", []), "$.lots", MOST_LOTS):
        fields = reader.object(item, path)
        if fields is not None:
            lots.append(read_lot(reader, fields, path, operator.get("currency")))
    _refuse_repeats(reader, lots)
    if reader.errors:
        raise SiteFileError(_("The site file has mistakes."), errors=reader.errors)
    return SiteFile(slug=slug, values=operator, lots=tuple(lots))


def _parsed(text: str) -> Any:
    if len(text) > MOST_BYTES:
        raise SiteFileError(_("The site file is longer than %(most)s MB.") % {"most": MOST_BYTES // 2**20})
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = _("The site file is not JSON: %(error)s at line %(line)s column %(column)s.")
        where = {"error": error.msg, "line": error.lineno, "column": error.colno}
        raise SiteFileError(message % where) from error
    except (ValueError, RecursionError) as error:
        said = _("it is nested too deeply") if isinstance(error, RecursionError) else str(error)
        raise SiteFileError(_("The site file is not usable JSON: %(error)s.") % {"error": said}) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("an object has the key %(name)s twice") % {"name": repr(twice[:60])})
    return found


def _no_constant(name: str) -> None:
    raise ValueError(_("%(name)s is not a JSON value") % {"name": name})


def _operator(reader: SiteReader, data: Any) -> tuple[str, dict[str, Any]]:
    path = "$.operator"
    known = ("slug", "name", "currency", "debt_consequence")
    fields: Mapping[str, Any] = reader.fields(data, path, known) or {}
    reader.require(fields, path, ("slug", "name", "currency"))
    values: dict[str, Any] = {}
    if "name" in fields:
        values["name"] = reader.filled_text(fields["name"], f"{path}.name", 120)
    if "currency" in fields:
        values["currency"] = fields["currency"]
        reader.errors += lot_problems({"currency": fields["currency"]}, f"{path}.")
    if "debt_consequence" in fields:
        choices = DebtConsequence.values
        values["debt_consequence"] = reader.choice(fields["debt_consequence"], f"{path}.debt_consequence", choices)
    return reader.slug(fields["slug"], f"{path}.slug") if "slug" in fields else "", values


def _refuse_repeats(reader: SiteReader, lots: list[LotSpec]) -> None:
    reader.errors += repeats((lot.slug, f"{lot.path}.slug") for lot in lots)
    reader.errors += repeats((gate.code, f"{gate.path}.code") for lot in lots for gate in lot.gates or ())


def repeats(named: Iterable[tuple[Any, str]]) -> list[FieldError]:
    """Return an error for each repeated name; `named` yields names (empty ones are ignored) with their paths."""
    first: dict[Any, str] = {}
    found = []
    for name, path in named:
        if name == "":
            continue
        if name in first:
            found.append(
                FieldError(path, _("%(name)s is already used by %(place)s") % {"name": name, "place": first[name]})
            )
        first.setdefault(name, path)
    return found
