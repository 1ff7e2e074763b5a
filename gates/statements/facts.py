"""What a statement of the gate path asks: one fact a column."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from common.db.flush import Row
from lots.picking import pick_statement


@dataclass(frozen=True, slots=True)
class Fact:
    """One column: its name, how it is selected, and how its text is read."""

    name: str
    select: str
    read: Callable[[str], Any] = json.loads


@dataclass(frozen=True)
class Facts:
    """A statement that asks for facts; `source` is what stands behind their SELECT."""

    facts: tuple[Fact, ...]
    source: str = ""

    @cached_property
    def statement(self) -> str:
        """The statement; it has at most one row."""
        return f"SELECT {', '.join(fact.select for fact in self.facts)} {self.source}"

    def read(self, row: Row | None) -> dict[str, Any]:
        """Return the facts of its row by name, None for what there is not."""
        texts = row or (None,) * len(self.facts)
        return {
            fact.name: None if text is None else fact.read(text) for fact, text in zip(self.facts, texts, strict=True)
        }


def yes(text: str) -> bool:
    """Read a boolean."""
    return text == "t"


def instant(text: str) -> datetime:
    """Read an instant that was written as JSON."""
    return datetime.fromisoformat(json.loads(text))


# The versions of the rows that each process remembers: a changed row has another `xmin` or lies in another place.
LANE = Fact("lane", "concat_ws(' ', g.xmin, g.ctid, l.xmin, l.ctid)", str)
DEVICE = Fact("device", "concat_ws(' ', d.xmin, d.ctid)", str)
REMEMBERED = """
FROM lots_gate g JOIN lots_lot l ON l.id = g.lot_id
LEFT JOIN devices_device d ON d.id = %(device)s AND d.revoked_at IS NULL WHERE g.id = %(gate)s
"""

# Whether this is a record of a time for which, or after which, its plate has others here.
LATE = Fact(
    "late",
    """
(%(offline)s AND EXISTS (SELECT FROM lots_gate g JOIN gates_gateevent e ON e.gate_id = g.id
    WHERE g.lot_id = %(lot)s AND e.plate_normalised = %(plate)s AND e.at >= %(at)s AND e.action = 'open'
        AND e.kind = 'read' AND e.offline))
""",
    yes,
)
BLOCKED = Fact(
    "blocked",
    """
EXISTS (SELECT FROM accounts_blockedplate b WHERE b.operator_id = %(operator)s AND b.plate_normalised = %(plate)s
    AND b.lifted_at IS NULL)
""",
    yes,
)
PERMIT = Fact(
    "permit",
    """
EXISTS (SELECT FROM accounts_permit p WHERE p.operator_id = %(operator)s AND p.plate_normalised = %(plate)s
    AND %(day)s BETWEEN p.valid_from AND coalesce(p.valid_until, 'infinity'::date))
""",
    yes,
)
LEFT_AT = Fact(
    "left_at",
    """
(SELECT to_json(max(t.exit_at)) FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s
    AND t.status = 'closed')
""",
    instant,
)
# The tariff that prices a stay which begins now.
TARIFF = Fact(
    "tariff",
    """
(SELECT id FROM billing_tariff WHERE lot_id = %(lot)s AND superseded_at IS NULL AND valid_from <= %(local_day)s
    AND (valid_until IS NULL OR valid_until >= %(local_day)s))
""",
    int,
)


def place_of(allocation: str, *, counts_spots: bool) -> Fact:
    """Return the place that a car would be given by a strategy."""
    pick = pick_statement(allocation, counts_spots=counts_spots)
    return Fact("place", f"(SELECT row_to_json(found) FROM ({pick}) found)")  # noqa: S608 only our own text
