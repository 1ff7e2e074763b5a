"""Invariants of passes: their uses, their pools, their entries and their states."""

from verification.proof import Invariant

PASSES_AND_STAYS_AGREE = Invariant(
    3,
    "passes_and_stays_agree",
    "Each stay on a pass is one use of it: inside while the stay is open, given back exactly when it was void.",
    """
    SELECT format('ticket %s (%s) on pass %s: %s', coalesce(t.number, u.ticket::text), coalesce(t.status, 'none'),
        coalesce(t.held_pass_id, u.held_pass_id), CASE WHEN u.id IS NULL THEN 'no use'
            WHEN u.given_back THEN 'given back' WHEN u.left_at IS NULL THEN 'inside' ELSE 'left' END)
    FROM (SELECT * FROM tickets_ticket WHERE held_pass_id IS NOT NULL) t
    FULL JOIN (
        SELECT * FROM passes_passuse use WHERE NOT use.given_back
            OR EXISTS (SELECT FROM tickets_ticket stay WHERE stay.id = use.ticket AND stay.held_pass_id IS NOT NULL)
    ) u ON u.ticket = t.id
    WHERE t.id IS NULL OR u.held_pass_id <> t.held_pass_id
        OR (u.left_at IS NULL) <> (t.status IN ('entering', 'active', 'paid'))
        OR u.given_back <> (t.status = 'void') OR (u.id IS NULL AND t.status <> 'void')
    """,
)

POOLS_KEEP_THEIR_SPACES = Invariant(
    2,
    "pools_keep_their_spaces",
    "No more cars are inside on a pass than it has spaces, but for those that an offline garage let in and that are"
    " flagged, or that a person took back inside.",
    """
    SELECT format('pass %s has %s spaces, %s cars inside', held.code, held.spaces, count(*))
    FROM passes_pass held JOIN passes_passuse use ON use.held_pass_id = held.id AND use.left_at IS NULL
    WHERE held.spaces IS NOT NULL
        AND NOT EXISTS (SELECT FROM gates_gateevent event
            WHERE event.ticket_id = use.ticket AND event.flags ? 'pool_full')
        AND NOT EXISTS (SELECT FROM tickets_ticketchange change
            WHERE change.ticket_id = use.ticket AND change.from_status IN ('review', 'closed'))
    GROUP BY held.id HAVING count(*) > held.spaces
    """,
)

ENTRIES_ARE_USED_OR_LEFT = Invariant(
    3,
    "entries_are_used_or_left",
    "The entries of a pass that came with its periods are those that its stays have used and those that are left.",
    """
    SELECT format('pass %s: %s entries, %s used, %s left', code, given, used, entries_left)
    FROM (
        SELECT held.code, held.entries_left,
            held.entries * (SELECT count(*) FROM passes_passperiod period WHERE period.held_pass_id = held.id
                AND (period.number = 1 OR period.begun_at IS NOT NULL)) AS given,
            (SELECT coalesce(sum(use.entries), 0) FROM passes_passuse use WHERE use.held_pass_id = held.id) AS used
        FROM passes_pass held WHERE held.entries IS NOT NULL
    ) counted WHERE given <> used + entries_left
    """,
)

PASSES_BEGIN_WITH_A_PERIOD = Invariant(
    5,
    "passes_begin_with_a_period",
    "A pass that opens gates, or did so, has a period that has begun; a draft has none.",
    """
    SELECT format('pass %s (%s): period %s', held.code, held.status, coalesce(period.number::text, 'none'))
    FROM passes_pass held
    LEFT JOIN passes_passperiod period ON period.held_pass_id = held.id AND period.begun_at IS NOT NULL
    WHERE (held.status IN ('active', 'suspended') AND period.id IS NULL)
        OR (held.status = 'draft' AND period.id IS NOT NULL)
    """,
)

PASSES_STAY_WITH_THEIR_OPERATOR = Invariant(
    9,
    "passes_stay_with_their_operator",
    "The lots and plates of a pass are its operator's, and so is its company; a stay on it is at one of its lots.",
    """
    SELECT format('pass %s of operator %s: %s', held.code, lot.operator_id, wrong.what)
    FROM passes_pass held JOIN lots_lot lot ON lot.id = held.lot_id
    CROSS JOIN LATERAL (
        SELECT 'lot ' || other.slug AS what FROM passes_pass_lots its JOIN lots_lot other ON other.id = its.lot_id
        WHERE its.pass_id = held.id AND other.operator_id <> lot.operator_id
        UNION ALL SELECT 'plate ' || plate.plate FROM passes_passplate plate
        WHERE plate.held_pass_id = held.id AND plate.operator_id <> lot.operator_id
        UNION ALL SELECT 'company ' || company.name FROM passes_company company
        WHERE company.id = held.company_id AND company.operator_id <> lot.operator_id
        UNION ALL SELECT 'ticket ' || ticket.number FROM tickets_ticket ticket
        WHERE ticket.held_pass_id = held.id AND NOT EXISTS (
            SELECT FROM passes_pass_lots its WHERE its.pass_id = held.id AND its.lot_id = ticket.lot_id)
    ) wrong
    """,
)

INVARIANTS = (
    PASSES_AND_STAYS_AGREE,
    POOLS_KEEP_THEIR_SPACES,
    ENTRIES_ARE_USED_OR_LEFT,
    PASSES_BEGIN_WITH_A_PERIOD,
    PASSES_STAY_WITH_THEIR_OPERATOR,
)
