"""Guest payment: find the stay, see the fee, pay it, keep the receipt."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in, verified_address
from billing.code_tries import check_code_tries
from billing.documents.issuing import document_charge
from billing.documents.showing import shown
from billing.providers import cards_are_simulated, pages_take_cards
from billing.services import CodeUser
from common.errors import DomainError, NotFoundError
from common.plates import mask
from common.time import truncate
from common.translation import translated
from common.web.htmx import live_response
from common.web.rate_limits import TooManyRequestsError
from driver.card_payment import SHOWN_AGAIN, PayersWay, take_by_form
from driver.own_debts import appealable_debt, owed_by
from driver.own_stays import may_keep
from driver.pay_forms import CodeForm, FindForm, PayForm, new_key
from driver.staircase import staircase_of
from lots.access import is_public_lot
from tickets.codes import qr_of
from tickets.fees import exit_grace_of, time_left
from tickets.lookups import is_number, look_up
from tickets.models import OPEN, Ticket
from tickets.next_fee import next_fee
from tickets.paying import return_from_page
from tickets.promo import code_for, with_code
from tickets.queries import TicketNotFoundError, find_ticket
from tickets.to_pay import StayToPay, stay_to_pay

RECEIPT_ADDRESS = "receipt_address"
MOST_OWED = 10
View = Callable[..., HttpResponse]


class NoReceiptError(NotFoundError):
    """Nothing has been paid for this stay."""

    code = "no_receipt"


def _asks_again(view: View) -> View:
    """Show the search form with the error when a stay is not found or an address asks too often."""

    @wraps(view)
    def shown(request: HttpRequest, reference: str, **more: str) -> HttpResponse:
        try:
            return view(request, reference, **more)
        except (TicketNotFoundError, NoReceiptError, TooManyRequestsError) as error:
            form = FindForm({"number": reference if is_number(reference) else ""})
            form.errors.clear()
            form.add_error("number" if is_number(reference) else None, error.message)
            response = render(request, "driver/pay/find.html", {"form": form}, status=error.status)
            if isinstance(error, TooManyRequestsError):
                response["Retry-After"] = str(error.retry_after)
            return response

    return shown


@require_safe
def find_stay(request: HttpRequest) -> HttpResponse:
    """Ask for the ticket's number."""
    form = FindForm(request.GET) if "number" in request.GET else FindForm()
    if form.is_bound and form.is_valid():
        return redirect("driver:pay_ticket", form.cleaned_data["number"])
    return render(request, "driver/pay/find.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@_asks_again
def pay_stay(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a stay with its fee, and take a card payment for it; a lot's short name leads to paying by plate there."""
    try:
        ticket = look_up(request, reference)
    except TicketNotFoundError:
        if not is_public_lot(reference):
            raise
        return redirect("driver:pay_by_plate", reference)
    if request.method == "POST":
        return _take(request, ticket, reference)
    code = _try_code(request, ticket) if "code" in request.GET else None
    stay = stay_to_pay(ticket, truncate(now()), by_number=is_number(reference))
    if request.GET.get("stage", stay.stage) != stay.stage:
        # The stay has moved to another stage: the browser reloads the whole page.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return live_response(
        request,
        "driver/pay/ticket.html#live",
        lambda: _context(request, stay, reference, code),
        etag_source=[reference, *stay.version, request.GET.get("code", "")],
    )


@require_safe
@never_cache
@_asks_again
def pay_back(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """Ask how a payment ended whose payer comes back from the provider's page, and show the stay."""
    gave_up = "left" in request.GET
    return_from_page(ticket=look_up(request, reference), idempotency_key=key, gave_up=gave_up, at=truncate(now()))
    return redirect("driver:pay_ticket", reference)


@require_safe
@never_cache
@_asks_again
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the receipts and credit notes of a stay, to print or save; those that are missing are issued.

    Who knows only the number sees no invoice and no correction of one, which name a person.
    """
    ticket, stranger = look_up(request, reference), is_number(reference)
    issued = document_charge(ticket.charge, at=now()) if ticket.charge else []
    documents = [one for one in issued if "recipient" not in one.content or not stranger]
    if not documents:
        raise NoReceiptError(_("Nothing has been paid for this stay yet."))
    context = {"documents": [shown(one, hidden=stranger) for one in documents], "reference": reference}
    return render(request, "driver/pay/receipt.html", context)


@require_safe
def ticket_link(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Redirect the short link of a ticket to its page."""
    return redirect("driver:pay_ticket", token)


def _take(request: HttpRequest, ticket: Ticket, reference: str) -> HttpResponse:
    form = PayForm(request.POST)
    if not form.is_valid():
        return _again(request, reference, form)
    given = form.cleaned_data
    _remember_address(request, ticket, given["receipt_email"])
    way = PayersWay(
        page=reverse("driver:pay_ticket", args=[reference]),
        back=lambda key: reverse("driver:pay_back", args=[reference, key]),
        by_number=is_number(reference),
        paid_by=signed_in(request),
    )
    try:
        return take_by_form(request, ticket, given, way)
    except SHOWN_AGAIN as error:
        form.add_error(None, error.message)
        return _again(request, reference, form, status=error.status)


def _try_code(request: HttpRequest, ticket: Ticket) -> CodeForm:
    """Let a stay show what a typed code would take off; nothing is used yet."""
    form = CodeForm(request.GET)
    typed = form.cleaned_data["code"] if form.is_valid() else ""
    try:
        check_code_tries(request, typed)
        if typed:
            payer = CodeUser(person=signed_in(request), plate=ticket.plate_normalised or "")
            with_code(ticket, code_for(ticket, typed, by=payer, at=truncate(now())))
    except TooManyRequestsError as error:
        form.add_error("code", error.message)
    except DomainError as error:
        form.add_error("code", translated(error.message))
    return form


def _again(request: HttpRequest, reference: str, form: PayForm, *, status: int = 422) -> HttpResponse:
    stay = stay_to_pay(find_ticket(reference), truncate(now()), by_number=is_number(reference))
    data = request.POST.copy()
    data["key"] = new_key()
    form.data = data
    return render(request, "driver/pay/ticket.html", _context(request, stay, reference) | {"form": form}, status=status)


def _remember_address(request: HttpRequest, ticket: Ticket, address: str) -> None:
    """Keep the address for this stay's receipt in the payer's session, for their next try."""
    if address or RECEIPT_ADDRESS in request.session:
        request.session[RECEIPT_ADDRESS] = {"ticket": ticket.pk, "address": address}


def _address_for(request: HttpRequest, ticket: Ticket) -> str:
    """Return the address to offer: the one typed for this stay before, else the verified one of the account."""
    typed = request.session.get(RECEIPT_ADDRESS)
    if typed and typed["ticket"] == ticket.pk:
        return str(typed["address"])
    return verified_address(request.user)


def _context(request: HttpRequest, stay: StayToPay, reference: str, code: CodeForm | None = None) -> dict[str, object]:
    stranger = is_number(reference)
    ticket, at = stay.ticket, truncate(now())
    used = code.cleaned_data["code"] if code is not None and code.is_valid() else ""
    initial = {"key": new_key(), "receipt_email": _address_for(request, ticket), "promo_code": used}
    initial |= {"amount": stay.fee.owed}
    return {
        "code": (code or CodeForm()) if ticket.status in OPEN and (stay.stage == "owed" or code is not None) else None,
        "used": used,
        "stay": stay,
        "ticket": ticket,
        "fee": stay.fee,
        "paid": ticket.charge.captured_amount - ticket.charge.refunded_amount if ticket.charge else 0,
        "reference": reference,
        "page": reverse("driver:pay_ticket", args=[reference]),
        "plate": mask(ticket.plate) if stranger else ticket.plate,
        "spot": None if stranger else ticket.spot,
        "qr": None if stranger else qr_of(ticket),
        "form": PayForm(initial=initial) if stay.stage == "owed" or (used and stay.stage == "free") else None,
        "exit_minutes": exit_grace_of(ticket) if ticket.status in OPEN else None,
        "takes_cards": cards_are_simulated() or pages_take_cards(),
        "may_keep": may_keep(signed_in(request), ticket),
        "debt": appealable_debt(request, ticket, reference) if stay.stage == "owed" and ticket.exit_at else None,
        "also_owed": owed_by(signed_in(request), besides=ticket)[:MOST_OWED],
        "next": next_fee(ticket, at) if ticket.status in OPEN else None,
        "staircase": staircase_of(ticket, at) if ticket.status in OPEN else None,
        "leave_in": time_left(stay.leave_by, at),
        "at": at,
    }
