"""The statements of the gate path, one fact a column; a read sends the facts it needs as one statement.

A read is answered in two flushes: the lot's lock with everything the decision is made from, then, in the common
outcomes, one write and the commit. The lock is a statement of its own, so the one after it sees whatever was committed
while it waited.
"""

from gates.statements.glance import glance_at_entry, glance_at_exit
from gates.statements.whole import EXIT, STAYS_NEAR, entry, place
from gates.statements.writing import (
    ADD_EVENT,
    BLOCK,
    CHARGE,
    CLOSE_STAY,
    DEBT,
    ENDING,
    EVENT,
    LEAVE_OWING,
    LEAVE_OWING_TOO_MUCH,
    OPEN_STAY,
    PUT_ASIDE,
    STAY,
)

__all__ = [
    "ADD_EVENT",
    "BLOCK",
    "CHARGE",
    "CLOSE_STAY",
    "DEBT",
    "ENDING",
    "EVENT",
    "EXIT",
    "LEAVE_OWING",
    "LEAVE_OWING_TOO_MUCH",
    "OPEN_STAY",
    "PUT_ASIDE",
    "STAY",
    "STAYS_NEAR",
    "entry",
    "glance_at_entry",
    "glance_at_exit",
    "place",
]
