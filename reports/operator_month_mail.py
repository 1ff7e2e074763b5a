"""The monthly mail to the admins of an operator, with its PDF; none is sent where nothing happened.

The figures of an operator's month are added up for its first admin, and the others get the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Operator, Role
from notifications.attachments import Attachment, register_attachment
from notifications.kinds import Kind, KindGroup, register_kinds
from notifications.models import Message
from notifications.services import new_message
from reports.month_names import name_of_month
from reports.occasions import Occasion
from reports.operator_month import month_from_json, operator_month
from reports.operator_occupancy import HOURS, WEEKDAYS, top_hours

OPERATOR_MONTH = "operator_month"
REPORTS_PAGE = "manage/reports/"
_TOLD_WITHIN = timedelta(days=3)
"""Over how long the admins in all zones are told of a month."""


def _file(context: Mapping[str, Any]) -> Attachment:
    from reports.operator_month_pdf import operator_month_pdf  # slow to import, and few processes need it

    return operator_month_pdf(month_from_json(dict(context)))


def plan_operator_months(people: Sequence[int], occasion: Occasion, at: datetime) -> list[Message]:
    """Return the mails about the month before to those of a batch of people who are admins.

    Two queries for the batch, and seven more for each operator whose month was not added up yet.
    """
    admins = Membership.objects.filter(user__in=people, role=Role.ADMIN, lot_ids=None).select_related(
        "user", "operator"
    )
    found = list(admins.order_by("operator", "user"))
    operators = {one.operator_id: one.operator for one in found}
    told = _added_up(operators, occasion.month, at) if operators else {}
    for key, operator in operators.items():
        if key not in told:
            told[key] = _context(operator, occasion.month, at)
    return [
        new_message(
            key=f"{OPERATOR_MONTH}:{one.operator_id}-{one.user_id}:{name_of_month(occasion.month)}",
            operator_id=one.operator_id,
            recipient=one.user.email,
            template=OPERATOR_MONTH,
            context=told[one.operator_id],
            at=at,
            expires_at=occasion.expires_at,
        )
        for one in found
        if told[one.operator_id]["happened"]
    ]


def _added_up(operators: Iterable[int], month: date, at: datetime) -> dict[int, dict[str, Any]]:
    """Return the months that admins were told already, as they were over."""
    messages = Message.objects.filter(
        operator__in=list(operators),
        created_at__gt=at - _TOLD_WITHIN,
        template=OPERATOR_MONTH,
        context__month=month.isoformat(),
        context__is_over=True,
    )
    latest = messages.order_by("operator", "-created_at", "-pk").distinct("operator")
    return dict(latest.values_list("operator", "context"))


def _context(operator: Operator, month: date, at: datetime) -> dict[str, Any]:
    found = operator_month(operator, month, at=at)
    return found.as_json() | _in_short(found.as_json(), happened=not found.is_empty, page=settings.PUBLIC_URL)


def _in_short(told: Mapping[str, Any], *, happened: bool, page: str) -> dict[str, Any]:
    """Return what the mail says itself beside its attachment."""
    return {
        "happened": happened,
        "found": sum(count for _kind, count in told["exceptions"]),
        "top": [[weekday, hour, share] for weekday, hour, share in top_hours(told["by_hour"])[:1]],
        "link": f"{page}/{REPORTS_PAGE}",
    }


def _taken(name: str, net: int, stays: int) -> dict[str, Any]:
    row = {"name": name, "charged": net + 4200, "credited": 1200, "captured": net + 3000, "refunded": 3000}
    return row | {"net": net, "tax": net * 749 // 10_000, "stays": stays}


_SAMPLE: dict[str, Any] = {
    "month": "2026-10-01",
    "at": "2026-11-01T09:00:00+00:00",
    "zone": "Europe/Zurich",
    "operator": 0,
    "name": "Acme Parking",
    "is_over": True,
    "takings": [
        {
            "currency": "CHF",
            "total": _taken("", 1_992_050, 2919),
            "lots": [_taken("City Garage", 1_337_850, 2019), _taken("Lakeside", 654_200, 900)],
            "methods": [_taken("card", 1_592_050, 2100), _taken("cash", 400_000, 819)],
            "others": 0,
        }
    ],
    "share": 0.43,
    "by_hour": [[max(0, 90 - 8 * abs(hour - 11) - 5 * day) / 100 for hour in range(HOURS)] for day in range(WEEKDAYS)],
    "lots": [
        {"name": "City Garage", "share": 0.61, "places": 240},
        {"name": "Lakeside", "share": 0.2, "places": 80},
    ],
    "bookings": 120,
    "no_shows": 7,
    "missed": [
        {"name": "City Garage", "currency": "CHF", "bookings": 120, "missed": 7, "forgiven": 1, "fees": 4200}
    ],
    "exceptions": [["low_confidence", 31], ["by_hand", 9]],
    "corrected": [{"name": "Lakeside", "times": 4, "more": 5, "fewer": 2}],
    "shifts": [{"currency": "CHF", "closed": 62, "over": 150, "short": 1250}],
    "off": [
        {"person": "Grace Hopper", "lot": "City Garage", "day": "2026-10-12", "currency": "CHF", "off": -1250}
    ],
    "cut": [],
}  # fmt: skip

register_attachment(OPERATOR_MONTH, _file)
register_kinds(
    Kind(
        OPERATOR_MONTH,
        _("Month of your lots"),
        KindGroup.REPORTS,
        _("You are an admin of this operator, and its last month is over."),
        essential=False,
        for_admins=True,
        sample=_SAMPLE | _in_short(_SAMPLE, happened=True, page="https://parking.example"),
    )
)
