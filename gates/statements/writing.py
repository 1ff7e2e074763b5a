"""What a common outcome writes: each one statement, with the event that is its record."""

from accounts.models import BlockedPlate
from billing.models import Charge, Debt
from common.db.rows import insert_of
from gates.models import GateEvent
from tickets.models import Ticket

STAY, EVENT, CHARGE, DEBT, BLOCK = "stay_", "event_", "charge_", "debt_", "block_"
"""What the parameters of a row's columns begin with."""
# An event that changes no stay.
ADD_EVENT = insert_of(GateEvent, EVENT, "RETURNING id")
_EVENT_OF_STAY = insert_of(GateEvent, EVENT, "FROM stay RETURNING ticket_id", ticket_id="stay.id")
# The stay and the event that opened it; triggers take the place and refuse one that is taken.
OPEN_STAY = f"WITH stay AS ({insert_of(Ticket, STAY)} RETURNING id) {_EVENT_OF_STAY}"
_ENDED = """
status = %(stay_status)s, exit_at = %(stay_exit_at)s, exit_plate = %(stay_exit_plate)s,
closed_reason = %(stay_closed_reason)s, changed_at = %(stay_changed_at)s, changed_why = %(stay_changed_why)s,
changed_by_id = NULL
"""
ENDING = ("status", "exit_at", "exit_plate", "closed_reason", "changed_at", "changed_why", "charge_id")
"""The columns of a stay that its end is written from."""
# The stay's end and the event that closed it; no row when it, or the money that moved for it, has changed since it was
# looked at. The charge is locked before the stay, as everywhere.
CLOSE_STAY = f"""
WITH charge AS MATERIALIZED (
    SELECT id FROM billing_charge c
    WHERE c.id = %(stay_charge_id)s AND concat_ws(' ', c.xmin, c.ctid) = %(charge_version)s FOR UPDATE
), stay AS (
    UPDATE tickets_ticket SET {_ENDED}
    WHERE id = %(event_ticket_id)s AND status = %(was)s AND charge_id IS NOT DISTINCT FROM (SELECT id FROM charge)
    RETURNING id
)
{_EVENT_OF_STAY}
"""  # noqa: S608 only our own text


def _as_read(prefix: str) -> str:
    """Return the plate of a stay as it was read when the car came in, else the parameter's."""
    return f"coalesce(inside.plate, %({prefix}plate)s)"


def _leave_owing(more: str = "") -> str:
    """Return the end of a stay that nothing was paid for, what it costs as its plate's debt, `more` and the event.

    No row, and nothing written, when the stay has changed since.
    """
    return f"""
WITH inside AS MATERIALIZED (
    SELECT id, plate FROM tickets_ticket
    WHERE id = %(event_ticket_id)s AND status = %(was)s AND charge_id IS NULL FOR UPDATE
), charge AS (
    {insert_of(Charge, CHARGE, "FROM inside RETURNING id")}
), debt AS (
    {insert_of(Debt, DEBT, "FROM charge, inside", charge_id="charge.id", plate=_as_read(DEBT))}
), stay AS (
    UPDATE tickets_ticket SET charge_id = charge.id, {_ENDED}
    FROM charge WHERE tickets_ticket.id = %(event_ticket_id)s RETURNING tickets_ticket.id
){more}
{_EVENT_OF_STAY}
"""  # noqa: S608 only our own text


LEAVE_OWING = _leave_owing()
# A debt that blocks its plate, unless it is blocked already.
LEAVE_OWING_TOO_MUCH = _leave_owing(
    f", blocked AS ({insert_of(BlockedPlate, BLOCK, 'FROM inside ON CONFLICT DO NOTHING', plate=_as_read(BLOCK))})"
)
# A stay whose exit was missed waits for a person; its place is free from here on.
PUT_ASIDE = """
UPDATE tickets_ticket SET status = 'review', changed_at = %(at)s, changed_why = %(why)s, changed_by_id = NULL
WHERE id = %(missed)s AND status IN ('entering', 'active', 'paid')
"""
