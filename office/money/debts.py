"""Debts of cars that have left."""

from uuid import uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operators_of, role_required
from accounts.models import Role
from analytics.scope import scope_of
from billing.models import CreditKind, Debt, DebtQuerySet
from billing.services import credit_charge, take_payment
from common.errors import DomainError
from office.forms import DebtPaymentForm, WhyForm
from office.list_pages import list_response
from office.money.debt_forms import AnswerForm, DebtRulesForm
from office.money.debt_list import DEBTS, DebtsFilter, debts_managed_by, find_debts, has_appeal


@require_safe
@role_required(Role.ADMIN)
def debts(request: PersonRequest) -> HttpResponse:
    """List open debts by plate, lot, day and amount; `?appeals` keeps those with an appeal to answer."""
    return debts_page(request)


def debts_page(request: PersonRequest, refused: DebtRulesForm | None = None, *, status: int = 200) -> HttpResponse:
    """Render the list of debts beside the rules of debts."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = DebtsFilter(request.GET, scope)
    page = DEBTS.page(find_debts(request.user, scope, form.cleaned_data if form.is_valid() else {}), request.GET)
    operators = operators_of(request.user, Role.ADMIN)
    context = {
        "scope": scope,
        "zone": scope.zone,
        "at": now(),
        "appeals": debts_managed_by(request.user).open().filter(has_appeal()).count(),
        "only_appeals": form.is_valid() and form.cleaned_data["appeals"],
        "forms": [
            refused if refused and refused.operator == operator else DebtRulesForm(operator=operator)
            for operator in operators
        ],
    }
    response = list_response(request, "office/debts.html", page, form=form, context=context)
    if refused is not None:
        response.status_code = status
    return response


@require_safe
@role_required(Role.ADMIN)
def debt(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a debt and the forms that settle it."""
    return debt_page(request, get_object_or_404(debts_of_person(request), pk=pk))


@require_POST
@role_required(Role.ADMIN)
def pay_debt(request: PersonRequest, pk: int) -> HttpResponse:
    """Record the payment of a debt in cash or by card terminal."""
    row, form = get_object_or_404(debts_of_person(request), pk=pk), DebtPaymentForm(request.POST)
    if not form.is_valid():
        return debt_page(request, row, pay_form=form, status=422)
    try:
        take_payment(
            charge=row.charge,
            method=form.cleaned_data["method"],
            amount=form.cleaned_data["amount"],
            idempotency_key=f"debt:{row.pk}:{form.cleaned_data['key']}",
            taken_by=request.user,
            at=now(),
        )
    except DomainError as error:
        return _refused(request, row, error)
    messages.success(request, _("The debt of %(plate)s is paid.") % {"plate": row.plate})
    return redirect("office:debt", row.pk)


@require_POST
@role_required(Role.ADMIN)
def waive_debt(request: PersonRequest, pk: int) -> HttpResponse:
    """Write a debt off, as a credit with a person and a reason."""
    row, form = get_object_or_404(debts_of_person(request), pk=pk), WhyForm(request.POST)
    if not form.is_valid():
        return debt_page(request, row, waive_form=form, status=422)
    try:
        credit_charge(
            charge=row.charge,
            amount=row.charge.balance_amount,
            kind=CreditKind.WAIVED,
            reason=form.cleaned_data["why"],
            granted_by=request.user,
            at=now(),
        )
    except DomainError as error:
        return _refused(request, row, error)
    messages.success(request, _("The debt of %(plate)s is written off.") % {"plate": row.plate})
    return redirect("office:debt", row.pk)


def debts_of_person(request: PersonRequest) -> DebtQuerySet:
    """Return the debts at the lots that the person manages."""
    return debts_managed_by(request.user)


def _refused(request: PersonRequest, row: Debt, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    return debt_page(request, get_object_or_404(debts_of_person(request), pk=row.pk), status=error.status)


def debt_page(  # noqa: PLR0913 - its forms
    request: PersonRequest,
    row: Debt,
    *,
    pay_form: Form | None = None,
    waive_form: Form | None = None,
    answer_form: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a debt with its reminders and appeals, and the forms that settle it."""
    initial = {"amount": row.charge.balance_amount, "key": uuid4(), "method": "cash"}
    others = debts_of_person(request).open().exclude(pk=row.pk)
    context = {
        "debt": row,
        "next_count": others.count(),
        "next_debt": others.first(),
        "charge": row.charge,
        "pay_form": pay_form or DebtPaymentForm(initial=initial),
        "waive_form": waive_form or WhyForm(),
        "reminders": row.reminders.all(),
        "appeals": row.appeals.select_related("made_by", "answered_by"),
        "answer_form": answer_form or AnswerForm(),
    }
    return render(request, "office/debts/detail.html", context, status=status)
