"""Invariants of data that is kept for a time: nothing is older than its clock."""

from lots.kept_days import CLOCKS, Purpose
from notifications.models import ERASED
from notifications.phone_codes import ACCOUNT
from retention.due import BOOKINGS, DEBTS, EVENT_PLATES, IMAGES, PASS_PLATES, PASSES, READS, STAYS, longest_of
from verification.proof import Invariant

# What runs out in the morning is ended in the night that follows; a night in which nothing runs is made up for.
_ALLOWED = "(now() - interval '36 hours')"
_KINDS = {
    "stay": STAYS,
    "debt": DEBTS,
    "booking": BOOKINGS,
    "pass": PASSES,
    "plate of pass": PASS_PLATES,
    "read": READS,
    "image of read": IMAGES,
    "event": EVENT_PLATES,
}


def _left(kind: str, query: str) -> str:
    found = query.replace("%(at)s", _ALLOWED)
    return f"SELECT format('{kind} %s in %s, kept since %s', name, slug, began) FROM ({found}) kept"  # noqa: S608


def _before(purpose: Purpose, operator: str) -> str:
    """Return the instant before which an operator keeps nothing; one without lots keeps it as long as any."""
    days = f"coalesce(nullif({longest_of(purpose, operator)}, 0), {CLOCKS[purpose].days})"
    return f"{_ALLOWED} - make_interval(days => {days})"


PLATES_ARE_FORGOTTEN = Invariant(
    11,
    "plates_are_forgotten",
    "No plate, image, booker or holder is kept for longer than the clock of its purpose at its lot.",
    " UNION ALL ".join(_left(kind, query) for kind, query in _KINDS.items()),
)

MESSAGES_ARE_FORGOTTEN = Invariant(
    11,
    "messages_are_forgotten",
    "No message, text, code or event is kept for longer than its operator keeps it.",
    f"""
    SELECT format('message %s of %s', id, created_at) FROM notifications_message
    WHERE state <> 'queued' AND (recipient <> '{ERASED}' OR context <> '{{}}')
        AND created_at < {_before(Purpose.MESSAGES, "operator_id")}
    UNION ALL
    SELECT format('text %s of %s', id, created_at) FROM notifications_textmessage
    WHERE state <> 'queued' AND created_at < {_before(Purpose.TEXTS, "operator_id")}
    UNION ALL
    SELECT format('code %s of %s', id, created_at) FROM notifications_phonecode
    WHERE created_at < {_ALLOWED} - make_interval(days => {CLOCKS[Purpose.TEXTS].most})
        AND NOT (starts_with(person, '{ACCOUNT}') AND coalesce(verified_at, '-infinity') > now() - interval '182 days')
    UNION ALL
    SELECT format('event %s of operator %s, kept since %s', number, operator_id, recorded_at) FROM events_event event
    WHERE number IS NOT NULL AND recorded_at < {_before(Purpose.EVENTS, "operator_id")}
    """,  # noqa: S608 only our own text
)

INVARIANTS = (PLATES_ARE_FORGOTTEN, MESSAGES_ARE_FORGOTTEN)
