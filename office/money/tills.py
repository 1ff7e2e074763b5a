"""The shifts of an operator's cashiers: over and short, forgotten ones, reopening."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operators_of, role_required
from accounts.models import Operator, Role
from accounts.services import set_till_tolerance
from analytics.scope import scope_of
from billing.models import Shift
from billing.shifts import (
    cash_currencies,
    close_shift,
    record_count,
    reopen_shift,
    report_of,
    start_count,
)
from common.errors import DomainError
from common.time import truncate
from common.web.forms import refuse
from lots.access import lots_visible_to
from office.list_pages import list_response
from office.money.shift_list import SHIFTS, ShiftsFilter, find_shifts
from office.money.till_forms import ForgottenForm, ReopenForm, ToleranceForm


@require_safe
@role_required(Role.ADMIN)
def shifts(request: PersonRequest) -> HttpResponse:
    """List the shifts, newest first, with what each was over or short."""
    return _list(request)


@require_POST
@role_required(Role.ADMIN)
def set_tolerance(request: PersonRequest, operator: str) -> HttpResponse:
    """Set how far an operator's tills may be off without a note."""
    found = get_object_or_404(operators_of(request.user, Role.ADMIN), slug=operator)
    form = ToleranceForm(request.POST, operator=found)
    if not form.is_valid():
        return _list(request, form, status=422)
    set_till_tolerance(operator=found, tolerance=form.cleaned_data["tolerance"])
    messages.success(request, _("Tolerance saved."))
    return redirect("office:shifts")


@require_safe
@role_required(Role.ADMIN)
def shift(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a shift, and the form that reopens it or ends a forgotten one."""
    return _detail(request, get_object_or_404(_shifts(request), pk=pk))


@require_POST
@role_required(Role.ADMIN)
def reopen(request: PersonRequest, pk: int) -> HttpResponse:
    """Reopen a closed shift with a reason."""
    found, form = get_object_or_404(_shifts(request), pk=pk), ReopenForm(request.POST)
    if form.is_valid():
        try:
            reopen_shift(shift=found, by=request.user, reason=form.cleaned_data["reason"], at=truncate(now()))
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The shift is open again. Its cashier has to count it once more."))
            return redirect("office:shift", pk)
    return _detail(request, get_object_or_404(_shifts(request), pk=pk), reopen_form=form, status=422)


@require_POST
@role_required(Role.ADMIN)
def end_forgotten(request: PersonRequest, pk: int) -> HttpResponse:
    """Count and close a shift that its cashier has forgotten."""
    found = get_object_or_404(_shifts(request), pk=pk)
    form = ForgottenForm(request.POST, shift=found, currencies=cash_currencies(found))
    if form.is_valid():
        try:
            _end(found, form, request)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("office:shift", pk)
    return _detail(request, get_object_or_404(_shifts(request), pk=pk), end_form=form, status=422)


@transaction.atomic
def _end(found: Shift, form: ForgottenForm, request: PersonRequest) -> None:
    act: dict[str, Any] = {"by": request.user, "at": truncate(now())}
    start_count(shift=found, **act)
    if not found.is_counted:
        record_count(shift=found, cash=form.cash(), cards=None, **act)
    close_shift(shift=found, left_amount=0, note=form.cleaned_data["note"], **act)


def _shifts(request: PersonRequest) -> QuerySet[Shift]:
    lots = lots_visible_to(request.user, Role.ADMIN)
    shown = Shift.objects.filter(lot__in=lots)
    return shown.select_related("lot__operator", "person", "device", "follows", "closed_by")


def _list(request: PersonRequest, refused: ToleranceForm | None = None, *, status: int = 200) -> HttpResponse:
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = ShiftsFilter(request.GET, scope)
    page = SHIFTS.page(find_shifts(scope, form.cleaned_data if form.is_valid() else {}), request.GET)
    operators = operators_of(request.user, Role.ADMIN).order_by("name")
    context = {
        "scope": scope,
        "zone": scope.zone,
        "is_narrowed": any(form[name].value() for name in form.fields),
        "forms": [_tolerance_form(operator, refused) for operator in operators],
    }
    return list_response(request, "office/shifts.html", page, form=form, context=context, status=status)


def _tolerance_form(operator: Operator, refused: ToleranceForm | None) -> ToleranceForm:
    return refused if refused and refused.operator == operator else ToleranceForm(operator=operator)


def _detail(request: PersonRequest, found: Shift, *, status: int = 200, **forms: Any) -> HttpResponse:
    context: dict[str, Any] = {"shift": found, "report": report_of(found) if found.is_counted else None}
    context["reopenings"] = found.reopenings.select_related("reopened_by")
    if found.is_closed:
        context["reopen_form"] = ReopenForm()
    else:
        context["end_form"] = ForgottenForm(shift=found, currencies=cash_currencies(found))
    return render(request, "office/shifts/detail.html", context | forms, status=status)
