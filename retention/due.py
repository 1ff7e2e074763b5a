"""What has run out: a query for each purpose; the nightly run finds rows by it, and `verify` proves that none is left.

A clock starts when something was received, by our clock and never a device's, or when what it is for ended.
"""

from lots.kept_days import Purpose, days_sql

BATCH = 500


def _days(purpose: Purpose) -> str:
    return f"make_interval(days => {days_sql(purpose)})"


# A stay with an account, a booking or a pass is somebody's; one that owed, or still has to be decided, waits longer.
# What is open, or owes, keeps its plate.
STAYS = f"""
SELECT ticket.id, lot.slug, ticket.number AS name, clock.began
FROM tickets_ticket ticket JOIN lots_lot lot ON lot.id = ticket.lot_id
LEFT JOIN billing_charge charge ON charge.id = ticket.charge_id
LEFT JOIN billing_debt debt ON debt.charge_id = ticket.charge_id
LEFT JOIN reservations_reservation booking ON booking.id = ticket.reservation_id
CROSS JOIN LATERAL (SELECT greatest(ticket.changed_at, ticket.exit_at, ticket.paid_at, charge.settled_at,
    debt.settled_at, (SELECT max(event.received_at) FROM gates_gateevent event WHERE event.ticket_id = ticket.id)
    ) AS began) clock
WHERE ticket.status IN ('closed', 'void', 'review') AND (debt.id IS NULL OR debt.settled_at IS NOT NULL)
    AND (ticket.plate IS NOT NULL OR ticket.exit_plate IS NOT NULL OR ticket.plate_normalised NOT LIKE '~%%')
    AND ticket.changed_at < %(at)s - interval '1 day'
    AND clock.began < %(at)s - greatest({_days(Purpose.PAID_PLATES)},
        CASE WHEN debt.id IS NOT NULL OR ticket.status = 'review' OR charge.balance_amount > 0
            THEN {_days(Purpose.UNPAID_PLATES)} END,
        CASE WHEN ticket.held_pass_id IS NOT NULL OR booking.driver_id IS NOT NULL OR booking.email <> ''
            OR EXISTS (SELECT FROM tickets_stayproof proof WHERE proof.ticket_id = ticket.id)
            THEN {_days(Purpose.KNOWN_PLATES)} END)
"""  # noqa: S608 only our own text
_SAYS_PLATE = """
(event.plate IS NOT NULL OR event.plate_normalised NOT LIKE '~%%' OR event.read ? 'candidates')
"""
# Reads that led to no stay, and those whose stay has its plate no more. An index would cost every read some time.
READS = f"""
SELECT event.id, lot.slug, event.event_id::text AS name, event.received_at AS began
FROM gates_gateevent event JOIN lots_lot lot ON lot.id = event.lot_id
LEFT JOIN tickets_ticket ticket ON ticket.id = event.ticket_id
WHERE {_SAYS_PLATE} AND event.received_at < %(at)s - {_days(Purpose.PAID_PLATES)}
    AND (ticket.id IS NULL OR ticket.plate IS NULL AND ticket.exit_plate IS NULL
        AND coalesce(ticket.plate_normalised, '~') LIKE '~%%' AND ticket.status NOT IN ('entering', 'active', 'paid'))
"""  # noqa: S608 only our own text
IMAGES = f"""
SELECT event.id, lot.slug, event.event_id::text AS name, event.received_at AS began
FROM gates_gateevent event JOIN lots_lot lot ON lot.id = event.lot_id
WHERE event.read ? 'image_url' AND event.received_at < %(at)s - {_days(Purpose.IMAGES)}
"""  # noqa: S608 only our own text
DEBTS = f"""
SELECT debt.id, lot.slug, debt.id::text AS name, debt.settled_at AS began
FROM billing_debt debt JOIN billing_charge charge ON charge.id = debt.charge_id
JOIN lots_lot lot ON lot.id = charge.lot_id
WHERE (debt.plate <> '' OR debt.plate_normalised NOT LIKE '~%%' AND debt.plate_normalised <> '')
    AND debt.settled_at < %(at)s - {_days(Purpose.UNPAID_PLATES)}
"""  # noqa: S608 only our own text
# Of bookings that are over, whoever made them; a stay or debt of one has its own clock.
BOOKINGS = f"""
SELECT booking.id, lot.slug, booking.code AS name, booking.ends_at AS began
FROM reservations_reservation booking JOIN lots_lot lot ON lot.id = booking.lot_id
WHERE booking.status NOT IN ('pending', 'confirmed', 'active')
    AND (booking.email <> '' OR booking.plate <> '' OR booking.phone <> '')
    AND booking.unsettled_since IS NULL
    AND greatest(booking.ends_at, booking.created_at) < %(at)s - {_days(Purpose.BOOKINGS)}
    AND NOT EXISTS (SELECT FROM billing_debt debt WHERE debt.charge_id = booking.charge_id AND debt.settled_at IS NULL)
"""  # noqa: S608 only our own text
# Of passes that have ended, whose last car has left and that are paid.
PASSES = f"""
SELECT held.id, lot.slug, held.code AS name, clock.began
FROM passes_pass held JOIN lots_lot lot ON lot.id = held.lot_id
CROSS JOIN LATERAL (SELECT greatest(held.created_at,
    CASE WHEN held.status = 'cancelled' THEN held.stopped_at ELSE (held.valid_until + 1
        + CASE WHEN held.renewal = 'none' THEN 0 ELSE held.grace_days END)::timestamp AT TIME ZONE lot.timezone END,
    (SELECT max(coalesce(passuse.left_at, 'infinity')) FROM passes_passuse passuse WHERE passuse.held_pass_id = held.id)
    ) AS began) clock
WHERE held.status IN ('expired', 'cancelled')
    AND (held.holder_id IS NOT NULL OR held.holder_name <> '' OR held.email <> '' OR held.note <> ''
        OR EXISTS (SELECT FROM passes_passplate plate WHERE plate.held_pass_id = held.id))
    AND clock.began < %(at)s - {_days(Purpose.PASSES)}
    AND NOT EXISTS (SELECT FROM passes_passperiod period JOIN billing_charge charge ON charge.id = period.charge_id
        WHERE period.held_pass_id = held.id AND period.dropped_at IS NULL AND charge.balance_amount > 0)
"""  # noqa: S608 only our own text
# Of passes that still count.
PASS_PLATES = f"""
SELECT plate.id, lot.slug, held.code AS name, plate.removed_at AS began
FROM passes_passplate plate JOIN passes_pass held ON held.id = plate.held_pass_id
JOIN lots_lot lot ON lot.id = held.lot_id
WHERE held.status NOT IN ('expired', 'cancelled') AND plate.removed_at < %(at)s - {_days(Purpose.PASSES)}
"""  # noqa: S608 only our own text
EVENT_PLATES = f"""
SELECT event.id, lot.slug, event.subject AS name, event.recorded_at AS began
FROM events_event event JOIN lots_lot lot ON lot.slug = event.lot
WHERE event.data ->> 'plate' IS NOT NULL AND event.recorded_at < %(at)s - {_days(Purpose.EVENT_PLATES)}
"""  # noqa: S608 only our own text


def longest_of(purpose: Purpose, operator: str) -> str:
    """Return the SQL of how long an operator keeps what is known of no lot: as the lot that says longest."""
    return f"(SELECT coalesce(max({days_sql(purpose)}), 0) FROM lots_lot lot WHERE lot.operator_id = {operator})"  # noqa: S608
