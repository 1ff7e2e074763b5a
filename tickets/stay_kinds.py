"""The kinds of messages about stays and what they leave owing."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, KindGroup, register_kinds
from tickets.charge_notice import ANSWERED, CHARGED

OPENED, CLOSED = "stay_opened", "stay_closed"
DEBT_REMINDER, DEBT_APPEAL = "debt_reminder", "debt_appeal"
_PLACE = {"operator": "Acme Parking", "lot": "City Garage", "plate": "ZH 314 159", "ticket": "PS-7K3M9QX244"}
_OWED = _("A stay of yours left without paying in full.")

register_kinds(
    Kind(
        CHARGED,
        _("Automatic payment"),
        KindGroup.MONEY,
        _("You agreed that this car's stays are charged to your card."),
        sample=_PLACE
        | {
            "address": "Löwenstrasse 12, 8001 Zürich",
            "entry": "Fri 27 Nov 2026 08:15",
            "until": "Fri 27 Nov 2026 10:47",
            "lines": [{"label": "08:15–10:47, 6 × 30 min", "amount": "CHF 12.00"}],
            "tax": "CHF 0.90",
            "amount": "CHF 12.00",
            "card": "Visa 4242",
            "returned": "",
            "not_me": "https://parking.example/not-me/token/",
            "not_me_until": "25 Feb 2027",
            "page": "https://parking.example/me/automatic/",
        },
    ),
    Kind(
        ANSWERED,
        _("Answer about an automatic payment"),
        KindGroup.MONEY,
        _("You told us that an automatic payment was not yours."),
        multiline=frozenset({"word"}),
        sample=_PLACE
        | {
            "amount": "CHF 12.00",
            "charged_at": "Fri 27 Nov 2026 10:47",
            "is_refunded": True,
            "word": "The camera read another plate.\nWe are sorry.",
        },
    ),
    Kind(
        DEBT_REMINDER,
        _("Reminder of a debt"),
        KindGroup.MONEY,
        _OWED,
        sample=_PLACE
        | {
            "day": "Fri 27 Nov 2026",
            "number": 2,
            "owed": "CHF 17.00",
            "fee": "CHF 5.00",
            "is_last": False,
            "link": "https://parking.example/t/token",
        },
    ),
    Kind(
        DEBT_APPEAL,
        _("Answer about a debt"),
        KindGroup.MONEY,
        _OWED,
        multiline=frozenset({"answer"}),
        sample=_PLACE
        | {
            "day": "Fri 27 Nov 2026",
            "accepted": True,
            "answer": "The machine on level 1 did take your card.",
            "link": "https://parking.example/t/token",
        },
    ),
    Kind(
        OPENED,
        _("Your stay has begun"),
        KindGroup.STAYS,
        _("You asked to be told when a stay of yours begins."),
        essential=False,
        opt_in=True,
        can_wait=False,
        worth=timedelta(hours=2),
        sample=_PLACE
        | {"entry": "Fri 27 Nov 2026 08:15", "spot": "2A-17, Level 2", "link": "https://parking.example/t/token"},
    ),
    Kind(
        CLOSED,
        _("Your stay has ended, with its receipt"),
        KindGroup.STAYS,
        _("You asked to be told when a stay of yours ends."),
        essential=False,
        opt_in=True,
        worth=timedelta(hours=24),
        sample=_PLACE
        | {
            "entry": "Fri 27 Nov 2026 08:15",
            "exit": "Fri 27 Nov 2026 10:47",
            "paid": "CHF 12.00",
            "link": "https://parking.example/t/token",
            "receipt": "R-2026-000417",
            "receipt_link": "https://parking.example/d/token/",
        },
    ),
)
