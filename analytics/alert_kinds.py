"""The kinds of messages that tell admins what needs them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, KindGroup, Words, register_kinds

LOT_FULL, DEVICE_SILENT, SHIFT_SHORT = "lot_full", "device_silent", "shift_short"
PAYMENTS_UNRESOLVED, MAIL_PARKED, VERIFY_FAILED = "payments_unresolved", "mail_parked", "verify_failed"
WEBHOOK_DISABLED, STREAM_STUCK = "webhook_disabled", "stream_stuck"
_SITE = "https://parking.example/manage/"


def _kind(name: str, label: Words, sample: Mapping[str, Any], **options: Any) -> Kind:
    return Kind(
        name,
        label,
        KindGroup.WORK,
        _("You are an admin of the operator."),
        essential=False,
        for_admins=True,
        sample=sample,
        **options,
    )


register_kinds(
    _kind(
        LOT_FULL,
        _("A lot is full"),
        {"lot": "City Garage", "since": "Fri 27 Nov 2026 17:40", "link": f"{_SITE}lots/city-garage/"},
        can_wait=False,
        worth=timedelta(hours=2),
    ),
    _kind(
        DEVICE_SILENT,
        _("A gate is silent"),
        {"lot": "City Garage", "gate": "Exit Löwenstrasse", "since": "Fri 27 Nov 2026 17:40", "link": f"{_SITE}gates/"},
        can_wait=False,
        worth=timedelta(hours=6),
    ),
    _kind(
        SHIFT_SHORT,
        _("A till was short or over"),
        {
            "lot": "City Garage",
            "person": "Grace Hopper",
            "drawer": "A",
            "off": "CHF 12.50",
            "is_short": True,
            "closed": "Fri 27 Nov 2026 14:02",
            "link": f"{_SITE}shifts/17/",
        },
        worth=timedelta(days=3),
    ),
    _kind(
        PAYMENTS_UNRESOLVED,
        _("Payments without an answer"),
        {"count": 3, "since": "Fri 27 Nov 2026 17:05", "link": f"{_SITE}payments/?state=pending"},
        worth=timedelta(hours=24),
    ),
    _kind(
        MAIL_PARKED,
        _("Messages that could not be delivered"),
        {"count": 2, "since": "Fri 27 Nov 2026 17:05", "link": f"{_SITE}messages/?state=parked"},
        worth=timedelta(hours=24),
    ),
    _kind(
        WEBHOOK_DISABLED,
        _("A receiver has switched a webhook off"),
        {"name": "ERP", "since": "Fri 27 Nov 2026 17:05", "link": f"{_SITE}webhooks/4/"},
        worth=timedelta(days=3),
    ),
    _kind(
        VERIFY_FAILED,
        _("A check of the data failed"),
        {"broken": ["Counters equal a recount: 2 rows"], "at": "Fri 27 Nov 2026 03:30 (UTC)"},
        of_operator=False,
        worth=timedelta(hours=24),
    ),
    _kind(
        STREAM_STUCK,
        _("The stream of events is stuck"),
        {
            "stream": "kafka://kafka.example:9092/parking",
            "count": 340,
            "since": "Fri 27 Nov 2026 17:05 (UTC)",
            "error": "no answer in time",
            "link": f"{_SITE}webhooks/",
        },
        of_operator=False,
        worth=timedelta(hours=24),
    ),
)
