"""Changes of the rows of rules that are being typed: one added, copied, moved or removed."""

import re
from copy import deepcopy
from dataclasses import dataclass

from office.tariffs.rule_fields import RulePart
from office.tariffs.typed_rules import MOST_PARTS, TypedPart, under

_ACT = re.compile(r"(add|copy|up|down|remove) ((?:[a-z_]+-\d{1,5}-)*)([a-z_]+)(?:-(\d{1,5}))?", re.ASCII)
_DAY = ("00:00", "24:00")


@dataclass(frozen=True, slots=True)
class Changed:
    """Which row a change was about; `place` has the focus next."""

    place: str


def change_rows(rules: TypedPart, act: str) -> Changed | None:
    """Change the rows as the name of a button tells; return None for a button that does nothing here."""
    found = _ACT.fullmatch(act)
    above = None if found is None else _part_at(rules, found[2].rstrip("-"))
    if found is None or above is None or found[3] not in above.lists:
        return None
    rows, place = above.lists[found[3]], under(found[2].rstrip("-"), found[3])
    part = next(part for part in above.part.lists if part.name == found[3])
    if found[1] == "add":
        return Changed(f"{place}-{len(rows) - 1}") if _insert(rules, rows, _next_row(part, rows), len(rows)) else None
    number = int(found[4] or -1)
    if not 0 <= number < len(rows):
        return None
    if found[1] == "copy":
        return Changed(f"{place}-{number + 1}") if _insert(rules, rows, deepcopy(rows[number]), number + 1) else None
    row = rows.pop(number)
    if found[1] == "remove":
        return Changed(f"{place}-{min(number, len(rows) - 1)}" if rows else place)
    number = min(max(number + (1 if found[1] == "down" else -1), 0), len(rows))
    rows.insert(number, row)
    return Changed(f"{place}-{number}")


def _insert(rules: TypedPart, rows: list[TypedPart], row: TypedPart, number: int) -> bool:
    """Add a row; return whether there was room for it and what is below it."""
    parts = sum(1 for _ in rules.placed()) + sum(1 for _ in row.placed())
    if len(rows) >= row.part.most or parts > MOST_PARTS + 1:
        return False
    rows.insert(number, row)
    return True


def _part_at(rules: TypedPart, place: str) -> TypedPart | None:
    return next((part for at, part in rules.placed() if at == place), None)


def _next_row(part: RulePart, rows: list[TypedPart]) -> TypedPart:
    """Return an empty row; a band goes from where the last one ends to where the first one begins."""
    row = TypedPart(part, {one.name: one.kind.shown(None, "") for one in part.fields}, {})
    row.lists = {below.name: [] for below in part.lists}
    if part.name == "bands" and rows:
        first, last = str(rows[0].typed["from"]), str(rows[-1].typed["to"])
        opens = "00:00" if last == _DAY[1] else last
        closes = _DAY[1] if first == _DAY[0] else first
        row.typed |= {"from": opens, "to": closes, "increment_minutes": rows[-1].typed["increment_minutes"]}
    return row
