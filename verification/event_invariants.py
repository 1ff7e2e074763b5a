"""Invariants of events, webhooks and streams."""

from verification.proof import Invariant

EVENTS_ARE_NUMBERED = Invariant(
    10,
    "events_are_numbered",
    "Each operator's events have numbers without gaps up to its latest, and none waits for one for an hour.",
    """
    SELECT format('operator %s has %s events from %s to %s, and counts %s', counter.operator_id, kept.events,
        kept.first, kept.last, counter.last)
    FROM events_eventcounter counter CROSS JOIN LATERAL (
        SELECT count(*) AS events, min(number) AS first, max(number) AS last FROM events_event
        WHERE operator_id = counter.operator_id AND number IS NOT NULL) kept
    WHERE kept.events > 0 AND (kept.last <> counter.last OR kept.last - kept.first + 1 <> kept.events)
    UNION ALL
    SELECT format('event %s of operator %s has no number since %s', id, operator_id, recorded_at) FROM events_event
    WHERE number IS NULL AND recorded_at < now() - interval '1 hour'
    """,
)

SUBJECTS_ARE_DELIVERED_IN_ORDER = Invariant(
    10,
    "subjects_are_delivered_in_order",
    "Nothing of a subject was delivered to a webhook before something earlier of it was tried.",
    """
    SELECT format('webhook %s: event %s waits since %s, later ones of %s are delivered', waiting.webhook_id,
        waiting.number, waiting.planned_at, waiting.subject)
    FROM events_webhookdelivery waiting WHERE waiting.state = 'waiting' AND waiting.tried_at IS NULL AND EXISTS (
        SELECT FROM events_webhookdelivery later WHERE later.webhook_id = waiting.webhook_id
            AND later.subject = waiting.subject AND later.number > waiting.number AND later.state = 'delivered')
    """,
)

STREAMS_FOLLOW_EVENTS = Invariant(
    10,
    "streams_follow_events",
    "No stream is ahead of an operator's events.",
    """
    SELECT format('stream %s has events of operator %s up to %s, and there are %s', stream.label, cursor.operator_id,
        cursor.after, coalesce(counter.last, 0))
    FROM events_streamcursor cursor JOIN events_eventstream stream ON stream.id = cursor.stream_id
    LEFT JOIN events_eventcounter counter USING (operator_id)
    WHERE cursor.after > coalesce(counter.last, 0)
    """,
)

INVARIANTS = (EVENTS_ARE_NUMBERED, SUBJECTS_ARE_DELIVERED_IN_ORDER, STREAMS_FOLLOW_EVENTS)
