"""The statements of the gate path, one fact a part; each read sends its parts as one statement.

A read is answered in two flushes: the lot's lock with everything the decision is made from, then, in the two common
outcomes (a car with no booking comes in, a car that owes nothing leaves), one write and the commit. The lock is a
statement of its own, so the one after it sees whatever was committed while it waited.
"""

from functools import cache

from common.rows import insert_of
from gates.models import GateEvent
from lots.picking import pick_statement
from tickets.models import Ticket

# Which versions of the gate's and the lot's row are in force: a changed row has another `xmin` or another place.
_VERSIONS = """
(SELECT concat_ws(' ', g.xmin, g.ctid, l.xmin, l.ctid) FROM gates_gate g JOIN lots_lot l ON l.id = g.lot_id
    WHERE g.id = %(gate)s)
"""
VERSIONS = f"SELECT {_VERSIONS}"
# The same for a device that may read, with its gate and lot.
DEVICE_VERSIONS = """
SELECT concat_ws(' ', d.xmin, d.ctid, g.xmin, g.ctid, l.xmin, l.ctid) FROM gates_device d
JOIN gates_gate g ON g.id = d.gate_id JOIN lots_lot l ON l.id = d.lot_id
WHERE d.key_prefix = %(prefix)s AND d.revoked_at IS NULL
"""

# The answer this device got for the same event before.
_REPLAY = """
(SELECT row_to_json(found) FROM (
    SELECT id, at, action, reason, ticket_id, encode(body_hash, 'hex') AS fingerprint FROM gates_gateevent
    WHERE device_id = %(device)s AND event_id = %(event)s
) found)
"""
# The first answer to this plate at this gate within the lot's dedupe time, and whether what it hung on has changed.
# Payments are timed in whole seconds; one in the same second may have come after, and deciding anew does no harm.
_EARLIER = """
(SELECT row_to_json(found) FROM (
    SELECT e.id, e.at, e.action, e.reason, e.ticket_id, e.action IN ('pay', 'attend') AND (
        EXISTS (SELECT FROM gates_gateevent o WHERE o.lot_id = e.lot_id AND o.id > e.id AND o.action = 'open')
        OR EXISTS (SELECT FROM tickets_ticket t LEFT JOIN billing_payment p ON p.charge_id = t.charge_id
            AND p.state = 'captured' WHERE t.id = e.ticket_id
            AND greatest(t.changed_at, p.finished_at) >= date_trunc('second', e.received_at))
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
# Every stay a read at an exit may mean: by its number or link, or by plates that are alike; and what its fee hangs on.
_STAYS_ALIKE = """
(SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id,
        t.status, t.charge_id, t.paid_at, t.priced_as, t.no_grace, t.lost, t.multiplier::text, t.tariff_id,
        (SELECT rules::text FROM billing_tariff WHERE id = t.tariff_id) AS rules
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
# The tariff that prices a stay which begins now.
_TARIFF = """
(SELECT id FROM billing_tariff WHERE lot_id = %(lot)s AND superseded_at IS NULL AND valid_from <= %(local_day)s
    AND (valid_until IS NULL OR valid_until >= %(local_day)s) ORDER BY valid_from, revision LIMIT 1)
"""
_PLACE = "(SELECT row_to_json(found) FROM ({pick}) found)"
_ENTRY_PARTS = (_REPLAY, _EARLIER, _WAITING, _STAYS_OF_PLATE, _BLOCKED, _PERMIT, _BOOKINGS, _FREE, _PROMISED, _LEFT_AT)
_EXIT_PARTS = (_REPLAY, _EARLIER, _WAITING, _STAYS_ALIKE, _LAST_OPENING)
EXIT = "SELECT " + ", ".join((_VERSIONS, *_EXIT_PARTS))


@cache
def entry(allocation: str, *, counts_spots: bool) -> str:
    """Return the statement of an entry: the facts, and the place that such a car would be given."""
    place = _PLACE.format(pick=pick_statement(allocation, counts_spots=counts_spots))
    return "SELECT " + ", ".join((_VERSIONS, *_ENTRY_PARTS, _TARIFF, place))


# Only asked when no car inside is alike: those whose plate is about as long, to suggest the ones one edit away.
STAYS_NEAR = """
SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id
    FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.status IN ('entering', 'active', 'paid')
        AND length(t.plate_normalised) BETWEEN length(%(plate)s) - 1 AND length(%(plate)s) + 1
) found
"""


STAY, EVENT = "stay_", "event_"
"""What the parameters of a ticket's and of an event's columns begin with."""
_EVENT_OF_STAY = insert_of(GateEvent, EVENT, "FROM stay RETURNING ticket_id", ticket_id="stay.id")
# The stay and the event that opened it; triggers take the place and refuse one that is taken.
OPEN_STAY = f"WITH stay AS ({insert_of(Ticket, STAY)} RETURNING id) {_EVENT_OF_STAY}"
# The stay's end and the event that closed it; no row when it has been paid for, or ended, since it was looked at.
_CLOSE = """
WITH stay AS (
    UPDATE tickets_ticket SET status = %(stay_status)s, exit_at = %(stay_exit_at)s, exit_plate = %(stay_exit_plate)s,
        closed_reason = %(stay_closed_reason)s, changed_at = %(stay_changed_at)s, changed_why = %(stay_changed_why)s,
        changed_by_id = NULL
    WHERE id = %(event_ticket_id)s AND status = %(was)s AND charge_id IS NULL RETURNING id
)
"""
CLOSE_STAY = _CLOSE + _EVENT_OF_STAY
