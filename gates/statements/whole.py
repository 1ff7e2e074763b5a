"""All facts that a decision may be made from."""

from functools import cache

from gates.statements.facts import (
    BLOCKED,
    DEVICE,
    LANE,
    LATE,
    LEFT_AT,
    PERMIT,
    REMEMBERED,
    TARIFF,
    Fact,
    Facts,
    place_of,
)

# The answer this device got for the same event before.
_REPLAY = Fact(
    "replay",
    """
(SELECT row_to_json(found) FROM (
    SELECT id, kind, at, action, reason, ticket_id, encode(body_hash, 'hex') AS fingerprint FROM gates_gateevent
    WHERE device_id = %(device)s AND event_id = %(event)s
) found)
""",
)
# The first answer to this plate at this gate within the lot's dedupe time, and whether what it hung on has changed.
# Payments are timed in whole seconds; one in the same second may have come after, and deciding anew does no harm.
_EARLIER = Fact(
    "earlier",
    """
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
    ORDER BY e.id DESC LIMIT 1
) found)
""",
)
# For how many seconds this car has been asked to pay or to wait here with nobody answering.
_WAITING = Fact(
    "waiting",
    """
(SELECT extract(epoch FROM %(at)s - min(e.at))::int FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.at BETWEEN %(at)s - %(waiting)s AND %(at)s AND e.action IN ('pay', 'attend')
    AND (e.plate_normalised = %(plate)s OR e.ticket_id = (SELECT t.id FROM tickets_ticket t
            WHERE t.lot_id = %(lot)s AND (t.number = %(number)s OR t.token = %(number)s))
        OR %(plate)s::text IS NULL AND %(number)s::text IS NULL AND e.plate_normalised IS NULL)
    AND NOT EXISTS (SELECT FROM gates_gateevent o WHERE o.gate_id = e.gate_id AND o.at >= e.at AND o.id > e.id
        AND o.action = 'open'))
""",
    int,
)
# The gate's last opening in these minutes, if it was for this plate: then the car still stands there. A read that
# arrived before the one that opened may be decided after it: what is last is what was written last.
_LAST_OPENING = Fact(
    "opening",
    """
(SELECT row_to_json(found) FROM (
    SELECT e.id, e.at, e.action, e.reason, e.ticket_id, e.plate_normalised FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.at BETWEEN %(at)s - %(standing)s AND %(at)s + %(dedupe)s AND e.action = 'open'
    ORDER BY e.id DESC LIMIT 1
) found WHERE found.plate_normalised = %(plate)s)
""",
)
# The stay this plate has here already, by which gate it came in, and whether another car came in there since.
_STAYS_OF_PLATE = Fact(
    "stays",
    """
(SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id,
        entry.code, entry.reason, entry.id AS event, EXISTS (
            SELECT FROM gates_gateevent o WHERE o.gate_id = entry.gate_id AND o.at >= entry.at AND o.id > entry.id
            AND o.action = 'open' AND o.ticket_id IS DISTINCT FROM t.id) AS others_since
    FROM tickets_ticket t LEFT JOIN LATERAL (
        SELECT e.id, e.at, e.gate_id, e.reason, g.code FROM gates_gateevent e JOIN lots_gate g ON g.id = e.gate_id
        WHERE e.ticket_id = t.id AND g.direction = 'entry' AND e.action = 'open' ORDER BY e.id LIMIT 1
    ) entry ON true
    WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s AND t.status IN ('entering', 'active', 'paid')
) found)
""",
)
# Every stay a read at an exit may mean: by its number or link, or by plates that are alike; and what its fee, the
# answer about it and its end hang on. The charge's version tells whether its money has moved since.
_STAYS_ALIKE = Fact(
    "stays",
    """
(SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id,
        t.status, t.paid_at, t.priced_as, t.no_grace, t.lost, t.multiplier::text, t.tariff_id,
        t.charge_id, (SELECT row_to_json(charge) FROM (
            SELECT captured_amount, refunded_amount, credited_amount, concat_ws(' ', c.xmin, c.ctid) AS version
            FROM billing_charge c WHERE c.id = t.charge_id) charge) AS charge,
        (SELECT row_to_json(place) FROM (
            SELECT level.number AS level, level.name AS level_name, spot.number, zone.name AS zone, t.spot_type
            FROM lots_level level LEFT JOIN lots_spot spot ON spot.id = t.spot_id
            LEFT JOIN lots_zone zone ON zone.id = spot.zone_id WHERE level.id = t.level_id) place) AS place
    FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.status IN ('entering', 'active', 'paid')
        AND (t.plate_skeleton = ANY(%(skeletons)s) OR t.number = %(number)s OR t.token = %(number)s)
) found)
""",
)
# Bookings of plates that are alike whose window is open; a booked place is free when nothing else stands on it.
_BOOKINGS = Fact(
    "bookings",
    """
(SELECT json_agg(found) FROM (
    SELECT r.id, r.plate_normalised AS plate, r.starts_at, r.ends_at, r.status = 'no_show' AS no_show,
        CASE WHEN r.spot_id IS NULL THEN EXISTS (SELECT FROM lots_spotcount c WHERE c.lot_id = r.lot_id
            AND c.spot_type = r.spot_type AND c.free > 0)
        ELSE NOT s.maintenance AND s.stay IS NULL AND (s.hold IS NULL OR s.hold = r.id) END AS spot_free
    FROM reservations_reservation r LEFT JOIN lots_spot s ON s.id = r.spot_id
    WHERE r.lot_id = %(lot)s AND r.plate_skeleton = %(skeleton)s AND r.status IN ('confirmed', 'no_show')
        AND r.starts_at <= %(at)s + %(early)s AND r.ends_at > %(at)s
) found)
""",
)
_FREE = Fact(
    "free",
    """
(SELECT json_object_agg(spot_type, free) FROM (
    SELECT spot_type, sum(free) AS free FROM lots_spotcount WHERE lot_id = %(lot)s GROUP BY spot_type) counted)
""",
)
# Bookings that start soon and have no spot held for them yet: walk-ins must leave them room.
_PROMISED = Fact(
    "promised",
    """
(SELECT json_object_agg(spot_type, promised) FROM (
    SELECT r.spot_type, count(*) AS promised FROM reservations_reservation r
    WHERE r.lot_id = %(lot)s AND r.status = 'confirmed' AND r.starts_at <= %(at)s + %(protect)s AND r.ends_at > %(at)s
        AND NOT EXISTS (SELECT FROM lots_spot s WHERE s.id = r.spot_id AND s.hold = r.id)
    GROUP BY r.spot_type) counted)
""",
)
_EVERY_READ = (LANE, DEVICE, _REPLAY, _EARLIER, _WAITING, LATE)
_ENTRY = (_STAYS_OF_PLATE, BLOCKED, PERMIT, _BOOKINGS, _FREE, _PROMISED, LEFT_AT, TARIFF)
EXIT = Facts((*_EVERY_READ, _STAYS_ALIKE, _LAST_OPENING), REMEMBERED)


@cache
def entry(allocation: str, *, counts_spots: bool) -> Facts:
    """Return what an entry asks: the facts, and the place that such a car would be given."""
    return Facts((*_EVERY_READ, *_ENTRY, place_of(allocation, counts_spots=counts_spots)), REMEMBERED)


@cache
def place(allocation: str, *, counts_spots: bool) -> Facts:
    """Return the question for a car's place alone."""
    return Facts((place_of(allocation, counts_spots=counts_spots),))


# Only asked when no car inside is alike: those whose plate is about as long, to suggest the ones one edit away.
STAYS_NEAR = Facts(
    (
        Fact(
            "stays",
            """
(SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id
    FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.status IN ('entering', 'active', 'paid')
        AND length(t.plate_normalised) BETWEEN length(%(plate)s) - 2 AND length(%(plate)s) + 2
) found)
""",
        ),
    )
)
