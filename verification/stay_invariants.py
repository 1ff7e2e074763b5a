"""Invariants of stays: who is inside, how stays ended, and their history."""

from gates.decision.same_car import NAMED_FOR
from gates.reads.events import TRUSTED_SKEW
from verification.proof import Invariant

ONE_OPEN_TICKET_PER_PLATE = Invariant(
    2,
    "one_open_ticket_per_plate",
    "A known plate has at most one open ticket in a lot, or one a region where the lot tells cars by it.",
    """
    SELECT format('%s in %s: %s, %s', ticket.plate_normalised, lot.slug, ticket.number, other.number)
    FROM tickets_ticket ticket JOIN lots_lot lot ON lot.id = ticket.lot_id
    JOIN tickets_ticket other ON other.lot_id = ticket.lot_id AND other.plate_normalised = ticket.plate_normalised
        AND other.status IN ('entering', 'active', 'paid') AND other.id > ticket.id
    WHERE ticket.status IN ('entering', 'active', 'paid') AND (
        NOT lot.plates_by_region OR '' IN (ticket.plate_region, other.plate_region)
        OR starts_with(ticket.plate_region || '-', other.plate_region || '-')
        OR starts_with(other.plate_region || '-', ticket.plate_region || '-'))
    ORDER BY ticket.id
    """,
)

PLATES_TOLD_AS_THE_LOT_DOES = Invariant(
    2,
    "plates_told_as_the_lot_does",
    "An open ticket is told by the region of its plate where its lot tells cars by it, and only there.",
    """
    SELECT format('%s in %s: %L of %L', ticket.number, lot.slug, ticket.plate_region, ticket.region)
    FROM tickets_ticket ticket JOIN lots_lot lot ON lot.id = ticket.lot_id
    WHERE ticket.status IN ('entering', 'active', 'paid')
        AND ticket.plate_region <> CASE WHEN lot.plates_by_region THEN upper(btrim(ticket.region)) ELSE '' END
    """,
)

ONE_OPEN_TICKET_PER_SPOT = Invariant(
    2,
    "one_open_ticket_per_spot",
    "A spot has at most one open ticket.",
    """
    SELECT format('spot %s of %s: %s', spot.number, lot.slug, string_agg(ticket.number, ', ' ORDER BY ticket.id))
    FROM tickets_ticket ticket
    JOIN lots_spot spot ON spot.id = ticket.spot_id
    JOIN lots_lot lot ON lot.id = spot.lot_id
    WHERE ticket.status IN ('entering', 'active', 'paid')
    GROUP BY spot.id, spot.number, lot.slug HAVING count(*) > 1
    """,
)

CLOSED_TICKETS_ARE_SETTLED = Invariant(
    4,
    "closed_tickets_are_settled",
    "Every closed ticket has a settled charge, a debt, or a recorded reason why nothing is owed.",
    """
    SELECT format('%s closed as %s with %s', ticket.number, coalesce(nullif(ticket.closed_reason, ''), 'nothing'),
        CASE WHEN charge.id IS NULL THEN 'no charge' ELSE format('%s unpaid and no debt', charge.balance_amount) END)
    FROM tickets_ticket ticket
    LEFT JOIN billing_charge charge ON charge.id = ticket.charge_id
    LEFT JOIN billing_debt debt ON debt.charge_id = charge.id
    WHERE ticket.status = 'closed' AND debt.id IS NULL AND (
        ticket.closed_reason = ''
        OR charge.balance_amount > 0
        OR (charge.id IS NULL AND ticket.closed_reason IN ('paid', 'charged', 'owed'))
        OR (ticket.closed_reason = 'left_unseen' AND ticket.changed_why = '')
    )
    """,
)

HISTORY_ENDS_WHERE_TICKETS_ARE = Invariant(
    4,
    "history_ends_where_tickets_are",
    "The history of a ticket ends in its current state, and each change begins where the previous one ended.",
    """
    SELECT format('%s is %s, its history ends in %s', ticket.number, ticket.status, coalesce(last.to_status, 'nothing'))
    FROM tickets_ticket ticket
    LEFT JOIN (
        SELECT DISTINCT ON (ticket_id) ticket_id, to_status FROM tickets_ticketchange ORDER BY ticket_id, id DESC
    ) last ON last.ticket_id = ticket.id
    WHERE last.to_status IS DISTINCT FROM ticket.status
    UNION ALL
    SELECT format('%s went on from %s after it was %s', ticket.number, from_status, before)
    FROM (
        SELECT ticket_id, from_status, lag(to_status, 1, '') OVER (PARTITION BY ticket_id ORDER BY id) AS before
        FROM tickets_ticketchange
    ) change
    JOIN tickets_ticket ticket ON ticket.id = change.ticket_id
    WHERE from_status <> before
    """,
)

# From the stays that are open, which are few. Without confirmation a car counts as gone after the lot's seconds, and a
# plate that is known is another car's.
ONE_OPEN_TICKET_PER_CAR = Invariant(
    2,
    "one_open_ticket_per_car",
    "A car that its camera gave one id, and that has not driven on, has one open ticket.",
    f"""
    SELECT format('%s and %s: car %s at gate %s', arrival.before, arrival.number, arrival.vehicle_ref, gate.code)
    FROM (
        SELECT ticket.number, event.gate_id, event.id, event.at, event.reason,
            event.read ->> 'vehicle_ref' AS vehicle_ref, lag(ticket.number) OVER car AS before,
            lag(event.id) OVER car AS before_id, lag(event.at) OVER car AS before_at
        FROM tickets_ticket ticket JOIN gates_gateevent event ON event.ticket_id = ticket.id
        WHERE ticket.status IN ('entering', 'active', 'paid') AND event.kind = 'read' AND event.action = 'open'
            AND event.first_id IS NULL AND NOT event.offline AND event.read ? 'vehicle_ref'
        WINDOW car AS (PARTITION BY event.gate_id, event.read ->> 'vehicle_ref' ORDER BY event.id)
    ) arrival
    JOIN lots_gate gate ON gate.id = arrival.gate_id
    JOIN lots_lot lot ON lot.id = gate.lot_id
    WHERE gate.direction = 'entry' AND arrival.before <> arrival.number
        AND arrival.reason NOT IN ('reservation', 'pass', 'reentry')
        AND arrival.at - arrival.before_at <= CASE WHEN gate.confirms_passage
            THEN interval '{NAMED_FOR.seconds} seconds' ELSE lot.passing_seconds * interval '1 second' END
        AND NOT EXISTS (SELECT FROM gates_gateevent passed WHERE passed.gate_id = arrival.gate_id
            AND passed.action = 'passed' AND passed.id BETWEEN arrival.before_id AND arrival.id)
    """,  # noqa: S608 only our own number
)

NOBODY_LEAVES_IN_THE_FUTURE = Invariant(
    11,
    "nobody_leaves_in_the_future",
    "No car has left later than now, but for what a device's clock may be ahead.",
    f"""
    SELECT format('%s of lot %s left at %s', number, lot_id, exit_at)
    FROM tickets_ticket WHERE exit_at > now() + interval '{TRUSTED_SKEW.seconds} seconds'
    """,  # noqa: S608 only our own number
)

INVARIANTS = (
    ONE_OPEN_TICKET_PER_PLATE,
    ONE_OPEN_TICKET_PER_CAR,
    PLATES_TOLD_AS_THE_LOT_DOES,
    ONE_OPEN_TICKET_PER_SPOT,
    NOBODY_LEAVES_IN_THE_FUTURE,
    CLOSED_TICKETS_ARE_SETTLED,
    HISTORY_ENDS_WHERE_TICKETS_ARE,
)
