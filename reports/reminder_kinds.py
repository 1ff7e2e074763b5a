"""The kinds of daily reminders."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, KindGroup, register_kinds

DAILY_REMINDER, USUAL_LOTS = "daily_reminder", "usual_lots"
_LOTS: list[dict[str, Any]] = [
    {"lot": "City Garage", "free": 132, "link": "https://parking.example/lots/city-garage/"},
    {"lot": "Lakeside", "free": 1, "link": "https://parking.example/lots/lakeside/"},
    {"lot": "Airport P2", "free": 0, "link": "https://parking.example/lots/airport-p2/"},
]

register_kinds(
    Kind(
        DAILY_REMINDER,
        _("Each morning: bookings, ending passes, debts"),
        KindGroup.REPORTS,
        _("You have a booking today, a pass that ends, or something to pay."),
        essential=False,
        can_wait=False,
        worth=timedelta(hours=24),
        sample={
            "day": "27 Nov 2026",
            "bookings": [
                {
                    "lot": "City Garage",
                    "time": "14:00–16:30",
                    "zone": "",
                    "plate": "ZH 314 159",
                    "spot": "2A-17",
                    "link": "https://parking.example/bookings/token/",
                },
                {
                    "lot": "Airport P2",
                    "time": "19:00 – 29 Nov 2026 11:00",
                    "zone": "Europe/London",
                    "plate": "ZH 314 159",
                    "spot": "",
                    "link": "https://parking.example/bookings/other/",
                },
            ],
            "passes": [
                {
                    "name": "Month in the city",
                    "lot": "City Garage",
                    "last_day": "28 Nov 2026",
                    "days": 1,
                    "link": "https://parking.example/me/passes/PP-7K3M9Q2R4T/",
                }
            ],
            "debts": [
                {
                    "lot": "City Garage",
                    "day": "26 Nov 2026",
                    "owed": "CHF 12.00",
                    "link": "https://parking.example/t/token",
                }
            ],
            "lots": _LOTS,
            "clock": "09:00",
        },
    ),
    Kind(
        USUAL_LOTS,
        _("Each morning: free places at your usual lots"),
        KindGroup.REPORTS,
        _("You asked to be told each morning what is free at your usual lots."),
        essential=False,
        opt_in=True,
        can_wait=False,
        worth=timedelta(hours=3),
        sample={"day": "27 Nov 2026", "lots": _LOTS, "clock": "09:00"},
    ),
)
