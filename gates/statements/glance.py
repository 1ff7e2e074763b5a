"""What is asked of a car first: a glance.

Of most cars nothing is known but where they go. A glance asks whether there is more, and for what that much takes; to
PostgreSQL a statement costs by what it might have to do, so this is far less than all facts.
"""

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
    yes,
)

_SEEN = """
EXISTS (SELECT FROM gates_gateevent e WHERE e.gate_id = %(gate)s AND e.plate_normalised = %(plate)s
    AND e.at BETWEEN %(at)s - greatest(%(dedupe)s, %(waiting)s) AND %(at)s + %(dedupe)s)
"""
_REPLAYED = "EXISTS (SELECT FROM gates_gateevent WHERE device_id = %(device)s AND event_id = %(event)s)"
_INSIDE = """
EXISTS (SELECT FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.plate_normalised = %(plate)s
    AND t.status IN ('entering', 'active', 'paid'))
"""
_EXPECTED = """
EXISTS (SELECT FROM reservations_reservation r WHERE r.lot_id = %(lot)s AND r.plate_skeleton = %(skeleton)s
    AND r.status IN ('confirmed', 'no_show') AND r.ends_at > %(at)s)
"""
_SOMEBODY_EXPECTED = """
EXISTS (SELECT FROM reservations_reservation r WHERE r.lot_id = %(lot)s AND r.status = 'confirmed'
    AND r.starts_at <= %(at)s + %(protect)s AND r.ends_at > %(at)s)
"""
_MORE_AT_ENTRY = (_REPLAYED, _SEEN, _INSIDE, BLOCKED.select, PERMIT.select, _EXPECTED, _SOMEBODY_EXPECTED)
_STAYS_AT_A_GLANCE = Fact(
    "stays",
    """
(SELECT json_agg(found) FROM (
    SELECT t.id, t.number, t.token, t.plate_normalised AS plate, t.entry_at, t.spot_type, t.reservation_id,
        t.status, t.paid_at, t.priced_as, t.no_grace, t.lost, t.multiplier::text, t.tariff_id, t.charge_id
    FROM tickets_ticket t WHERE t.lot_id = %(lot)s AND t.status IN ('entering', 'active', 'paid')
        AND t.plate_skeleton = ANY(%(skeletons)s)
) found)
""",
)


@cache
def glance_at_entry(allocation: str, *, counts_spots: bool, offline: bool) -> Facts:
    """Return what is asked first at an entry."""
    place = place_of(allocation, counts_spots=counts_spots)
    return Facts((LANE, DEVICE, _more(_MORE_AT_ENTRY, offline=offline), LEFT_AT, TARIFF, place), REMEMBERED)


@cache
def glance_at_exit(*, offline: bool) -> Facts:
    """Return what is asked first at an exit."""
    return Facts((LANE, DEVICE, _more((_REPLAYED, _SEEN), offline=offline), _STAYS_AT_A_GLANCE), REMEMBERED)


def _more(what: tuple[str, ...], *, offline: bool) -> Fact:
    return Fact("more", " OR ".join((*what, *([LATE.select] if offline else []))), yes)
