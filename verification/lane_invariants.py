"""Invariants of lanes: why barriers opened, what was repeated, what was missed."""

from gates.reads.body import LARGEST_SEQ
from verification.proof import Invariant

OPENINGS_ARE_EXPLAINED = Invariant(
    6,
    "openings_are_explained",
    "Every barrier opening has a decision with a reason, or a named person and a note.",
    """
    SELECT format('event %s at gate %s (%s): action %s, reason %s, person %s, note %s', event.id, gate.code,
        event.kind, event.action, coalesce(nullif(event.reason, ''), '-'), coalesce(event.person_id::text, '-'),
        coalesce(nullif(event.note, ''), '-'))
    FROM gates_gateevent event JOIN lots_gate gate ON gate.id = event.gate_id
    WHERE event.action IN ('open', 'hold_open') AND NOT CASE event.kind
        WHEN 'person' THEN event.person_id IS NOT NULL AND event.note <> ''
        WHEN 'hold' THEN event.person_id IS NOT NULL AND event.note <> ''
        ELSE event.device_id IS NOT NULL AND event.reason <> '' AND event.answer ->> 'action' = 'open'
    END
    """,
)

HOLDS_ARE_RECORDED = Invariant(
    6,
    "holds_are_recorded",
    "A gate is held open exactly while the last such event there says so, by that person and for that reason.",
    """
    SELECT format('gate %s: %s, its last event says %s', gate.code,
        CASE WHEN gate.held_open_since IS NULL THEN 'not held open' ELSE 'held open' END,
        coalesce(last.action, 'nothing'))
    FROM lots_gate gate
    LEFT JOIN LATERAL (
        SELECT event.action, event.at, event.person_id, event.note FROM gates_gateevent event
        WHERE event.gate_id = gate.id AND event.kind = 'hold' ORDER BY event.id DESC LIMIT 1) last ON true
    WHERE (gate.held_open_since, gate.held_open_by_id, gate.held_open_why) IS DISTINCT FROM
        CASE WHEN last.action = 'hold_open' THEN (last.at, last.person_id, last.note)
        ELSE (NULL::timestamptz, NULL::bigint, ''::varchar) END
    """,
)

EVENTS_ARE_RECORDED_ONCE = Invariant(
    7,
    "events_are_recorded_once",
    "An event of a device is recorded once, however often it was sent.",
    """
    SELECT format('device %s, event %s: %s rows', device_id, event_id, count(*))
    FROM gates_gateevent WHERE device_id IS NOT NULL GROUP BY device_id, event_id HAVING count(*) > 1
    """,
)

REPEATS_REFER_TO_THE_FIRST = Invariant(
    7,
    "repeats_refer_to_the_first",
    "A repeated read names an earlier read at the same gate.",
    """
    SELECT format('event %s at gate %s repeats event %s at gate %s', event.id, event.gate_id, first.id, first.gate_id)
    FROM gates_gateevent event JOIN gates_gateevent first ON first.id = event.first_id
    WHERE first.gate_id <> event.gate_id OR first.id >= event.id
    """,
)

SEQUENCE_GAPS = Invariant(
    8,
    "sequence_gaps",
    "Gaps in the sequence numbers of devices are listed: these events never arrived.",
    f"""
    SELECT format('device %s (%s at %s): %s to %s missing', device.id, device.name, gate.code, before + 1, seq - 1)
    FROM (
        SELECT device_id, seq, lag(seq) OVER (PARTITION BY device_id ORDER BY seq) AS before
        FROM gates_gateevent WHERE seq BETWEEN 0 AND {LARGEST_SEQ}  -- others are listed as impossible numbers
    ) event
    JOIN devices_device device ON device.id = event.device_id
    JOIN lots_gate gate ON gate.id = device.gate_id
    WHERE seq > before + 1
    """,  # noqa: S608 only our own number
    informational=True,
)

# The exits that still wait for the word of their barrier. Three minutes of silence are its word, so these are few; but
# every opening is looked at, as the work that ends them may have stopped.
_PROMISES = """
SELECT event.id, event.ticket_id, event.flags, gate.code
FROM lots_gate gate JOIN gates_gateevent event ON event.gate_id = gate.id
WHERE gate.confirms_passage AND gate.direction = 'exit' AND event.action = 'open'
    AND event.kind IN ('read', 'person', 'release') AND event.first_id IS NULL
    AND NOT event.offline AND event.ticket_id IS NOT NULL AND NOT EXISTS (SELECT FROM gates_gateevent told
        WHERE told.first_id = event.id AND told.kind IN ('passage', 'undo'))
"""

PROMISES_ARE_OF_OPEN_STAYS = Invariant(
    6,
    "promises_are_of_open_stays",
    "An exit that waits for its barrier's word is that of a stay which is open, in review, or was ended knowingly.",
    f"""
    SELECT format('event %s at gate %s promises an exit to %s, which is %s', promise.id, promise.code, ticket.number,
        ticket.status)
    FROM ({_PROMISES}) promise JOIN tickets_ticket ticket ON ticket.id = promise.ticket_id
    WHERE ticket.status IN ('closed', 'void') AND ticket.changed_by_id IS NULL AND NOT EXISTS (
        SELECT FROM gates_gateevent other WHERE other.ticket_id = ticket.id AND other.flags ? 'promised_twice')
    """,  # noqa: S608 only our own text
)

STAYS_ARE_PROMISED_ONCE = Invariant(
    6,
    "stays_are_promised_once",
    "A stay has one promise to leave at a time; a second one is flagged.",
    f"""
    SELECT format('%s: gates %s', ticket.number, string_agg(promise.code, ', ' ORDER BY promise.id))
    FROM ({_PROMISES}) promise JOIN tickets_ticket ticket ON ticket.id = promise.ticket_id
    WHERE NOT promise.flags ? 'promised_twice' GROUP BY ticket.id, ticket.number HAVING count(*) > 1
    """,  # noqa: S608 only our own text
)

PASSAGES_FOLLOW_THEIR_OPENING = Invariant(
    6,
    "passages_follow_their_opening",
    "No car passed before its gate opened.",
    """
    SELECT format('event %s at gate %s: %s at %s, opened by event %s at %s', event.id, event.gate_id, event.action,
        event.at, first.id, first.at)
    FROM gates_gateevent event JOIN gates_gateevent first ON first.id = event.first_id
    WHERE event.kind = 'passage' AND event.at < first.at
    """,
)

INVARIANTS = (
    OPENINGS_ARE_EXPLAINED,
    PROMISES_ARE_OF_OPEN_STAYS,
    STAYS_ARE_PROMISED_ONCE,
    PASSAGES_FOLLOW_THEIR_OPENING,
    HOLDS_ARE_RECORDED,
    EVENTS_ARE_RECORDED_ONCE,
    REPEATS_REFER_TO_THE_FIRST,
    SEQUENCE_GAPS,
)
