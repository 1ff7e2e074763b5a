"""The monthly reports: on the first of each month at ten, on the clock of each person, about the month before."""

from collections.abc import Sequence
from datetime import datetime, time

from django.utils.translation import gettext_lazy as _

from notifications.models import Message
from reports.driver_month_mail import plan_driver_months
from reports.occasions import DueTime, Occasion, Planned, register_planned
from reports.operator_month_mail import plan_operator_months

MONTHLY_REPORTS = "monthly_reports"
TEN = time(10)


def plan_monthly_reports(people: Sequence[int], occasion: Occasion, at: datetime) -> list[Message]:
    """Return the reports about the month before to a batch of people: drivers' own, and those of operators' admins."""
    return [*plan_driver_months(people, occasion, at), *plan_operator_months(people, occasion, at)]


register_planned(Planned(MONTHLY_REPORTS, _("Monthly reports"), DueTime(TEN, monthly=True), plan_monthly_reports))
