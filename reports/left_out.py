"""Telling who runs the installation of runs that were left out or given up."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.access import addresses_of_installation
from common.time import day_words
from notifications.kinds import Kind, KindGroup, register_kinds
from notifications.services import new_message, queue_messages
from reports.models import Run
from reports.occasions import planned_named

RUN_LEFT_OUT = "run_left_out"
TASKS_PAGE = "manage/tasks/"

register_kinds(
    Kind(
        RUN_LEFT_OUT,
        _("Reminders or reports left out"),
        KindGroup.WORK,
        _("You run the installation."),
        essential=False,
        for_admins=True,
        of_operator=False,
        sample={
            "what": "Daily reminders",
            "day": "27 Nov 2026",
            "zones": "Europe/London, Europe/Zurich",
            "untold": 1240,
            "error": "",
            "link": f"https://parking.example/{TASKS_PAGE}",
        },
    )
)


def tell_left_out(runs: Iterable[Run], *, at: datetime) -> None:
    """Queue a message about runs that were left out or failed to who runs the installation, one for each day."""
    days: dict[tuple[str, date], list[Run]] = defaultdict(list)
    for run in runs:
        days[run.name, run.day].append(run)
    addresses = addresses_of_installation() if days else []
    queue_messages(
        [
            new_message(
                key=f"{RUN_LEFT_OUT}:{name}:{day:%Y%m%d}:{hashlib.sha256(address.encode()).hexdigest()[:16]}",
                operator_id=None,
                recipient=address,
                template=RUN_LEFT_OUT,
                context=_context(name, day, of_day),
                at=at,
            )
            for (name, day), of_day in days.items()
            for address in addresses
        ]
    )


def _context(name: str, day: date, runs: list[Run]) -> dict[str, Any]:
    planned = planned_named(name)
    return {
        "what": str(planned.label) if planned else name,
        "day": day_words(day),
        "zones": ", ".join(sorted(run.zone for run in runs)),
        "untold": sum(run.of - run.done for run in runs),
        "error": next((run.error for run in runs if run.error), ""),
        "link": f"{settings.PUBLIC_URL}/{TASKS_PAGE}",
    }
