"""What debts lead to and their reminders cost, answers to appeals, and many old debts written off at once."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Exists, Max, OuterRef, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, employers_of, operators_of, role_required
from accounts.models import Role
from accounts.services import set_debt_rules
from billing.models import DebtAppeal, DebtQuerySet
from common.errors import DomainError
from common.web.forms import refuse
from lists.services import start_batch
from lists.services.batches import MOST_ROWS
from office.bulk.bulk_pages import SHOWN
from office.money.debt_forms import AnswerForm, DebtRulesForm, OldDebtsForm, WriteOffForm
from office.money.debts import debt_page, debts_of_person, debts_page
from tickets.services import answer_debt_appeal


@require_POST
@role_required(Role.ADMIN)
def set_rules(request: PersonRequest, operator: str) -> HttpResponse:
    """Set what debts lead to at an operator, and what their reminders cost."""
    found = get_object_or_404(operators_of(request.user, Role.ADMIN), slug=operator)
    form = DebtRulesForm(request.POST, operator=found)
    if not form.is_valid():
        return debts_page(request, form, status=422)
    given = form.cleaned_data
    set_debt_rules(operator=found, fee=given["fee"] or 0, cap=given["cap"], consequence=given["consequence"])
    messages.success(request, _("Saved."))
    return redirect("office:debts")


@require_POST
@role_required(Role.ADMIN)
def answer(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer the open appeal of a debt."""
    debt = get_object_or_404(debts_of_person(request), pk=pk)
    appeal = DebtAppeal.objects.open().filter(debt=debt).select_related("debt__charge__lot").first()
    form, status = AnswerForm(request.POST), 422
    if appeal is None:
        messages.error(request, _("There is no open appeal against this debt."))
        return debt_page(request, debt, status=409)
    if form.is_valid():
        try:
            answer_debt_appeal(appeal=appeal, by=request.user, at=now(), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("Answered. %(email)s gets it by email.") % {"email": appeal.email})
            return redirect("office:debt", pk)
    return debt_page(request, get_object_or_404(debts_of_person(request), pk=pk), answer_form=form, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def write_off(request: PersonRequest) -> HttpResponse:
    """Choose old, small debts, look at them, and write them off with one reason."""
    operators = list(employers_of(request.user, Role.ADMIN))
    if not operators:
        return redirect("office:debts")
    form = OldDebtsForm(request.GET if "days" in request.GET else None, operators=operators)
    found = _old_debts(request, form) if form.is_valid() else None
    if request.method == "POST":
        return _write_off(request, form, found)
    return _write_off_page(request, form, found, status=422 if form.is_bound and found is None else 200)


def _old_debts(request: PersonRequest, form: OldDebtsForm) -> DebtQuerySet:
    given, operator = form.cleaned_data, form.operator
    before = now() - timedelta(days=given["days"])
    open_ones = debts_of_person(request).open().filter(operator=operator, created_at__lte=before)
    small = open_ones.filter(charge__currency=operator.currency, charge__balance_amount__lte=given["most"])
    is_disputed = Exists(DebtAppeal.objects.open().filter(debt=OuterRef("pk")))
    return small.filter(~is_disputed).order_by("created_at", "pk")


def _write_off(request: PersonRequest, form: OldDebtsForm, found: DebtQuerySet | None) -> HttpResponse:
    confirmed = WriteOffForm(request.POST)
    if not confirmed.is_valid():
        return _write_off_page(request, form, found, confirmed, status=422)
    given = confirmed.cleaned_data
    rows = [(debt, given["agreed"]) for debt in given["debts"]]
    key, why = given["key"], {"why": given["why"]}
    batch = start_batch(owner=request.user, act="write_off", rows=rows, given=why, key=key, at=now())
    return redirect("office:batch", batch.pk)


def _write_off_page(
    request: PersonRequest,
    form: OldDebtsForm,
    found: DebtQuerySet | None,
    confirmed: WriteOffForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    chosen = list(found[:MOST_ROWS]) if found is not None else []
    totals = (
        found.filter(pk__in=[debt.pk for debt in chosen]).aggregate(
            sum=Sum("charge__balance_amount"), largest=Max("charge__balance_amount")
        )
        if found is not None
        else {}
    )
    initial = {"debts": ",".join(str(debt.pk) for debt in chosen), "agreed": totals.get("largest")}
    context = {
        "form": form,
        "is_asked": found is not None,
        "debts": chosen[:SHOWN],
        "count": len(chosen),
        "more": max(0, len(chosen) - SHOWN),
        "at": now(),
        "sum": totals.get("sum") or 0,
        "currency": form.operator.currency if found is not None else "",
        "confirm_form": confirmed or WriteOffForm(initial=initial),
    }
    return render(request, "office/debts/write_off.html", context, status=status)
