"""The monthly mail to drivers, with its PDF; who neither parked nor paid gets none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.attachments import Attachment, register_attachment
from notifications.kinds import Kind, KindGroup, register_kinds
from notifications.models import Message
from notifications.services import new_message
from reports.driver_month import DriverMonth, months_of
from reports.month_names import name_of_month
from reports.occasions import Occasion

DRIVER_MONTH = "driver_month"
MONTHS_FOLDER = "me/months/"
"""Where drivers find a month as a PDF, by its name."""
SPENDING_PAGE = "me/spending/"


def _file(context: Mapping[str, Any]) -> Attachment:
    from reports.driver_month_pdf import driver_month_pdf  # slow to import, and few processes need it

    return driver_month_pdf(DriverMonth.of_json(context), context["name"])


register_attachment(DRIVER_MONTH, _file)
register_kinds(
    Kind(
        DRIVER_MONTH,
        _("Your month"),
        KindGroup.REPORTS,
        _("You parked or paid for parking last month."),
        essential=False,
        of_operator=False,
        sample={
            "name": "Carla Rossi",
            "month": "2026-10-01",
            "at": "2026-11-01T09:00:00+00:00",
            "zone": "Europe/Zurich",
            "sums": [
                {"currency": "CHF", "stays": 9, "minutes": 1264, "paid": 9650, "tax": 723},
                {"currency": "EUR", "stays": 1, "minutes": 95, "paid": 400, "tax": 64},
            ],
            "favourites": [{"name": "City Garage", "visits": 7}, {"name": "Lakeside", "visits": 3}],
            "receipts": [
                {
                    "number": "R-2026-000017",
                    "day": "2026-10-03",
                    "lot": "City Garage",
                    "currency": "CHF",
                    "amount": 9650,
                    "tax": 723,
                },
                {
                    "number": "R-2026-000003",
                    "day": "2026-10-21",
                    "lot": "Lakeside",
                    "currency": "EUR",
                    "amount": 400,
                    "tax": 64,
                },
            ],
            "others": 0,
            "link": f"https://parking.example/{SPENDING_PAGE}",
            "pdf_link": f"https://parking.example/{MONTHS_FOLDER}2026-10.pdf",
        },
    )
)


def plan_driver_months(people: Sequence[int], occasion: Occasion, at: datetime) -> list[Message]:
    """Return the mails about the month before to a batch of people; three queries."""
    months = months_of(people, occasion.month, at=at, zone=occasion.zone)
    known = User.objects.only("email", "name", "deleted_at").in_bulk(list(months))
    return [
        new_message(
            key=f"{DRIVER_MONTH}:{key}:{name_of_month(occasion.month)}",
            operator_id=None,
            recipient=known[key].email,
            template=DRIVER_MONTH,
            context=_context(month, str(known[key])),
            at=at,
            expires_at=occasion.expires_at,
        )
        for key, month in months.items()
    ]


def _context(month: DriverMonth, name: str) -> dict[str, Any]:
    return month.as_json() | {
        "name": name,
        "link": f"{settings.PUBLIC_URL}/{SPENDING_PAGE}",
        "pdf_link": f"{settings.PUBLIC_URL}/{MONTHS_FOLDER}{name_of_month(month.month)}.pdf",
    }
