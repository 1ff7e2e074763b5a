"""The parts of the statement that finds what needs attention; columns: kind, lot_id, subject, amount, since."""

from analytics.long_stays import INSIDE_SINCE
from analytics.sql import DAYS
from gates.reads.body import LARGEST_SEQ
from notifications.models import ERASED

_REVIEWS = """
SELECT 'review' AS kind, lot_id, '' AS subject, count(*) AS amount, min(changed_at) AS since
FROM tickets_ticket WHERE status = 'review' AND lot_id = ANY(%(lots)s::bigint[]) GROUP BY lot_id
"""
_LONG_STAYS = f"""
SELECT 'long' AS kind, stay.lot_id, '' AS subject, count(*) AS amount, min(stay.entry_at) AS since
FROM {INSIDE_SINCE} GROUP BY stay.lot_id
"""  # noqa: S608 only our own text
LAST_EVENT = """
    SELECT event.at FROM gates_gateevent event
    WHERE event.gate_id = gate.id AND event.at <= %(at)s ORDER BY event.at DESC LIMIT 1"""
"""When something last happened at a `gate`."""
USUAL_EVENTS = """
    SELECT max(events) AS events FROM (VALUES (1), (7)) ago (days) CROSS JOIN LATERAL (
        SELECT count(*) AS events FROM gates_gateevent event WHERE event.gate_id = gate.id
            AND event.at BETWEEN %(at)s - ago.days * interval '24 hours' - interval '1 hour'
            AND %(at)s - ago.days * interval '24 hours' + interval '1 hour') those_days"""
"""How many events a `gate` had in two hours around this time, yesterday or a week ago, whichever were more."""
# A gate is silent when five events are overdue at yesterday's or last week's rate for this time.
IS_SILENT = """
    NOT gate.is_closed AND last.at < %(at)s - interval '10 minutes'
    AND usual.events * extract(epoch FROM %(at)s - last.at) >= 5 * 7200
    AND EXISTS (SELECT FROM devices_device device WHERE device.gate_id = gate.id AND device.revoked_at IS NULL)
"""
SILENT_GATES = f"""
SELECT 'silent' AS kind, gate.lot_id, coalesce(nullif(gate.name, ''), gate.code) AS subject,
    0 AS amount, last.at AS since
FROM lots_gate gate
CROSS JOIN LATERAL ({LAST_EVENT}) last
CROSS JOIN LATERAL ({USUAL_EVENTS}) usual
WHERE gate.lot_id = ANY(%(lots)s::bigint[]) AND {IS_SILENT}
"""  # noqa: S608 only our own text
_HELD_GATES = """
SELECT 'held' AS kind, lot_id, coalesce(nullif(name, ''), code) AS subject, 0 AS amount, held_open_since AS since
FROM lots_gate WHERE held_open_since IS NOT NULL AND lot_id = ANY(%(lots)s::bigint[])
"""
_SKEWED_CLOCKS = """
SELECT 'skew' AS kind, lot_id, subject, seconds AS amount, since FROM (
    SELECT DISTINCT ON (event.device_id) event.lot_id, coalesce(nullif(gate.name, ''), gate.code) || ', ' || device.name
        AS subject, event.skew_seconds AS seconds, event.received_at AS since, event.device_id, event.gate_id, event.at
    FROM gates_gateevent event
    JOIN devices_device device ON device.id = event.device_id AND device.revoked_at IS NULL
    JOIN lots_gate gate ON gate.id = event.gate_id
    WHERE event.lot_id = ANY(%(lots)s::bigint[]) AND event.at > %(at)s - interval '24 hours'
        AND (event.flags <> '[]' OR event.skew_seconds IS NOT NULL) AND event.skew_seconds IS NOT NULL
    ORDER BY event.device_id, event.at DESC
) skewed
WHERE NOT EXISTS (SELECT FROM gates_gateevent later WHERE later.gate_id = skewed.gate_id AND later.at > skewed.at
    AND later.device_id = skewed.device_id AND later.skew_seconds IS NULL AND NOT later.offline)
"""
# Only each device's last 200 numbers count, so that old gaps disappear. Numbers above 2^53 - 1, which earlier versions
# accepted, would overflow the sum and turn every later read into a gap.
_SEQUENCE_GAPS = f"""
SELECT 'gap' AS kind, device.lot_id, coalesce(nullif(gate.name, ''), gate.code) || ', ' || device.name AS subject,
    max(heard.seq) - min(heard.seq) + 1 - count(DISTINCT heard.seq) AS amount, NULL::timestamptz AS since
FROM devices_device device
JOIN lots_gate gate ON gate.id = device.gate_id
CROSS JOIN LATERAL (
    SELECT event.seq FROM gates_gateevent event
    WHERE event.device_id = device.id AND event.seq BETWEEN 0 AND {LARGEST_SEQ}
    ORDER BY event.seq DESC LIMIT 200) heard
WHERE device.lot_id = ANY(%(lots)s::bigint[]) AND device.revoked_at IS NULL
GROUP BY device.id, device.lot_id, gate.name, gate.code, device.name
HAVING max(heard.seq) - min(heard.seq) + 1 > count(DISTINCT heard.seq)
"""  # noqa: S608 only our own number
_ENDING_TARIFFS = """
SELECT 'tariff_ends' AS kind, tariff.lot_id, '' AS subject, tariff.valid_until - day.today AS amount,
    NULL::timestamptz AS since
FROM day JOIN billing_tariff tariff ON tariff.lot_id = day.lot_id AND tariff.superseded_at IS NULL
WHERE tariff.valid_from <= day.today AND tariff.valid_until BETWEEN day.today AND day.today + 14
    AND NOT EXISTS (SELECT FROM billing_tariff next WHERE next.lot_id = tariff.lot_id AND next.superseded_at IS NULL
        AND next.valid_from = tariff.valid_until + 1)
"""
_MISSING_TARIFFS = """
SELECT 'no_tariff' AS kind, day.lot_id, '' AS subject, 0 AS amount, NULL::timestamptz AS since
FROM day WHERE NOT EXISTS (SELECT FROM billing_tariff tariff WHERE tariff.lot_id = day.lot_id
    AND tariff.superseded_at IS NULL AND tariff.valid_from <= day.today
    AND coalesce(tariff.valid_until, 'infinity'::date) >= day.today)
"""
_DEBTS = """
SELECT 'debt' AS kind, charge.lot_id, '' AS subject, count(*) AS amount, min(debt.created_at) AS since
FROM billing_debt debt JOIN billing_charge charge ON charge.id = debt.charge_id
WHERE debt.settled_at IS NULL AND charge.lot_id = ANY(%(lots)s::bigint[]) GROUP BY charge.lot_id
"""
_OBJECTIONS = """
SELECT 'objection' AS kind, charge.lot_id, '' AS subject, count(*) AS amount, min(objection.raised_at) AS since
FROM billing_objection objection JOIN billing_payment payment ON payment.id = objection.payment_id
JOIN billing_charge charge ON charge.id = payment.charge_id
WHERE objection.decided_at IS NULL AND charge.lot_id = ANY(%(lots)s::bigint[]) GROUP BY charge.lot_id
"""
_BOOKINGS_WITHOUT_PLACE = """
SELECT 'no_place' AS kind, lot_id, '' AS subject, count(*) AS amount, min(place_lost_at) AS since
FROM reservations_reservation
WHERE status = 'confirmed' AND place_lost_at IS NOT NULL AND lot_id = ANY(%(lots)s::bigint[]) GROUP BY lot_id
"""
_NOT_PARKED = """
SELECT 'not_parked' AS kind, booking.lot_id, '' AS subject, count(*) AS amount, min(report.reported_at) AS since
FROM reservations_notparkedreport report JOIN reservations_reservation booking ON booking.id = report.booking_id
WHERE report.decided_at IS NULL AND report.turned_away_at IS NULL AND booking.lot_id = ANY(%(lots)s::bigint[])
GROUP BY booking.lot_id
"""
# Nobody works that long: it was forgotten.
_FORGOTTEN_SHIFTS = """
SELECT 'shift' AS kind, shift.lot_id, coalesce(nullif(person.name, ''), person.email) AS subject, 1 AS amount,
    shift.opened_at AS since
FROM billing_shift shift JOIN accounts_user person ON person.id = shift.person_id
WHERE shift.state IN ('open', 'counting') AND shift.lot_id = ANY(%(lots)s::bigint[])
    AND shift.opened_at < %(at)s - interval '16 hours'
"""
# An exit without a stay is left out once the late record of its entry has arrived.
_FLAGGED_EVENTS = """
SELECT 'flag' AS kind, event.lot_id, flag.name AS subject, count(*) AS amount, max(event.at) AS since
FROM gates_gateevent event CROSS JOIN LATERAL jsonb_array_elements_text(event.flags) flag (name)
WHERE event.lot_id = ANY(%(lots)s::bigint[]) AND event.at BETWEEN %(at)s - interval '24 hours' AND %(at)s
    AND (event.flags <> '[]' OR event.skew_seconds IS NOT NULL)
    AND NOT (event.offline AND flag.name = 'no_ticket' AND EXISTS (SELECT FROM tickets_ticket stay
        WHERE stay.lot_id = event.lot_id AND stay.plate_normalised = event.plate_normalised
        AND stay.exit_at = event.at))
GROUP BY event.lot_id, flag.name
"""
_PARKED_MESSAGES = f"""
SELECT 'message' AS kind, NULL::bigint AS lot_id, '' AS subject, count(*) AS amount, min(created_at) AS since
FROM notifications_message
WHERE state = 'parked' AND recipient <> '{ERASED}' AND operator_id = ANY(%(operators)s::bigint[]) HAVING count(*) > 0
"""  # noqa: S608 only our own name
# One address may be slow; all mail is stuck when none of the latest messages went out either.
_WAITING_MESSAGES = """
SELECT 'mail' AS kind, NULL::bigint AS lot_id, CASE WHEN EXISTS (
        SELECT FROM (SELECT sent_at FROM notifications_message ORDER BY id DESC LIMIT 200) latest
        WHERE latest.sent_at > waiting.since
    ) THEN '' ELSE 'all' END AS subject, waiting.amount, waiting.since
FROM (
    SELECT count(*) AS amount, min(created_at) AS since
    FROM notifications_message message
    WHERE message.state = 'queued' AND message.created_at < %(at)s - interval '15 minutes'
        AND operator_id = ANY(%(operators)s::bigint[])
) waiting WHERE waiting.amount > 0
"""
_OUT_OF_USE = """
SELECT 'maintenance' AS kind, lot_id, '' AS subject, count(*) AS amount, min(maintenance_since) AS since
FROM lots_spot WHERE maintenance AND maintenance_until IS NULL AND lot_id = ANY(%(lots)s::bigint[])
    AND maintenance_since < %(at)s - interval '7 days' GROUP BY lot_id
"""

EVERYTHING = DAYS + " UNION ALL ".join(
    f"({part})"
    for part in (
        _REVIEWS,
        _HELD_GATES,
        _LONG_STAYS,
        SILENT_GATES,
        _SKEWED_CLOCKS,
        _SEQUENCE_GAPS,
        _ENDING_TARIFFS,
        _MISSING_TARIFFS,
        _DEBTS,
        _OBJECTIONS,
        _BOOKINGS_WITHOUT_PLACE,
        _NOT_PARKED,
        _FORGOTTEN_SHIFTS,
        _FLAGGED_EVENTS,
        _PARKED_MESSAGES,
        _WAITING_MESSAGES,
        _OUT_OF_USE,
    )
)
