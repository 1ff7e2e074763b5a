"""What a read asks the database: queries made of facts, each declared once.

A query asks for one fact a column. Of most cars nothing is known but where they go, so a brief query asks first
whether any other fact would have something to say: PostgreSQL takes longer to start a statement the more it might do.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from common.db.flush import Row
from common.plates import FOLDED, FOLDED_TO
from lots.picking import pick_statement

Facts: TypeAlias = dict[str, Any]
JsonRow: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One column: its name, its SQL, how its text is read, and what tells a brief query that it can't leave it out.

    Without such a condition another fact's covers it.
    """

    name: str
    sql: str
    read: Callable[[str], Any] = json.loads
    stops_brief: str = ""


@dataclass(frozen=True)
class Query:
    """A statement that asks for facts; `source` follows its SELECT list."""

    facts: tuple[Fact, ...]
    source: str = ""

    @cached_property
    def statement(self) -> str:
        """The statement; it has at most one row."""
        return f"SELECT {', '.join(fact.sql for fact in self.facts)} {self.source}"

    def read(self, row: Row | None) -> Facts:
        """Return the facts of its row by name, None for what there is not."""
        texts = row or (None,) * len(self.facts)
        return {
            fact.name: None if text is None else fact.read(text) for fact, text in zip(self.facts, texts, strict=True)
        }

    def brief(self, *kept: Fact, ignored: tuple[Fact, ...] = ()) -> "Query":
        """Return a query for some facts and `more`: whether any of the others would have something to say."""
        others = [fact.stops_brief for fact in self.facts if fact not in (*kept, *ignored) and fact.stops_brief]
        return Query((Fact("more", " OR ".join(dict.fromkeys(others)), yes), *kept), self.source)


def yes(text: str) -> bool:
    """Read a boolean."""
    return text == "t"


# The versions of the rows that each process caches: a changed row has another `xmin` or lies in another place.
LANE = Fact("lane", "concat_ws(' ', g.xmin, g.ctid, l.xmin, l.ctid)", str)
DEVICE = Fact("device", "concat_ws(' ', d.xmin, d.ctid)", str)
CACHED_ROWS = """
FROM lots_gate g JOIN lots_lot l ON l.id = g.lot_id
LEFT JOIN devices_device d ON d.id = %(device)s AND d.revoked_at IS NULL WHERE g.id = %(gate)s
"""

# The answer this device got for the same event before.
REPLAY = Fact(
    "replay",
    """
(SELECT row_to_json(found) FROM (
    SELECT id, kind, at, action, reason, ticket_id, encode(body_hash, 'hex') AS fingerprint FROM gates_gateevent
    WHERE device_id = %(device)s AND event_id = %(event)s
) found)
""",
    stops_brief="EXISTS (SELECT FROM gates_gateevent WHERE device_id = %(device)s AND event_id = %(event)s)",
)


def _named_alike(event: str) -> str:
    """Return whether a camera gave the car of an event, or of a read that repeated it, the name that this read has."""
    return f"""
({event}.read ->> 'vehicle_ref' = %(vehicle_ref)s OR %(vehicle_ref)s::text IS NOT NULL AND EXISTS (
    SELECT FROM gates_gateevent n WHERE n.first_id = {event}.id AND n.read ->> 'vehicle_ref' = %(vehicle_ref)s))
"""


# Whether an event's plate looks like the read's, or is it without its end, or its camera gave both the same name, or it
# asked something that the ticket shown now may not answer.
_ALIKE = f"""
(translate(r.plate_normalised, '{FOLDED}', '{FOLDED_TO}') = %(skeleton)s
    OR starts_with(r.plate_normalised, %(plate)s) OR starts_with(%(plate)s, r.plate_normalised)
    OR {_named_alike("r")} OR %(number)s::text IS NOT NULL AND r.action IN ('pay', 'attend'))
"""
_RECENT = """
(SELECT e.id, e.plate_normalised, e.read, e.action FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.first_id IS NULL AND e.kind = 'read'
    AND e.at BETWEEN %(at)s - %(named)s AND %(at)s + %(dedupe)s ORDER BY e.at DESC LIMIT 6) r
"""
_SEEN_HERE = f"""
EXISTS (SELECT FROM gates_gateevent e WHERE e.gate_id = %(gate)s AND e.plate_normalised = %(plate)s
    AND e.at BETWEEN %(at)s - greatest(%(dedupe)s, %(waiting)s) AND %(at)s + %(dedupe)s)
OR EXISTS (SELECT FROM {_RECENT} WHERE {_ALIKE})
"""  # noqa: S608 only our own text
# What this gate has read of this car: the same plate within the lot's dedupe time, and plates alike among the last few
# reads, with whether what their answers depend on has changed since. Payments and corrected plates are timed in whole
# seconds; one in the same second may have come after, and to decide again does no harm.
READINGS = Fact(
    "readings",
    f"""
(SELECT json_agg(found ORDER BY id DESC) FROM (
    SELECT e.id, e.at, e.action, e.reason, e.ticket_id, e.plate_normalised AS plate, e.offline,
        CASE WHEN typed.plate IS NULL THEN surest.confidence ELSE 1 END AS confidence,
        coalesce(typed.plate, surest.plate_normalised) AS surest,
        CASE WHEN {_named_alike("e")} THEN %(vehicle_ref)s ELSE e.read ->> 'vehicle_ref' END AS vehicle_ref,
        coalesce(e.read ->> 'region', (SELECT min(o.read ->> 'region') FROM gates_gateevent o
            WHERE o.first_id = e.id AND o.plate_normalised = e.plate_normalised)) AS region,
        e.action IN ('pay', 'attend') AND (
            EXISTS (SELECT FROM gates_gateevent o WHERE o.lot_id = e.lot_id AND o.id > e.id AND o.action = 'open')
            OR EXISTS (SELECT FROM gates_gateevent o WHERE o.ticket_id = e.ticket_id AND o.id > e.id
                AND o.kind IN ('passage', 'undo'))
            OR EXISTS (SELECT FROM tickets_platecorrection c JOIN tickets_ticket t ON t.id = c.ticket_id
                WHERE c.at >= date_trunc('second', e.received_at) AND t.lot_id = e.lot_id)
            OR EXISTS (SELECT FROM tickets_ticket t LEFT JOIN billing_payment p ON p.charge_id = t.charge_id
                AND p.state IN ('captured', 'failed') WHERE t.id = e.ticket_id
                AND greatest(t.changed_at, p.finished_at) >= date_trunc('second', e.received_at))) AS changed_since,
        EXISTS (SELECT FROM gates_gateevent o WHERE o.gate_id = e.gate_id AND o.id > e.id AND o.action = 'passed'
            AND coalesce(o.first_id, o.id) >= e.id) AS passed,
        e.action = 'open' AND (
            EXISTS (SELECT FROM gates_gateevent o WHERE o.first_id = e.id AND (o.action = 'backed_out'
                OR o.action = 'fault' AND g.direction = 'exit'))
            OR g.direction = 'entry' AND NOT EXISTS (SELECT FROM tickets_ticket t WHERE t.id = e.ticket_id
                AND t.status IN ('entering', 'active', 'paid'))) AS undone
    FROM gates_gateevent e JOIN lots_gate g ON g.id = e.gate_id LEFT JOIN LATERAL (
        SELECT o.confidence, o.plate_normalised FROM gates_gateevent o
        WHERE (o.id = e.id OR o.first_id = e.id) AND o.kind = 'read' AND o.plate_normalised IS NOT NULL
        ORDER BY o.confidence DESC NULLS FIRST, o.id LIMIT 1) surest ON true
    LEFT JOIN LATERAL (
        SELECT t.plate_normalised AS plate FROM tickets_platecorrection c JOIN tickets_ticket t ON t.id = c.ticket_id
        WHERE c.ticket_id = e.ticket_id AND c.by_id IS NOT NULL LIMIT 1) typed ON true
    WHERE e.id IN (
        (SELECT s.id FROM gates_gateevent s WHERE s.gate_id = %(gate)s AND s.plate_normalised = %(plate)s
            AND s.first_id IS NULL AND s.kind = 'read'
            AND s.at BETWEEN %(at)s - %(dedupe)s AND %(at)s + %(dedupe)s ORDER BY s.id DESC LIMIT 1)
        UNION ALL SELECT r.id FROM {_RECENT} WHERE {_ALIKE})
) found)
""",  # noqa: S608 only our own text
    stops_brief=_SEEN_HERE,
)
# What this gate has asked since it last opened, of whomever: to pay or to wait, by the plate, the region and the ticket
# that each question was about, and for how many seconds; a record of the past that arrives meanwhile is no answer.
WAITING = Fact(
    "waiting",
    """
(SELECT json_agg(json_build_object('plate', e.plate_normalised, 'region', e.read ->> 'region', 'ticket', e.ticket_id,
        'seconds', extract(epoch FROM %(received_at)s - e.received_at)::int)) FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.received_at BETWEEN %(received_at)s - %(waiting)s AND %(received_at)s
        AND e.at > %(received_at)s - 2 * %(waiting)s AND e.action IN ('pay', 'attend')
        AND e.id > (SELECT coalesce(max(o.id), 0) FROM gates_gateevent o WHERE o.gate_id = %(gate)s
            AND o.at > %(received_at)s - 2 * %(waiting)s AND o.action = 'open' AND NOT o.offline))
""",
    stops_brief=_SEEN_HERE,
)
_LATER_RECORDS = """
(%(offline)s AND (EXISTS (SELECT FROM lots_gate g JOIN gates_gateevent e ON e.gate_id = g.id
    WHERE g.lot_id = %(lot)s AND e.plate_normalised = %(plate)s AND e.at >= %(at)s AND e.action = 'open'
        AND e.kind = 'read' AND e.offline)
    OR EXISTS (SELECT FROM lots_gate g JOIN gates_gateevent e ON e.gate_id = g.id
    WHERE g.lot_id = %(lot)s AND e.plate_normalised = ANY(%(run_out)s::text[]) AND e.at >= %(at)s - %(dedupe)s
        AND e.kind = 'read')))
"""
# Whether this is a record of a time for which, or after which, its plate has others here, also where it has run out.
LATE = Fact("late", _LATER_RECORDS, yes, stops_brief=_LATER_RECORDS)
EVERY_READ = (LANE, DEVICE, REPLAY, READINGS, WAITING, LATE)


def place_fact(allocation: str, *, counts_spots: bool, freed: bool = False) -> Fact:
    """Return the place that a car would be given by a strategy; `freed` as for `pick_statement`."""
    pick = pick_statement(allocation, counts_spots=counts_spots, freed=freed)
    return Fact("place", f"(SELECT row_to_json(found) FROM ({pick}) found)")  # noqa: S608 only our own text
