"""The facts and the queries of entries and exits."""

from functools import cache

from gates.reads.facts import CACHED_ROWS, DEVICE, EVERY_READ, LANE, LATE, Fact, Query, place_fact, yes
from gates.reads.pass_facts import PASSES, STAYS_PASS

# --- a stay, as part of a JSON object

_CAR = """
t.id, t.number, t.token, t.plate_normalised AS plate, t.region, t.entry_at, t.spot_type, t.reservation_id,
t.held_pass_id
"""
_FEE = """
 t.status, t.paid_at, t.priced_as, t.vehicle_type, t.no_grace, t.stays_before, t.lost, t.multiplier::text, t.tariff_id,
 t.charge_id, t.discounts
 """
# The charge's version shows whether its money has moved since.
_CHARGE = """
(SELECT row_to_json(charge) FROM (
    SELECT due_amount, captured_amount, refunded_amount, credited_amount, rounding_amount, kept_amount,
        concat_ws(' ', c.xmin, c.ctid) AS version
    FROM billing_charge c WHERE c.id = t.charge_id) charge) AS charge
"""
# As devices see it.
_PLACE = """
(SELECT row_to_json(place) FROM (
    SELECT spot.number, level.number AS level, level.name AS level_name, zone.name AS zone, t.spot_type AS type
    FROM lots_level level LEFT JOIN lots_spot spot ON spot.id = t.spot_id
    LEFT JOIN lots_zone zone ON zone.id = spot.zone_id WHERE level.id = t.level_id) place) AS place
"""
# Whether its record was too old to be believed by a lane when it came, and the exit that was opened for it last and has
# not reported yet.
_DOUBTS = """
t.entry_at < %(at)s - %(oldest)s AND EXISTS (SELECT FROM gates_gateevent e
    WHERE e.ticket_id = t.id AND e.offline AND e.action = 'open' AND e.received_at - e.at > %(oldest)s)
    AS of_old_record,
(SELECT row_to_json(promise) FROM (
    SELECT g.code, e.id, e.at, e.action, e.reason, e.ticket_id
    FROM gates_gateevent e JOIN lots_gate g ON g.id = e.gate_id
    WHERE e.ticket_id = t.id AND e.action = 'open' AND e.first_id IS NULL AND NOT e.offline
        AND g.direction = 'exit' AND g.confirms_passage AND e.at > %(at)s - %(promise)s
        AND NOT EXISTS (SELECT FROM gates_gateevent o WHERE o.first_id = e.id AND o.kind IN ('passage', 'undo'))
    ORDER BY e.id DESC LIMIT 1) promise) AS promise
"""
_INSIDE = "t.status IN ('entering', 'active', 'paid')"
_ALIKE = f"FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND {_INSIDE} AND t.plate_skeleton = ANY(%(skeletons)s)"

# --- entries

# The stay this plate has here already, whether a car without a place waits for its own, by which gate it came in, and
# whether another car came in there since.
_STAYS_OF_PLATE = Fact(
    "stays",
    f"""
(SELECT json_agg(found) FROM (
    SELECT {_CAR}, t.status, t.level_id, {_PLACE}, EXISTS (
            SELECT FROM tickets_ticket w WHERE w.lot_id = t.lot_id AND w.level_id IS NULL
            AND w.status IN ('entering', 'active', 'paid')
            AND tickets_fits(w.vehicle_type, w.electric, w.permit, t.spot_type)) AS awaited,
        entry.code, entry.reason, entry.id AS event, EXISTS (
            SELECT FROM gates_gateevent o WHERE o.gate_id = entry.gate_id AND o.at >= entry.at AND o.id > entry.id
            AND o.action = 'open' AND o.ticket_id IS DISTINCT FROM t.id) AS others_since
    FROM tickets_ticket t LEFT JOIN LATERAL (
        SELECT e.id, e.at, e.gate_id, e.reason, g.code FROM gates_gateevent e JOIN lots_gate g ON g.id = e.gate_id
        WHERE e.ticket_id = t.id AND g.direction = 'entry' AND e.action = 'open' ORDER BY e.id LIMIT 1
    ) entry ON true
    WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s AND {_INSIDE}
) found)
""",  # noqa: S608 only our own text
    stops_brief=f"""
EXISTS (SELECT FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s AND {_INSIDE})
""",
)
# Blocks that hold at this lot on this day, of those that PostgreSQL finds by operator and plate.
_STANDS = """
b.operator_id = %(operator)s AND b.plate_normalised = %(plate)s AND b.lifted_at IS NULL
    AND (b.last_day IS NULL OR b.last_day >= %(local_day)s) AND (b.lot_ids IS NULL OR %(lot)s = ANY(b.lot_ids))
"""
_IS_BLOCKED = f"EXISTS (SELECT FROM accounts_blockedplate b WHERE {_STANDS})"
# The regions of the plates on the blocklist that are spelled like this one, and whether they only have to prepay.
_BLOCKED = Fact(
    "blocked",
    f"""
(SELECT json_agg(json_build_object('region', b.region, 'prepay', b.for_debts AND o.debt_consequence = 'prepay'))
    FROM accounts_blockedplate b JOIN accounts_operator o ON o.id = b.operator_id
    WHERE {_STANDS})
""",  # noqa: S608 only our own text
    stops_brief=_IS_BLOCKED,
)
_HAS_PERMIT = """
EXISTS (SELECT FROM accounts_permit p WHERE p.operator_id = %(operator)s AND p.plate_normalised = %(plate)s
    AND p.kind = 'accessible' AND %(local_day)s BETWEEN p.valid_from AND coalesce(p.valid_until, 'infinity'::date))
"""
_PERMIT = Fact("permit", _HAS_PERMIT, yes, stops_brief=_HAS_PERMIT)
# Bookings of plates that are alike whose window is open; a booked place is free when nothing else stands on it. It is
# prepaid when nothing is owed beyond what its holds still bring; a charge of nothing that was never settled has no
# price yet.
_BOOKINGS = Fact(
    "bookings",
    """
(SELECT json_agg(found) FROM (
    SELECT r.id, r.plate_normalised AS plate, r.starts_at, r.ends_at, r.status = 'no_show' AS no_show,
        r.spot_id, r.spot_type,
        CASE WHEN r.spot_id IS NULL THEN EXISTS (SELECT FROM lots_spotcount c WHERE c.lot_id = r.lot_id
            AND c.spot_type = r.spot_type AND c.free > 0)
        ELSE NOT s.maintenance AND s.stay IS NULL AND (s.hold IS NULL OR s.hold = r.id) END AS spot_free,
        EXISTS (SELECT FROM billing_charge c WHERE c.id = r.charge_id AND c.due_amount >= r.price_amount
            AND (c.due_amount > 0 OR c.settled_at IS NOT NULL) AND c.balance_amount <= (
                SELECT coalesce(sum(coalesce(p.settling_amount, p.authorised_amount)), 0) FROM billing_payment p
                WHERE p.charge_id = c.id AND p.state = 'authorised' AND p.capture_before > %(at)s)) AS prepaid
    FROM reservations_reservation r LEFT JOIN lots_spot s ON s.id = r.spot_id
    WHERE r.lot_id = %(lot)s AND r.plate_skeleton = %(skeleton)s AND r.status IN ('confirmed', 'no_show')
        AND r.starts_at <= %(at)s + %(early)s AND r.ends_at > %(at)s
) found)
""",
    stops_brief="""
EXISTS (SELECT FROM reservations_reservation r WHERE r.lot_id = %(lot)s AND r.plate_skeleton = %(skeleton)s
    AND r.status IN ('confirmed', 'no_show') AND r.ends_at > %(at)s)
""",
)
# A brief query knows of one free place, the one it picks, which is enough where nobody else is expected.
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
    WHERE r.lot_id = %(lot)s AND r.status IN ('pending', 'confirmed')
        AND r.starts_at <= %(at)s + %(protect)s AND r.ends_at > %(at)s
        AND NOT EXISTS (SELECT FROM lots_spot s WHERE s.id = r.spot_id AND s.hold = r.id)
    GROUP BY r.spot_type) counted)
""",
    stops_brief="""
EXISTS (SELECT FROM reservations_reservation r WHERE r.lot_id = %(lot)s AND r.status IN ('pending', 'confirmed')
    AND r.starts_at <= %(at)s + %(protect)s AND r.ends_at > %(at)s)
""",
)
# The last exits of this plate, by which its region is found in a lot that tells cars by it.
_EXITS = Fact(
    "exits",
    """
(SELECT json_agg(found) FROM (
    SELECT t.exit_at, t.region FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s
        AND t.status = 'closed' ORDER BY t.exit_at DESC LIMIT 4) found)
""",
)
# The tariff that prices a stay which begins now, and whether it has a discount for regulars.
_TARIFF = Fact(
    "tariff",
    """
(SELECT json_build_array(id, rules -> 'regulars' -> 0 IS NOT NULL) FROM billing_tariff
WHERE lot_id = %(lot)s AND superseded_at IS NULL AND valid_from <= %(local_day)s
    AND (valid_until IS NULL OR valid_until >= %(local_day)s))
""",
)
_ENTRY = (_STAYS_OF_PLATE, _BLOCKED, _PERMIT, _BOOKINGS, PASSES, _FREE, _PROMISED, _EXITS, _TARIFF)


@cache
def full_entry(allocation: str, *, counts_spots: bool) -> Query:
    """Return all facts of an entry, with the place that the car as it was shown would be given."""
    return Query((*EVERY_READ, *_ENTRY, place_fact(allocation, counts_spots=counts_spots)), CACHED_ROWS)


@cache
def brief_entry(allocation: str, *, counts_spots: bool, offline: bool) -> Query:
    """Return what lets in a car of which nothing is known."""
    full = full_entry(allocation, counts_spots=counts_spots)
    place = full.facts[-1]
    return full.brief(LANE, DEVICE, _EXITS, _TARIFF, place, ignored=_ignored(offline=offline))


@cache
def place_query(allocation: str, *, counts_spots: bool, freed: bool) -> Query:
    """Return the question for a car's place alone; `freed` as for `pick_statement`."""
    return Query((place_fact(allocation, counts_spots=counts_spots, freed=freed),))


# The place of a spot that was booked.
BOOKED_PLACE = Query(
    (
        Fact(
            "place",
            """
(SELECT row_to_json(found) FROM (
    SELECT spot.level_id, spot.spot_type, spot.id AS spot_id, spot.number, level.number AS level,
        level.name AS level_name, zone.name AS zone
    FROM lots_spot spot JOIN lots_level level ON level.id = spot.level_id JOIN lots_zone zone ON zone.id = spot.zone_id
    WHERE spot.id = %(spot)s FOR UPDATE OF spot
) found)
""",
        ),
    )
)

# --- exits

# The gate's last opening in these minutes, if it was for this plate, as it was read or as the scanned ticket has it,
# and its barrier has not reported what became of it: then the car still stands there. A read that arrived before the
# one that opened may be decided after it: what is last is what was written last.
_LAST_OPENING = Fact(
    "opening",
    """
(SELECT row_to_json(found) FROM (
    SELECT e.id, e.first_id, e.at, e.action, e.reason, e.ticket_id, e.read ->> 'region' AS region,
        coalesce(e.plate_normalised, (SELECT t.plate_normalised FROM tickets_ticket t WHERE t.id = e.ticket_id))
        AS plate_normalised
    FROM gates_gateevent e
    WHERE e.gate_id = %(gate)s AND e.at BETWEEN %(at)s - %(standing)s AND %(at)s + %(dedupe)s AND e.action = 'open'
    ORDER BY e.id DESC LIMIT 1
) found WHERE found.plate_normalised = %(plate)s AND NOT EXISTS (SELECT FROM gates_gateevent o
    WHERE o.first_id = coalesce(found.first_id, found.id) AND o.kind = 'passage'))
""",
)
# Every stay a read at an exit may mean, by its number or link or by plates that are alike, with what its fee, the
# answer about it and its end depend on.
_STAYS = Fact(
    "stays",
    f"""
(SELECT json_agg(found) FROM (
    SELECT {_CAR}, {_FEE}, {_CHARGE}, {_PLACE}, {STAYS_PASS}, {_DOUBTS} FROM tickets_ticket t
    WHERE t.lot_id = %(lot)s AND {_INSIDE}
        AND (t.plate_skeleton = ANY(%(skeletons)s) OR t.number = %(number)s OR t.token = %(number)s)
) found)
""",  # noqa: S608 only our own text
)
_STAYS_IN_BRIEF = Fact("stays", f"(SELECT json_agg(found) FROM (SELECT {_CAR}, {_FEE}, {_DOUBTS} {_ALIKE}) found)")  # noqa: S608
# Whether anybody has agreed that this plate is charged automatically; what exactly is asked only then.
_AGREED = Fact(
    "agreed",
    """
EXISTS (SELECT FROM billing_automaticpayment a WHERE a.plate_normalised = %(plate)s AND a.withdrawn_at IS NULL)
""",
    yes,
)
FULL_EXIT = Query((*EVERY_READ, _STAYS, _LAST_OPENING, _AGREED), CACHED_ROWS)


@cache
def brief_exit(*, offline: bool) -> Query:
    """Return what lets out a car that is inside and of which nothing else is known."""
    return FULL_EXIT.brief(LANE, DEVICE, _STAYS_IN_BRIEF, ignored=_ignored(offline=offline))


# Only asked when no car inside is alike: those whose plate is about as long, to suggest the ones one edit away.
STAYS_NEAR = Query(
    (
        Fact(
            "stays",
            f"""
(SELECT json_agg(found) FROM (
    SELECT {_CAR} FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND {_INSIDE}
        AND length(t.plate_normalised) BETWEEN length(%(plate)s) - 2 AND length(%(plate)s) + 2
) found)
""",  # noqa: S608 only our own text
        ),
    )
)
# Taken before a stay's money is looked at, so that none moves until the read is answered.
LOCK_CHARGE = "SELECT FROM billing_charge WHERE id = %(charge)s FOR UPDATE"
# A stay whose charge is locked, and the payments tried since its lane asked for the money; not those on a page of the
# provider, which wait for their payer.
STAY_WITH_MONEY = Query(
    (
        Fact("stay", "row_to_json(stay)"),
        Fact(
            "payments",
            """
(SELECT json_agg(tried ORDER BY created_at, id) FROM (
    SELECT id, created_at, state, failure FROM billing_payment
    WHERE charge_id = %(charge)s AND created_at >= %(since)s AND page_url = ''
) tried)
""",
        ),
    ),
    f"""
FROM (SELECT {_CAR}, {_FEE}, {_CHARGE}, {_PLACE}, {STAYS_PASS} FROM tickets_ticket t WHERE t.id = %(ticket)s) stay
""",  # noqa: S608 only our own text
)


def _ignored(*, offline: bool) -> tuple[Fact, ...]:
    """Return what a read as it happens need not be asked."""
    return () if offline else (LATE,)
