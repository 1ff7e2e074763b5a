"""API endpoints for what is done by itself: do it now, and how far that is."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from accounts.access import require_operator
from api.auth import people_auth, person_of
from api.bodies import ObjectIn, PlainText
from api.idempotency import IdempotencyKey, answered_once
from api.task_examples import CLEAR_CACHE, REMIND, SEND_REPORTS, TASK
from common.errors import InvalidValueError
from reports.daily_reminders import DAILY_REMINDERS
from reports.models import AskedTask
from reports.month_names import month_named
from reports.monthly_reports import MONTHLY_REPORTS
from reports.queries import load_asked, with_progress
from reports.services import CACHE_CLEAR, ask_task

router = Router(tags=["People"], auth=people_auth)


class ReportsIn(ObjectIn):
    """Of which month the reports are wanted, such as `2026-10`; of the last one without it."""

    month: PlainText | None = Field(None, max_length=7)


class TaskOut(Schema):
    """A task: people looked at, or keys of the cache deleted, so far (`done`) of all (`of`).

    The `status` is waiting, running, done, failed or left_out.
    """

    id: int
    status: str
    done: int
    of: int


@router.post(
    "/tasks/daily-reminders", response={202: TaskOut}, summary="Send today’s reminders now", openapi_extra=REMIND
)
def post_daily_reminders(request: HttpRequest, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Remind everybody whose clock shows 09:00 or later and who has not got today's reminder. For admins.

    Asking again while it is not done answers with the same task; nobody is told twice.
    """
    return _asked(request, idempotency_key, DAILY_REMINDERS)


@router.post(
    "/tasks/monthly-reports",
    response={202: TaskOut},
    summary="Send the reports of a month now",
    openapi_extra=SEND_REPORTS,
)
def post_monthly_reports(
    request: HttpRequest, body: ReportsIn | None = None, idempotency_key: IdempotencyKey = ""
) -> HttpResponse:
    """Send the reports of one of the last twelve months to everybody who has not got them. For admins.

    Answers 409 `task_unfinished` while those of another month are being sent.
    """
    month = _month(body.month) if body and body.month else None
    return _asked(request, idempotency_key, MONTHLY_REPORTS, month=month)


@router.post("/tasks/cache-clear", response={202: TaskOut}, summary="Empty the shared cache", openapi_extra=CLEAR_CACHE)
def post_cache_clear(request: HttpRequest, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Empty the cache that all processes share. For admins."""
    return _asked(request, idempotency_key, CACHE_CLEAR)


@router.get("/tasks/{int:task_id}", response=TaskOut, summary="How far a task is", openapi_extra=TASK)
def get_task(request: HttpRequest, task_id: int) -> dict[str, Any]:
    """Describe a task that you asked for."""
    return _task_json(load_asked(person_of(request), task_id))


def _asked(request: HttpRequest, key: str, name: str, *, month: date | None = None) -> HttpResponse:
    person = person_of(request)

    def answer() -> HttpResponse:
        require_operator(person)
        return JsonResponse(_task_json(ask_task(name=name, by=person, at=now(), month=month)), status=202)

    return answered_once(request, key, answer)


def _month(text: str) -> date:
    month = month_named(text)
    if month is None:
        raise InvalidValueError(_("Give a month such as 2026-10."), path="month")
    return month


def _task_json(task: AskedTask) -> dict[str, Any]:
    [shown] = with_progress([task])
    return {"id": shown.pk, "status": shown.state, "done": shown.done, "of": shown.of}
