"""Guest payment: find the stay, see the fee, pay it, keep the receipt."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import DomainError
from common.htmx import live_response
from common.plates import mask
from common.rate_limits import TooManyRequestsError
from common.time import truncate
from tickets.forms_pay import FindForm, PayForm, cards_work, new_key
from tickets.lookups import is_number, look_up
from tickets.models import Ticket
from tickets.pay_page import Stay, stay_to_pay
from tickets.paying import FeeChangedError, pay_ticket
from tickets.queries import TicketNotFoundError, find_ticket
from tickets.receipts import NoReceiptError, receipt_of

View = Callable[[HttpRequest, str], HttpResponse]


def _asks_again(view: View) -> View:
    """Show the search with what went wrong, when a stay is not found or an address asks too often."""

    @wraps(view)
    def shown(request: HttpRequest, reference: str) -> HttpResponse:
        try:
            return view(request, reference)
        except (TicketNotFoundError, NoReceiptError, TooManyRequestsError) as error:
            form = FindForm({"number": reference if is_number(reference) else ""})
            form.errors.clear()
            form.add_error("number" if is_number(reference) else None, error.message)
            response = render(request, "pay/find.html", {"form": form}, status=error.status)
            if isinstance(error, TooManyRequestsError):
                response["Retry-After"] = str(error.retry_after)
            return response

    return shown


@require_safe
def find_stay(request: HttpRequest) -> HttpResponse:
    """Ask for the ticket's number."""
    form = FindForm(request.GET) if "number" in request.GET else FindForm()
    if form.is_bound and form.is_valid():
        return redirect("pay_ticket", form.cleaned_data["number"])
    return render(request, "pay/find.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@_asks_again
def pay_stay(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a stay with its fee, and take a card payment for it."""
    ticket = look_up(request, reference)
    if request.method == "POST":
        return _take(request, ticket, reference)
    stay = stay_to_pay(ticket, truncate(now()))
    if request.GET.get("stage", stay.stage) != stay.stage:
        # The page shows another stage of the stay than it is in by now: the browser loads it whole.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return live_response(
        request, "pay/ticket.html#live", lambda: _context(stay, reference), etag_source=[reference, *stay.version]
    )


@require_safe
@never_cache
@_asks_again
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the receipt of a stay, to keep or print."""
    ticket = look_up(request, reference)
    context = {"receipt": receipt_of(ticket, masked=is_number(reference)), "reference": reference}
    return render(request, "pay/receipt.html", context)


@require_safe
def ticket_link(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Lead the short link of a ticket to its page."""
    return redirect("pay_ticket", token)


def _take(request: HttpRequest, ticket: Ticket, reference: str) -> HttpResponse:
    form = PayForm(request.POST)
    if not form.is_valid():
        return _again(request, reference, form)
    given = form.cleaned_data
    try:
        pay_ticket(
            ticket=ticket,
            method="card",
            token=given["token"],
            amount=None,
            agreed_amount=given["amount"],
            idempotency_key=given["key"],
            receipt_email=given["receipt_email"],
            at=truncate(now()),
        )
    except FeeChangedError as error:
        form.add_error(None, error.message)
        return _again(request, reference, form, status=error.status)
    except DomainError:
        # Paid already, being paid, or in review: the page itself says so.
        return redirect("pay_ticket", reference)
    return redirect("pay_ticket", reference)


def _again(request: HttpRequest, reference: str, form: PayForm, *, status: int = 422) -> HttpResponse:
    stay = stay_to_pay(find_ticket(reference), truncate(now()))
    data = request.POST.copy()
    data["key"] = new_key()
    form.data = data
    return render(request, "pay/ticket.html", _context(stay, reference) | {"form": form}, status=status)


def _context(stay: Stay, reference: str) -> dict[str, object]:
    stranger = is_number(reference)
    ticket = stay.ticket
    return {
        "stay": stay,
        "ticket": ticket,
        "fee": stay.fee,
        "paid": ticket.charge.captured_amount - ticket.charge.refunded_amount if ticket.charge else 0,
        "reference": reference,
        "plate": mask(ticket.plate) if stranger else ticket.plate,
        "spot": None if stranger else ticket.spot,
        "qr": None if stranger else _qr(ticket),
        "form": PayForm(initial={"key": new_key()}) if stay.stage == "owed" else None,
        "cards_work": cards_work(),
        "at": truncate(now()),
    }


def _qr(ticket: Ticket) -> SafeString:
    import segno  # takes long to import, and few processes draw

    code = segno.make(f"{settings.PUBLIC_URL}/t/{ticket.token}", error="m", micro=False)
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308 - our own link
