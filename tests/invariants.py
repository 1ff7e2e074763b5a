"""The invariants of `verify`, asked of a test's rows."""

import datetime as dt

from django.db.models import Q

from billing.documents.worker import issue_due
from notifications.models import Message, MessageState
from verification import INVARIANTS, prove
from verification.booking_invariants import IN_TIME
from verification.retention_invariants import INVARIANTS as OF_THE_NIGHT


def issue_documents() -> None:
    """Issue all documents that are missing, as the worker does within a minute."""
    while issue_due(at=dt.datetime.now(dt.UTC) + dt.timedelta(days=366)):
        pass


def broken() -> list[str]:
    """Return each invariant that does not hold, with the rows that break it, once the workers' part is done.

    Documents are issued; mails about bookings, passes and documents of another time have just been queued. What the
    tasks of bookings do in time, and the nightly run of clocks, is left out: they run only where a test wants them to.
    """
    issue_documents()
    of_another_time = Q(template__regex="^(booking|pass)_") | Q(template="document")
    Message.objects.filter(of_another_time, state=MessageState.QUEUED).update(next_attempt_at=dt.datetime.now(dt.UTC))
    return [
        f"{one.invariant.name}: {one.rows}"
        for one in prove(INVARIANTS)
        if not one.holds and one.invariant not in {*IN_TIME, *OF_THE_NIGHT}
    ]
