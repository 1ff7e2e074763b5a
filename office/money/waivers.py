"""Fees waived and gates opened by attendants, and their limits."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Operator, Role
from accounts.services import set_waiver_limits
from analytics.scope import scope_of
from analytics.waiver_totals import let_go_by_day
from common.web.paging import page_of
from office.forms import WaiverLimitsForm


@require_safe
@operator_required
def waivers(request: PersonRequest) -> HttpResponse:
    """Show what was waived and opened by hand, by day and person, with the limits."""
    return _page(request)


@require_POST
@operator_required
def set_limits(request: PersonRequest, operator: str) -> HttpResponse:
    """Set how much an operator's attendants may waive."""
    found = get_object_or_404(operators_of(request.user, Role.ADMIN), slug=operator)
    form = WaiverLimitsForm(request.POST, operator=found)
    if not form.is_valid():
        return _page(request, form, status=422)
    set_waiver_limits(operator=found, largest=form.cleaned_data["largest"], a_day=form.cleaned_data["a_day"])
    messages.success(request, _("Limits saved."))
    return redirect("office:waivers")


def _page(request: PersonRequest, refused: WaiverLimitsForm | None = None, *, status: int = 200) -> HttpResponse:
    scope = scope_of(request.user, request.GET.get("lot", ""))
    operators = operators_of(request.user, Role.ADMIN).order_by("name")
    context = {
        "scope": scope,
        "page": page_of(let_go_by_day(scope, now()), request),
        "forms": [_form(operator, refused) for operator in operators],
    }
    return render(request, "office/waivers.html", context, status=status)


def _form(operator: Operator, refused: WaiverLimitsForm | None) -> WaiverLimitsForm:
    return refused if refused and refused.operator == operator else WaiverLimitsForm(operator=operator)
