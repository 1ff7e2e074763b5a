"""Payments: the list, one payment, and giving its money back."""

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.scope import scope_of
from billing.models import Payment, PaymentState, Refund, RefundRequest
from billing.services import ask_refund, return_refund
from common.errors import DomainError
from common.translation import money_said
from common.web.forms import refuse
from office.list_pages import list_response
from office.money.giving_back_forms import RefundForm
from office.money.payment_filter import PAYMENTS, PaymentsFilter, find_payments
from tickets.access import payments_managed_by


@require_safe
@role_required(Role.ADMIN)
def payments(request: PersonRequest) -> HttpResponse:
    """Search payments by plate, ticket, lot, method, state, amount, person and day."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = PaymentsFilter(request.GET, scope)
    page = PAYMENTS.page(find_payments(scope, form.cleaned_data if form.is_valid() else {}), request.GET)
    prefetch_related_objects(list(page.object_list), "refunds")
    return list_response(request, "office/payments.html", page, form=form, context={"scope": scope, "zone": scope.zone})


@require_safe
@role_required(Role.ADMIN)
def payment(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a payment, its refunds, and the form that gives its money back."""
    return _payment_page(request, load_payment(request, pk))


@require_POST
@role_required(Role.ADMIN)
def refund_payment(request: PersonRequest, pk: int) -> HttpResponse:
    """Give money of a payment back, or ask a second person above the operator's limit."""
    paid = load_payment(request, pk)
    form, status = RefundForm(request.POST, payment=paid), 422
    if form.is_valid():
        try:
            given = ask_refund(**form.order(), by=request.user, at=now())
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            if isinstance(given, Refund):
                given = return_refund(refund=given, at=now())
            say_refunded(request, given, paid)
            return redirect("office:payment", pk)
    return _payment_page(request, load_payment(request, pk), refund_form=form, status=status)


def say_refunded(request: PersonRequest, given: Refund | RefundRequest, paid: Payment) -> None:
    """Tell the person what became of a refund."""
    said = {"amount": money_said(given.amount, paid.charge.currency)}
    if isinstance(given, RefundRequest):
        messages.info(request, _("%(amount)s wait for a second person: it is above the limit.") % said)
    elif given.returned_at:
        messages.success(request, _("%(amount)s given back.") % said)
    elif not paid.provider:
        messages.success(request, _("%(amount)s may be handed over now, at the desk or here.") % said)
    else:
        messages.warning(request, _("%(amount)s are not back yet: the card's provider did not do it.") % said)


def load_payment(request: PersonRequest, pk: int) -> Payment:
    """Return a payment at one of the person's lots; answers 404 for any other."""
    rows = payments_managed_by(request.user).select_related("charge__lot__operator", "charge__ticket", "taken_by")
    return get_object_or_404(rows, pk=pk)


def _payment_page(
    request: PersonRequest, paid: Payment, *, refund_form: Form | None = None, status: int = 200
) -> HttpResponse:
    given = paid.refunds.select_related("refunded_by", "returned_by", "request__decided_by", "reversal").order_by("id")
    left = paid.captured_amount - paid.refunded_amount
    waiting = paid.refund_requests.waiting().select_related("requested_by").first()
    can_refund = paid.state == PaymentState.CAPTURED and left and waiting is None
    context = {
        "payment": paid,
        "charge": paid.charge,
        "zone": paid.charge.lot.timezone,
        "refunds": given,
        "left": left,
        "waiting": waiting,
        "refund_form": refund_form or (RefundForm(payment=paid) if can_refund else None),
    }
    return render(request, "office/payments/detail.html", context, status=status)
