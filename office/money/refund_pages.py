"""Refunds that need somebody: a second person, a hand that pays out, or a look at what a provider refused."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import HiddenInput
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operators_of, role_required
from accounts.models import Operator, Role
from accounts.services import set_refund_limit
from billing.models import Refund, RefundRequest
from billing.services import (
    approve_refund,
    pay_out_refund,
    reject_refund,
    retry_refund,
    return_otherwise,
    return_refund,
    reverse_refund,
)
from common.errors import DomainError
from common.web.forms import refuse
from common.web.paging import page_of
from lots.access import lots_visible_to
from office.forms import WhyForm
from office.money.giving_back_forms import RefundLimitForm
from office.money.payment_pages import say_refunded

MOST_OPEN = 100
"""How many refunds of each kind that need somebody are shown, the oldest first."""


@require_safe
@role_required(Role.ADMIN)
def refunds(request: PersonRequest) -> HttpResponse:
    """List the refunds that need somebody, then all of them, the newest first."""
    return _refunds_page(request)


@require_POST
@role_required(Role.ADMIN)
def approve(request: PersonRequest, pk: int) -> HttpResponse:
    """Give back what another person asked for."""
    asked = _request(request, pk)
    try:
        given = approve_refund(asked=asked, by=request.user, at=now()).refund
    except DomainError as error:
        return _refused(request, error)
    assert given is not None  # noqa: S101 - approved ones have it, by a constraint
    say_refunded(request, return_refund(refund=given, at=now()), asked.payment)
    return redirect("office:refunds")


@require_POST
@role_required(Role.ADMIN)
def reject(request: PersonRequest, pk: int) -> HttpResponse:
    """Refuse, with a reason, what another person asked for."""
    asked = _request(request, pk)
    return _act(
        request,
        lambda why: reject_refund(asked=asked, by=request.user, note=why, at=now()),
        _("The refund is rejected."),
    )


@require_POST
@role_required(Role.ADMIN)
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask the provider once more."""
    refund = _refund(request, pk)
    try:
        given = retry_refund(refund=refund, at=now())
    except DomainError as error:
        return _refused(request, error)
    say_refunded(request, given, refund.payment)
    return redirect("office:refunds")


@require_POST
@role_required(Role.ADMIN)
def pay_out(request: PersonRequest, pk: int) -> HttpResponse:
    """Record that an approved refund was handed over."""
    refund = _refund(request, pk)
    try:
        given = pay_out_refund(refund=refund, by=request.user, at=now())
    except DomainError as error:
        return _refused(request, error)
    say_refunded(request, given, refund.payment)
    return redirect("office:refunds")


@require_POST
@role_required(Role.ADMIN)
def otherwise(request: PersonRequest, pk: int) -> HttpResponse:
    """Record that the money was given back in another way."""
    refund = _refund(request, pk)
    return _act(
        request,
        lambda why: return_otherwise(refund=refund, by=request.user, note=why, at=now()),
        _("The refund is done."),
    )


@require_POST
@role_required(Role.ADMIN)
def take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Take back a refund that never reached the driver."""
    refund = _refund(request, pk)
    return _act(
        request,
        lambda why: reverse_refund(refund=refund, by=request.user, reason=why, at=now()),
        _("The refund is taken back."),
    )


@require_POST
@role_required(Role.ADMIN)
def set_limit(request: PersonRequest, operator: str) -> HttpResponse:
    """Set what one person may refund at an operator."""
    found = get_object_or_404(operators_of(request.user, Role.ADMIN), slug=operator)
    form = RefundLimitForm(request.POST, operator=found)
    if not form.is_valid():
        return _refunds_page(request, form, status=422)
    set_refund_limit(operator=found, largest=form.cleaned_data["largest"])
    messages.success(request, _("Limit saved."))
    return redirect("office:refunds")


def _act(request: PersonRequest, act: Callable[[str], object], said: str) -> HttpResponse:
    """Do what needs a reason, and say so."""
    form, status = WhyForm(request.POST), 422
    if form.is_valid():
        try:
            act(form.cleaned_data["why"])
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, said)
            return redirect("office:refunds")
    # Every refund has such a field: which one it was, nobody needs to be told.
    form.fields["why"].widget = HiddenInput()
    return _refunds_page(request, acted=form, status=status)


def _refused(request: PersonRequest, error: DomainError) -> HttpResponse:
    messages.error(request, error.message)
    return _refunds_page(request, status=error.status)


def _request(request: PersonRequest, pk: int) -> RefundRequest:
    lots = lots_visible_to(request.user, Role.ADMIN)
    rows = RefundRequest.objects.filter(payment__charge__lot__in=lots)
    return get_object_or_404(rows.select_related("payment__charge__lot"), pk=pk)


def _refund(request: PersonRequest, pk: int) -> Refund:
    lots = lots_visible_to(request.user, Role.ADMIN)
    return get_object_or_404(
        Refund.objects.filter(payment__charge__lot__in=lots).select_related("payment__charge__lot"), pk=pk
    )


def _refunds_page(
    request: PersonRequest, refused: RefundLimitForm | None = None, *, acted: WhyForm | None = None, status: int = 200
) -> HttpResponse:
    lots = lots_visible_to(request.user, Role.ADMIN)
    given = Refund.objects.filter(payment__charge__lot__in=lots).select_related(
        "payment__charge__lot", "payment__charge__ticket", "refunded_by", "returned_by", "request__decided_by"
    )
    given = given.select_related("reversal").order_by("-id")
    waiting = RefundRequest.objects.waiting().filter(payment__charge__lot__in=lots).order_by("requested_at", "id")
    context = {
        "acted": acted,
        "waiting": waiting.select_related(
            "payment__charge__lot", "payment__charge__ticket", "payment__taken_by", "requested_by"
        )[:MOST_OPEN],
        "stuck": given.stuck().order_by("id")[:MOST_OPEN],
        "to_pay_out": given.to_pay_out().order_by("id")[:MOST_OPEN],
        "page": page_of(given, request),
        "forms": [_limit_form(operator, refused) for operator in operators_of(request.user, Role.ADMIN)],
    }
    return render(request, "office/refunds.html", context, status=status)


def _limit_form(operator: Operator, refused: RefundLimitForm | None) -> RefundLimitForm:
    return refused if refused and refused.operator == operator else RefundLimitForm(operator=operator)
