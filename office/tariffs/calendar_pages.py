"""The event days of a lot, and the history of its prices."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.models import Tariff, TariffChange
from billing.pricing.windows import EVENT
from billing.services.special_dates import add_special_dates, remove_special_dates
from billing.tariffs import rules_of
from common.errors import DomainError
from common.translation import day_said
from common.web.forms import refuse
from common.web.htmx import page_response
from common.web.paging import page_of
from lots.access import get_managed_lot
from lots.calendar import local_day
from lots.models import Lot
from office.tariffs.draft_forms import EventDaysForm
from office.tariffs.history_words import told_change


@dataclass(frozen=True, slots=True)
class EventDay:
    """A special date of a lot: the tariff of that day, and the plan that prices it, empty when none does."""

    day: dt.date
    name: str
    tariff: str
    plan: str


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def event_days(request: PersonRequest, slug: str) -> HttpResponse:
    """List a lot's event days from today on and add some."""
    lot = get_managed_lot(request, slug)
    form = EventDaysForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            add_special_dates(lot=lot, name=name, dates=form.days(), at=now(), by=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(event)s is in the calendar.") % {"event": name})
            return redirect("office:event_days", slug)
    days = list(_event_days(lot, local_day(lot, now())))
    context = {"lot": lot, "form": form, "days": days, "is_unpriced": any(not day.plan for day in days)}
    return page_response(request, "office/tariffs/event_days.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(Role.ADMIN)
def event_day_removal(request: PersonRequest, slug: str) -> HttpResponse:
    """Let an event day be an ordinary day."""
    lot = get_managed_lot(request, slug)
    try:
        day = dt.date.fromisoformat(request.POST.get("day", ""))
        remove_special_dates(lot=lot, dates=[day], at=now(), by=request.user)
        messages.success(request, _("%(day)s is an ordinary day again.") % {"day": day_said(day)})
    except ValueError:
        messages.error(request, _("Choose a day of the calendar."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("office:event_days", slug)


@require_safe
@role_required(Role.ADMIN)
def tariff_history(request: PersonRequest, slug: str) -> HttpResponse:
    """Show who changed which prices of a lot when, newest first."""
    lot = get_managed_lot(request, slug)
    page = page_of(TariffChange.objects.filter(lot=lot).select_related("by"), request)
    told = [told_change(change, lot.currency) for change in page]
    return page_response(request, "office/tariffs/history.html", {"lot": lot, "page": page, "told": told})


def _event_days(lot: Lot, today: dt.date) -> Iterator[EventDay]:
    """Yield the dates of the tariffs that are not over, each as the tariff of its day prices it."""
    found: dict[dt.date, EventDay] = {}
    for tariff in Tariff.objects.current().filter(lot=lot).order_by("valid_from"):
        rules = rules_of(tariff)
        for special in rules.special_days:
            kind = special.name if special.name in rules.kinds_of_day else EVENT
            plan = next((plan.name or tariff.name for plan in rules.plans if kind in plan.days), "")
            for day in special.dates:
                is_its = tariff.valid_from <= day and (tariff.valid_until is None or day <= tariff.valid_until)
                if day >= today and is_its:
                    found[day] = EventDay(day, special.name, tariff.name, plan)
    yield from (found[day] for day in sorted(found))
