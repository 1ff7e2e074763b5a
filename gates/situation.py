"""Load everything a decision is made from: one statement a read, explained here."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from common.plates import skeleton
from gates.decision import (
    Action,
    Booking,
    Context,
    Direction,
    EarlierAnswer,
    Lane,
    LotPolicy,
    LowConfidence,
    OpenStay,
    Reason,
    Replay,
)
from gates.models import Gate
from gates.reading import Read
from lots.calendar import is_open
from lots.compatibility import SpotType
from tickets.numbers import InvalidNumberError, parse_number

WAITING_WINDOW = timedelta(minutes=15)
"""How far back an unanswered `pay` or `attend` still belongs to the car that stands in the lane."""
STANDING_WINDOW = timedelta(minutes=5)
"""How long a car may stand in an opened exit lane and still be let out by the same answer."""

# The answer this device got for the same event before.
_REPLAY = """
(SELECT row_to_json(found) FROM (
    SELECT id, at, action, reason, ticket_id, encode(body_hash, 'hex') AS fingerprint FROM gates_gateevent
    WHERE device_id = %(device)s AND event_id = %(event)s
) found)
"""
# The first answer to this plate at this gate within the lot's dedupe time, and whether what it hung on has changed.
_EARLIER = """
(SELECT row_to_json(found) FROM (
    SELECT e.id, e.at, e.action, e.reason, e.ticket_id, e.action IN ('pay', 'attend') AND (
        EXISTS (SELECT FROM gates_gateevent o WHERE o.lot_id = e.lot_id AND o.id > e.id AND o.action = 'open')
        OR EXISTS (SELECT FROM tickets_ticket t LEFT JOIN billing_payment p ON p.charge_id = t.charge_id
            AND p.state = 'captured' WHERE t.id = e.ticket_id
            AND (t.changed_at > e.received_at OR p.finished_at > e.received_at))
    ) AS changed_since
    FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.plate_normalised = %(plate)s AND e.first_id IS NULL AND e.kind = 'read'
        AND e.at BETWEEN %(at)s - %(dedupe)s AND %(at)s + %(dedupe)s
    ORDER BY e.at DESC, e.id DESC LIMIT 1
) found)
"""
# Since when this car has been asked to pay or to wait here with nobody answering.
_WAITING = """
(SELECT extract(epoch FROM %(at)s - min(e.at))::int FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.at BETWEEN %(at)s - %(waiting)s AND %(at)s AND e.action IN ('pay', 'attend')
    AND (e.plate_normalised = %(plate)s OR e.ticket_id = (SELECT t.id FROM tickets_ticket t
            WHERE t.lot_id = %(lot)s AND (t.number = %(number)s OR t.token = %(token)s))
        OR %(plate)s::text IS NULL AND %(number)s::text IS NULL AND e.plate_normalised IS NULL)
    AND NOT EXISTS (SELECT FROM gates_gateevent o WHERE o.gate_id = e.gate_id AND o.at >= e.at AND o.id > e.id
        AND o.action = 'open'))
"""
# The gate's last opening in these minutes, if it was for this plate: then the car still stands there.
_LAST_OPENING = """
(SELECT row_to_json(found) FROM (
    SELECT e.id, e.at, e.action, e.reason, e.ticket_id, e.plate_normalised FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.at BETWEEN %(at)s - %(standing)s AND %(at)s AND e.action = 'open'
    ORDER BY e.at DESC, e.id DESC LIMIT 1
) found WHERE found.plate_normalised = %(plate)s)
"""
_BLOCKED = """
EXISTS (SELECT FROM accounts_blockedplate b WHERE b.operator_id = %(operator)s AND b.plate_normalised = %(plate)s
    AND b.lifted_at IS NULL)
"""
_PERMIT = """
EXISTS (SELECT FROM accounts_permit p WHERE p.operator_id = %(operator)s AND p.plate_normalised = %(plate)s
    AND %(day)s BETWEEN p.valid_from AND coalesce(p.valid_until, 'infinity'::date))
"""
# The stay this plate has here already, by which gate it came in, and whether another car came in there since.
_STAYS_OF_PLATE = """
(SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id,
        entry.code, entry.reason, entry.id AS event, EXISTS (
            SELECT FROM gates_gateevent o WHERE o.gate_id = entry.gate_id AND o.at >= entry.at AND o.id > entry.id
            AND o.action = 'open' AND o.ticket_id IS DISTINCT FROM t.id) AS others_since
    FROM tickets_ticket t LEFT JOIN LATERAL (
        SELECT e.id, e.at, e.gate_id, e.reason, g.code FROM gates_gateevent e JOIN gates_gate g ON g.id = e.gate_id
        WHERE e.ticket_id = t.id AND g.direction = 'entry' AND e.action = 'open' ORDER BY e.id LIMIT 1
    ) entry ON true
    WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s AND t.status IN ('entering', 'active', 'paid')
) found)
"""
# Every stay a read at an exit may mean: by its number or link, or by plates that are alike.
_STAYS_ALIKE = """
(SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id
    FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.status IN ('entering', 'active', 'paid')
        AND (t.plate_skeleton = ANY(%(skeletons)s) OR t.number = %(number)s OR t.token = %(token)s)
) found)
"""
# Bookings of plates that are alike whose window is open; a booked place is free when nothing else stands on it.
_BOOKINGS = """
(SELECT json_agg(found) FROM (
    SELECT r.id, r.plate_normalised AS plate, r.starts_at, r.ends_at, r.status = 'no_show' AS no_show,
        CASE WHEN r.spot_id IS NULL THEN EXISTS (SELECT FROM lots_spotcount c WHERE c.lot_id = r.lot_id
            AND c.spot_type = r.spot_type AND c.free > 0)
        ELSE NOT s.maintenance AND s.stay IS NULL AND (s.hold IS NULL OR s.hold = r.id) END AS spot_free
    FROM reservations_reservation r LEFT JOIN lots_spot s ON s.id = r.spot_id
    WHERE r.lot_id = %(lot)s AND r.plate_skeleton = %(skeleton)s AND r.status IN ('confirmed', 'no_show')
        AND r.starts_at <= %(at)s + %(early)s AND r.ends_at > %(at)s
) found)
"""
_FREE = """
(SELECT json_object_agg(spot_type, free) FROM (
    SELECT spot_type, sum(free) AS free FROM lots_spotcount WHERE lot_id = %(lot)s GROUP BY spot_type) counted)
"""
# Bookings that start soon and have no spot held for them yet: walk-ins must leave them room.
_PROMISED = """
(SELECT json_object_agg(spot_type, promised) FROM (
    SELECT r.spot_type, count(*) AS promised FROM reservations_reservation r
    WHERE r.lot_id = %(lot)s AND r.status = 'confirmed' AND r.starts_at <= %(at)s + %(protect)s AND r.ends_at > %(at)s
        AND NOT EXISTS (SELECT FROM lots_spot s WHERE s.id = r.spot_id AND s.hold = r.id)
    GROUP BY r.spot_type) counted)
"""
_LEFT_AT = """
(SELECT max(t.exit_at) FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s
    AND t.status = 'closed')
"""
_ENTRY_PARTS = (_REPLAY, _EARLIER, _WAITING, _STAYS_OF_PLATE, _BLOCKED, _PERMIT, _BOOKINGS, _FREE, _PROMISED, _LEFT_AT)
_EXIT_PARTS = (_REPLAY, _EARLIER, _WAITING, _STAYS_ALIKE, _LAST_OPENING)
_ENTRY, _EXIT = ("SELECT " + ", ".join(parts) for parts in (_ENTRY_PARTS, _EXIT_PARTS))
# Only asked when no car inside is alike: those whose plate is about as long, to suggest the ones one edit away.
_STAYS_NEAR = """
SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id
    FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.status IN ('entering', 'active', 'paid')
        AND length(t.plate_normalised) BETWEEN length(%(plate)s) - 1 AND length(%(plate)s) + 1
) found
"""


@dataclass(frozen=True, slots=True)
class Situation:
    """A decision's context, and whether a permit is on file for the plate."""

    context: Context
    has_permit: bool = False


def load_situation(gate: Gate, read: Read, device_id: int | None, at: datetime) -> Situation:
    """Load what a decision about `read` at `gate` needs, as of the effective time `at`."""
    parameters = _parameters(gate, read, device_id, at)
    if gate.direction == Direction.ENTRY:
        return _entry_situation(gate, read, at, parameters)
    return _exit_situation(gate, read, at, parameters)


def find_replay(device_id: int, read: Read) -> Replay | None:
    """Return the answer this device got for this event before."""
    (found,) = _fetch("SELECT " + _REPLAY, {"device": device_id, "event": read.body.event_id})
    return _replay(found, read)


def scanned(read: Read) -> str | None:
    """Return the scanned ticket number in its one form, or the token as it is."""
    text = read.body.ticket_number
    if not text:
        return None
    try:
        return parse_number(text)
    except InvalidNumberError:
        return text.strip()


def _entry_situation(gate: Gate, read: Read, at: datetime, parameters: dict[str, Any]) -> Situation:
    replay, earlier, waiting, stays, blocked, permit, bookings, free, promised, left_at = _fetch(_ENTRY, parameters)
    context = Context(
        lane=_lane(gate),
        now=at,
        policy=_policy(gate, at),
        replay=_replay(replay, read),
        earlier=_earlier(earlier),
        blocked=frozenset({read.plate} if blocked and read.plate else ()),
        stays=tuple(map(_stay, stays or ())),
        bookings=tuple(map(_booking, bookings or ())),
        free=_by_type(free),
        promised=_by_type(promised),
        left_at=left_at,
        unanswered_seconds=waiting,
    )
    return Situation(context, has_permit=permit)


def _exit_situation(gate: Gate, read: Read, at: datetime, parameters: dict[str, Any]) -> Situation:
    replay, earlier, waiting, stays, opening = _fetch(_EXIT, parameters)
    if not stays and read.plate:
        (stays,) = _fetch(_STAYS_NEAR, parameters)
    return Situation(
        Context(
            lane=_lane(gate),
            now=at,
            policy=_policy(gate, at),
            replay=_replay(replay, read),
            earlier=_earlier(earlier),
            last_opening=_earlier(opening),
            stays=tuple(map(_stay, stays or ())),
            unanswered_seconds=waiting,
        )
    )


def _parameters(gate: Gate, read: Read, device_id: int | None, at: datetime) -> dict[str, Any]:
    lot = gate.lot
    number = scanned(read)
    plates = [plate for plate in (read.plate, *read.candidates) if plate]
    return {
        "device": device_id,
        "event": read.body.event_id,
        "gate": gate.pk,
        "lot": lot.pk,
        "operator": lot.operator_id,
        "plate": read.plate,
        "skeleton": skeleton(read.plate) if read.plate else None,
        "skeletons": [skeleton(plate) for plate in plates],
        "number": number,
        "token": number,
        "at": at,
        "day": at.date(),
        "dedupe": timedelta(seconds=lot.dedupe_seconds),
        "waiting": WAITING_WINDOW,
        "standing": STANDING_WINDOW,
        "early": timedelta(minutes=lot.early_minutes),
        "protect": timedelta(minutes=lot.protect_minutes),
    }


def _fetch(statement: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return tuple(json.loads(value) if isinstance(value, str) else value for value in cursor.fetchone())


def _lane(gate: Gate) -> Lane:
    return Lane(code=gate.code, direction=Direction(gate.direction), closed=gate.is_closed)


def _policy(gate: Gate, at: datetime) -> LotPolicy:
    lot = gate.lot
    return LotPolicy(
        closed=not is_open(lot, at),
        low_confidence=LowConfidence(lot.low_confidence),
        confidence_threshold=lot.confidence_threshold,
        dedupe_seconds=lot.dedupe_seconds,
        early_minutes=lot.early_minutes,
        reentry_minutes=lot.reentry_minutes,
        lane_fee_limit=lot.lane_fee_limit,
    )


def _replay(found: dict[str, Any] | None, read: Read) -> Replay | None:
    answer = _earlier(found)
    if found is None or answer is None:
        return None
    return Replay(same_body=found["fingerprint"] == read.fingerprint.hex(), answer=answer)


def _earlier(found: dict[str, Any] | None) -> EarlierAnswer | None:
    if found is None:
        return None
    return EarlierAnswer(
        event=found["id"],
        at=datetime.fromisoformat(found["at"]),
        action=Action(found["action"]),
        reason=Reason(found["reason"]),
        ticket_id=found["ticket_id"],
        changed_since=found.get("changed_since", False),
    )


def _stay(found: dict[str, Any]) -> OpenStay:
    return OpenStay(
        ticket_id=found["id"],
        number=found["number"],
        token=found["token"],
        plate=found["plate"],
        entered_at=datetime.fromisoformat(found["entry_at"]),
        entry_gate=found.get("code") or "",
        others_since=found.get("others_since", False),
        spot_type=SpotType(found["spot_type"]) if found["spot_type"] else None,
        reservation_id=found["reservation_id"],
        entry_reason=Reason(found.get("reason") or Reason.OK),
        entry_event=found.get("event"),
    )


def _booking(found: dict[str, Any]) -> Booking:
    return Booking(
        reservation_id=found["id"],
        plate=found["plate"],
        start=datetime.fromisoformat(found["starts_at"]),
        end=datetime.fromisoformat(found["ends_at"]),
        spot_free=found["spot_free"],
        no_show=found["no_show"],
    )


def _by_type(found: dict[str, int] | None) -> dict[SpotType, int]:
    return {SpotType(spot_type): int(count) for spot_type, count in (found or {}).items()}
