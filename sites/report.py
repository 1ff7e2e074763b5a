"""The report of an import, line by line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>[0-9]+)", re.ASCII)
MOST_SPANS = 8


@dataclass(slots=True)
class Report:
    """Lines that begin with + (added), ~ (changed) or - (removed), and what was kept although the file omits it."""

    lines: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def made(self, what: str) -> None:
        self.lines.append(f"+ {what}")

    def changed(self, what: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        """Report changed fields with their old and new values; no changes make no line."""
        if changes:
            said = ", ".join(f"{name} {_said(old)} → {_said(new)}" for name, (old, new) in changes.items())
            self.lines.append(f"~ {what}: {said}")

    def removed(self, what: str) -> None:
        self.lines.append(f"- {what}")

    def keep(self, what: str) -> None:
        self.kept.append(f"kept: {what}")

    def text(self) -> str:
        """Return the whole report."""
        return "\n".join([*(self.lines or ["nothing changed"]), *self.kept])


def changes_between(row: object, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the fields whose values differ, with the row's value and the new one."""
    return {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}


def spans(names: Iterable[str]) -> str:
    """Shorten a list of spot names: ranges as `A-1…A-50`, and how many more after MOST_SPANS."""
    runs: list[list[str]] = []
    for name in names:
        if runs and _follows(runs[-1][-1], name):
            runs[-1].append(name)
        else:
            runs.append([name])
    said = [run[0] if len(run) == 1 else f"{run[0]}…{run[-1]}" for run in runs[:MOST_SPANS]]
    rest = sum(len(run) for run in runs[MOST_SPANS:])
    return ", ".join(said) + (f" and {rest} more" if rest else "")


def _follows(before: str, name: str) -> bool:
    one, other = _NUMBERED.fullmatch(before), _NUMBERED.fullmatch(name)
    if one is None or other is None:
        return False
    return one["prefix"] == other["prefix"] and int(other["number"]) == int(one["number"]) + 1


def _said(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
