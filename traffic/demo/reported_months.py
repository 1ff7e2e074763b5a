"""The monthly reports that the demo's driver and admin got, of the months that its history has."""

from datetime import datetime, timedelta

from notifications.models import Message, MessageState
from reports.month_names import last_months
from reports.monthly_reports import MONTHLY_REPORTS, plan_monthly_reports
from reports.occasions import occasion_of, planned_named
from traffic.demo.personas import People

REPORTS = 2


def report_months(people: People, zone: str, *, at: datetime) -> None:
    """Write the reports of the last months as they were sent at ten on the first day after each."""
    planned = planned_named(MONTHLY_REPORTS)
    assert planned is not None  # noqa: S101 it is registered when the program starts
    sent: list[Message] = []
    for day in last_months(at.date(), REPORTS):
        due_at = planned.due.instant(day, zone)
        if due_at is None or due_at > at:
            continue
        occasion = occasion_of(planned, zone=zone, day=day, begins_at=due_at)
        sent += plan_monthly_reports([people.driver.pk, people.admin.pk], occasion, due_at)
    for message in sent:
        message.state, message.sent_at = MessageState.SENT, message.created_at + timedelta(seconds=2)
        message.attempts, message.provider = 1, "smtp"
    Message.objects.bulk_create(sent)
