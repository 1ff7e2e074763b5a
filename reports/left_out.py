"""Telling who runs the installation of runs that were left out or given up."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.access import people_of_installation
from common.translation import day_said
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
    people = people_of_installation() if days else []
    queue_messages(
        [
            new_message(
                key=f"{RUN_LEFT_OUT}:{name}:{day:%Y%m%d}:{hashlib.sha256(address.encode()).hexdigest()[:16]}",
                operator_id=None,
                recipient=address,
                template=RUN_LEFT_OUT,
                context=_context(name, day, of_day, locale or settings.LANGUAGE_CODE),
                at=at,
            )
            for (name, day), of_day in days.items()
            for address, locale in people
        ]
    )


def _context(name: str, day: date, runs: list[Run], language: str) -> dict[str, Any]:
    planned = planned_named(name)
    with override(language):
        label, told_day = str(planned.label) if planned else name, day_said(day)
    return {
        "language": language,
        "what": label,
        "day": told_day,
        "zones": ", ".join(sorted(run.zone for run in runs)),
        "untold": sum(run.of - run.done for run in runs),
        "error": next((run.error for run in runs if run.error), ""),
        "link": f"{settings.PUBLIC_URL}/{TASKS_PAGE}",
    }
