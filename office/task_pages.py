"""What comes by itself: when it ran and comes next, how far it is, what failed; and buttons that do it now."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operator_required, runs_installation
from accounts.models import User
from analytics.scope import scope_of
from common.errors import DomainError
from common.two_level_cache import look_ups_today
from common.web.forms import refuse
from common.web.htmx import live_response
from reports.daily_reminders import DAILY_REMINDERS
from reports.models import UNFINISHED, AskedTask, RunState
from reports.month_names import whole_month
from reports.monthly_reports import MONTHLY_REPORTS
from reports.periodic_tasks import periodic_tasks
from reports.queries import MOST_ASKED, asked_tasks, label_of, runs_by_day, with_progress, zones_to_come
from reports.services import CACHE_CLEAR, ask_task, months_to_ask


class MonthForm(forms.Form):
    """Of which month the reports are wanted; the last one unless another is chosen."""

    month = forms.TypedChoiceField(label=gettext_lazy("Month"), coerce=date.fromisoformat)

    def __init__(self, data: QueryDict | None = None) -> None:
        """Offer the months that are over."""
        super().__init__(data)
        field = self.fields["month"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type
        field.choices = [(month.isoformat(), whole_month(month)) for month in months_to_ask(now())]


@require_safe
@operator_required
def tasks(request: PersonRequest) -> HttpResponse:
    """Show the runs of reminders and reports (the live part), what was asked for, and what comes by itself."""
    shown = _runs(request.user, now())
    source = [[run.day, run.state, run.done, run.told] for run in shown["runs"]]
    source += [[one["task"].pk, one["task"].state, one["task"].done, one["task"].of] for one in shown["asked"]]
    return live_response(
        request,
        "office/tasks.html#live",
        lambda: shown | _rest(request.user, MonthForm()),
        etag_source=source,
    )


@require_POST
@operator_required
def remind_now(request: PersonRequest) -> HttpResponse:
    """Plan today's reminders of everybody who was not told yet."""
    if ask_task(name=DAILY_REMINDERS, by=request.user, at=now()).runs.exists():
        messages.success(request, _("Today’s reminders go to everybody who has not got theirs yet."))
    _say_what_comes(request)
    return redirect("office:tasks")


@require_POST
@operator_required
def report_now(request: PersonRequest) -> HttpResponse:
    """Plan the reports of a month of everybody who was not told yet."""
    form, at = MonthForm(request.POST), now()
    status = 422
    if form.is_valid():
        month = form.cleaned_data["month"]
        try:
            ask_task(name=MONTHLY_REPORTS, by=request.user, at=at, month=month)
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            said = _("The reports of %(month)s go to everybody who has not got theirs yet.")
            messages.success(request, said % {"month": whole_month(month)})
            return redirect("office:tasks")
    context = _runs(request.user, at) | _rest(request.user, form)
    return render(request, "office/tasks.html", context, status=status)


@require_POST
@operator_required
def clear_cache_now(request: PersonRequest) -> HttpResponse:
    """Empty the cache that all processes share."""
    ask_task(name=CACHE_CLEAR, by=request.user, at=now())
    messages.success(request, _("The cache is being emptied."))
    return redirect("office:tasks")


def _runs(person: User, at: datetime) -> dict[str, Any]:
    """Return the live part: what ran by day, and what was asked for."""
    runs, asked = runs_by_day(at), with_progress(asked_tasks(person)[:MOST_ASKED])
    is_going = any(run.state == RunState.RUNNING for run in runs) or any(one.state in UNFINISHED for one in asked)
    return {
        "runs": runs,
        "asked": [
            {"task": task, "label": label_of(task.name), "month": _month(task), "by": _asker(task, person)}
            for task in asked
        ],
        "is_going": is_going,
        "zone": scope_of(person).zone,
    }


def _rest(person: User, form: MonthForm) -> dict[str, Any]:
    return {
        "form": form,
        "periodic": periodic_tasks(now()),
        "look_ups": [one for one in look_ups_today() if one.total],
        "sees_errors": runs_installation(person),
    }


def _say_what_comes(request: PersonRequest) -> None:
    zones = zones_to_come(DAILY_REMINDERS, now())
    if zones:
        said = ngettext(
            "In %(count)s time zone it is not 09:00 yet: those reminders follow by themselves.",
            "In %(count)s time zones it is not 09:00 yet: those reminders follow by themselves.",
            zones,
        )
        messages.info(request, said % {"count": zones})


def _asker(task: AskedTask, person: User) -> str:
    """Return who asked first; who joined is not told of somebody of another operator."""
    return str(task.by) if task.by and (task.by == person or runs_installation(person)) else ""


def _month(task: AskedTask) -> str:
    return whole_month(task.month) if task.month else ""
