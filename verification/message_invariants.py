"""Invariants of the outbox."""

from django.conf import settings

from notifications.phone_codes import ACCOUNT
from verification.proof import Invariant

MESSAGES_ARE_DELIVERED_OR_PARKED = Invariant(
    10,
    "messages_are_delivered_or_parked",
    "Each message is delivered, parked with an error, or still retried: none is overdue by more than an hour.",
    """
    SELECT format('message %s (%s to %s): %s, due %s, %s', id, template, recipient, state, next_attempt_at,
        coalesce(nullif(error, ''), 'no error'))
    FROM notifications_message
    WHERE (state = 'queued' AND next_attempt_at < now() - interval '1 hour')
        OR (state = 'sent' AND sent_at IS NULL)
        OR (state = 'parked' AND error = '')
    """,
)

MESSAGES_NAME_THEIR_OPERATOR = Invariant(
    9,
    "messages_name_their_operator",
    "Every message about an operator's business belongs to it; only mail to a person about account or files has none.",
    """
    SELECT format('message %s (%s to %s) has no operator', id, template, recipient)
    FROM notifications_message WHERE operator_id IS NULL
        AND template NOT IN ('raw', 'export_ready', 'export_attached')
    """,
)

# Numbers of accounts stay verified for 180 days. The task may be late by a day.
TEXTS_ARE_DELETED = Invariant(
    10,
    "texts_are_deleted",
    "No text to a phone, and no code that verifies no number, is kept for more than a day longer than it may.",
    f"""
    SELECT format('text %s of %s', id, created_at) FROM notifications_textmessage
    WHERE state <> 'queued' AND created_at < now() - interval '{settings.TEXTS_KEPT_DAYS + 1} days'
    UNION ALL
    SELECT format('code %s of %s', id, created_at) FROM notifications_phonecode
    WHERE created_at < now() - interval '{settings.TEXTS_KEPT_DAYS + 1} days'
        AND NOT (person LIKE '{ACCOUNT}%%' AND coalesce(verified_at, '-infinity') > now() - interval '181 days')
    """,  # noqa: S608 only our own text
)

INVARIANTS = (MESSAGES_ARE_DELIVERED_OR_PARKED, MESSAGES_NAME_THEIR_OPERATOR, TEXTS_ARE_DELETED)
