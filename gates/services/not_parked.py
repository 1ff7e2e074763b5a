"""Drivers who say that they could not park: decided by what the lanes answered, else by a person."""

from datetime import datetime, timedelta

import structlog

from gates.turned_away import has_come_in, turned_away_at
from reservations.models import NotParkedReport, Reservation
from reservations.services import carry_out, drop_report, miss_if_due, record_report, refund_report

CAME_IN_WITHIN = timedelta(minutes=15)
"""For how long after it was turned away a car may still come in."""
BATCH = 200

logger = structlog.get_logger(__name__)


def report_not_parked(*, booking: Reservation, at: datetime) -> NotParkedReport:
    """Take down that who booked says the car found no place, and decide that if the lanes know; once.

    A car that was turned away as all was full, and has not come in within 15 minutes, gets everything back: look at the
    `outcome`. With `turned_away_at` that is decided later, without it a person decides. Not inside a transaction.
    Raises BookingStateError (409).
    """
    seen = turned_away_at(booking, at=at)
    if seen is None:
        miss_if_due(booking=booking, at=at)
    report = record_report(booking=booking, turned_away_at=seen, at=at)
    return decide_report(report=report, at=at)


def decide_report(*, report: NotParkedReport, at: datetime) -> NotParkedReport:
    """Decide a waiting report by what the lanes know, once its car had the time to come in; else return it as it is.

    Idempotent; not inside a transaction.
    """
    if report.decided_at is not None or report.turned_away_at is None:
        return report
    if has_come_in(report):
        return drop_report(report=report, at=at)
    if at < report.turned_away_at + CAME_IN_WITHIN:
        return report
    report, _asked = refund_report(report=report, at=at)
    carry_out(booking=report.booking, at=at)
    return report


def decide_reports(*, at: datetime) -> int:
    """Decide the reports whose cars had the time to come in, and return how many; a late run catches up."""
    due = NotParkedReport.objects.waiting().filter(turned_away_at__isnull=False)
    decided = 0
    for report in due.select_related("booking__lot").order_by("reported_at")[:BATCH]:
        try:
            decided += decide_report(report=report, at=at).decided_at is not None
        except Exception:
            # One report must not keep the others waiting; the next run tries it again.
            logger.exception("report_not_decided", report=report.pk)
    return decided
