"""Giving money back at the desk."""

from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest
from billing.models import Payment, PaymentMethod, PaymentState, Refund, RefundRequest
from billing.services import ask_refund, pay_out_refund, return_refund
from common.errors import DomainError
from common.time import truncate
from common.translation import money_said
from common.web.forms import refuse
from desk.acts import done_with, fresh
from desk.refund_forms import HandOverForm, RefundAtDeskForm
from desk.station import Station, at_stay
from desk.views import show_stay
from desk.words import Result
from tickets.models import Ticket


@require_http_methods(["GET", "HEAD", "POST"])
@at_stay
def refund(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Give back money of a stay, or ask a second person above the operator's limit."""
    payments = refundable(ticket)
    if not payments:
        return show_stay(request, station, ticket, panel="refund", status=_nothing_left(request))
    if request.method != "POST":
        return show_stay(
            request, station, ticket, panel="refund", refund_form=RefundAtDeskForm(station, payments=payments)
        )
    form, status = RefundAtDeskForm(station, request.POST, payments=payments), 422
    if form.is_valid():
        at = truncate(now())
        try:
            given = ask_refund(**form.order(), by=request.user, at=at)
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            if isinstance(given, Refund):
                given = return_refund(refund=given, at=at)
            return done_with(request, station, said_of_refund(ticket, given), ticket.number)
    return show_stay(request, station, fresh(ticket), panel="refund", refund_form=form, status=status)


@require_POST
@at_stay
def hand_over(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Hand over a refund that was approved."""
    form, status = HandOverForm(station, request.POST), 422
    if form.is_valid():
        waiting = Refund.objects.filter(payment__charge=ticket.charge_id, pk=form.cleaned_data["refund"])
        found = waiting.select_related("payment__charge").first()
        if found is None:
            form.add_error(None, _("There is no such refund."))
        else:
            try:
                given = pay_out_refund(refund=found, by=request.user, at=truncate(now()))
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                return done_with(request, station, said_of_refund(ticket, given), ticket.number)
    return show_stay(request, station, fresh(ticket), status=status, hand_over_form=form)


def refundable(ticket: Ticket) -> list[Payment]:
    """Return the payments of a stay of which something is left to give back, the newest first."""
    if ticket.charge_id is None:
        return []
    captured = Payment.objects.filter(charge=ticket.charge_id, state=PaymentState.CAPTURED)
    rows = captured.select_related("charge").prefetch_related("refunds").order_by("-created_at", "-id")
    return [paid for paid in rows if paid.captured_amount > paid.refunded_amount]


def said_of_refund(ticket: Ticket, given: Refund | RefundRequest) -> Result:
    """Return the result of a refund: money to hand over, on its way, or waiting for somebody."""
    payment, number = given.payment, ticket.number
    said = {"amount": money_said(given.amount, payment.charge.currency), "car": ticket.plate or number}
    if isinstance(given, RefundRequest):
        title = _("%(amount)s for %(car)s wait for a second person") % said
        return Result("warn", title, _("It is above the limit. Hand nothing over yet."), number=number)
    if payment.method == PaymentMethod.CASH and given.returned_at:
        return Result("ok", _("Give %(car)s %(amount)s back") % said, _("In cash, from the till."), number=number)
    if given.returned_at:
        return Result("ok", _("%(amount)s go back to %(car)s") % said, _("By the card."), number=number)
    title = _("%(amount)s for %(car)s are not back yet") % said
    return Result("warn", title, _("The card's provider did not do it. It is tried again."), number=number)


def _nothing_left(request: PersonRequest) -> int:
    return 409 if request.method == "POST" else 200
