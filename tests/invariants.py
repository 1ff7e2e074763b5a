"""The invariants of `verify`, asked of a test's rows."""

import datetime as dt

from billing.documents.worker import issue_due
from verification import INVARIANTS, prove


def issue_documents() -> None:
    """Issue all documents that are missing, as the worker does within a minute."""
    while issue_due(at=dt.datetime.now(dt.UTC) + dt.timedelta(days=366)):
        pass


def broken() -> list[str]:
    """Return each invariant that does not hold, with the rows that break it, once documents are issued as by the worker."""
    issue_documents()
    return [f"{one.invariant.name}: {one.rows}" for one in prove(INVARIANTS) if not one.holds]
