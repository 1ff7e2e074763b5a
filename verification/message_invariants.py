"""Invariants of the outbox."""

from notifications.kinds import known_kinds
from verification.proof import Invariant

_PERSONAL = ", ".join(f"'{kind.name}'" for kind in known_kinds() if not kind.of_operator)
_OPTIONAL = ", ".join(f"'{kind.name}'" for kind in known_kinds() if not kind.essential)

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
        OR (state IN ('parked', 'left_out') AND error = '')
    """,
)

MESSAGES_NAME_THEIR_OPERATOR = Invariant(
    9,
    "messages_name_their_operator",
    "Every message about an operator's business belongs to it; only mail about an account or all data has none.",
    f"""
    SELECT format('message %s (%s to %s) has no operator', id, template, recipient)
    FROM notifications_message WHERE operator_id IS NULL AND template NOT IN ({_PERSONAL})
    """,  # noqa: S608 only our own names
)

ONLY_OPTIONAL_ONES_ARE_LEFT_OUT = Invariant(
    10,
    "only_optional_messages_are_left_out",
    "A message that its recipient must get is never left out.",
    f"""
    SELECT format('message %s (%s to %s): %s', id, template, recipient, error)
    FROM notifications_message WHERE state = 'left_out' AND template NOT IN ({_OPTIONAL})
    """,  # noqa: S608 only our own names
)

SUMMARIES_GO_TO_WHO_WAITED = Invariant(
    9,
    "summaries_go_to_who_waited",
    "A message that was sent in a summary was left out by itself, and the summary went to the same address.",
    """
    SELECT format('message %s to %s is in summary %s to %s', part.id, part.recipient, summary.id, summary.recipient)
    FROM notifications_message part JOIN notifications_message summary ON summary.id = part.summary_id
    WHERE part.state <> 'left_out' OR summary.template <> 'summary'
        OR lower(part.recipient) <> lower(summary.recipient)
    """,
)

# A mail that was handed over in the minutes around the report may have been on its way.
NO_MAIL_GOES_WHERE_IT_CAME_BACK = Invariant(
    10,
    "no_mail_goes_where_it_came_back",
    "No mail was sent to an address after one had come back from there, until somebody said that it works again.",
    """
    SELECT format('message %s to %s, which %s at %s', message.id, message.recipient, address.outcome, address.since)
    FROM notifications_mailaddress address
    JOIN notifications_message message ON lower(message.recipient) = address.address
    WHERE message.state = 'sent' AND message.sent_at > address.since + interval '10 minutes'
        AND message.sent_at < coalesce(address.cleared_at, 'infinity')
    """,
)

INVARIANTS = (
    MESSAGES_ARE_DELIVERED_OR_PARKED,
    MESSAGES_NAME_THEIR_OPERATOR,
    ONLY_OPTIONAL_ONES_ARE_LEFT_OUT,
    SUMMARIES_GO_TO_WHO_WAITED,
    NO_MAIL_GOES_WHERE_IT_CAME_BACK,
)
