"""Reads the text of a site file into its shape, or lists everything that is wrong with it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from common.errors import FieldError
from lots.checks import lot_problems
from sites.errors import SiteFileError
from sites.lot_reading import read_lot
from sites.shapes import LotSpec, SiteFile
from sites.site_reader import SiteReader

MOST_LOTS = 2_000
MOST_BYTES = 64 * 2**20


def read_site(text: str) -> SiteFile:
    """Read a site file. Raises SiteFileError: for broken JSON with line and column, else with every wrong place."""
    reader = SiteReader("$")
    data = reader.fields(_parsed(text), "$", ("operator", "lots"))
    if data is None:
        raise SiteFileError("The site file has mistakes.", errors=reader.errors)
    reader.require(data, "$", ("operator",))
    slug, operator = _operator(reader, data.get("operator", {}))
    lots = []
    for path, item in reader.items(data.get("lots", []), "$.lots", MOST_LOTS):
        fields = reader.object(item, path)
        if fields is not None:
            lots.append(read_lot(reader, fields, path, operator.get("currency")))
    _refuse_repeats(reader, lots)
    if reader.errors:
        raise SiteFileError("The site file has mistakes.", errors=reader.errors)
    return SiteFile(slug=slug, values=operator, lots=tuple(lots))


def _parsed(text: str) -> Any:
    if len(text) > MOST_BYTES:
        raise SiteFileError(f"The site file is longer than {MOST_BYTES // 2**20} MB.")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise SiteFileError(f"The site file is not JSON: {error.msg} at {where}.") from error
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise SiteFileError(f"The site file is not usable JSON: {said}.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object names {twice[:60]!r} twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _operator(reader: SiteReader, data: Any) -> tuple[str, dict[str, Any]]:
    path = "$.operator"
    fields: Mapping[str, Any] = reader.fields(data, path, ("slug", "name", "currency")) or {}
    reader.require(fields, path, ("slug", "name", "currency"))
    values: dict[str, Any] = {}
    if "name" in fields:
        values["name"] = reader.filled_text(fields["name"], f"{path}.name", 120)
    if "currency" in fields:
        values["currency"] = fields["currency"]
        reader.errors += lot_problems({"currency": fields["currency"]}, f"{path}.")
    return reader.slug(fields["slug"], f"{path}.slug") if "slug" in fields else "", values


def _refuse_repeats(reader: SiteReader, lots: list[LotSpec]) -> None:
    reader.errors += repeats((lot.slug, f"{lot.path}.slug") for lot in lots)
    reader.errors += repeats((gate.code, f"{gate.path}.code") for lot in lots for gate in lot.gates or ())


def repeats(named: Iterable[tuple[Any, str]]) -> list[FieldError]:
    """List the names that occur a second time; `named` gives each name (empty ones are ignored) with its place."""
    first: dict[Any, str] = {}
    found = []
    for name, path in named:
        if name == "":
            continue
        if name in first:
            found.append(FieldError(path, f"is {name} again, as {first[name]}"))
        first.setdefault(name, path)
    return found
