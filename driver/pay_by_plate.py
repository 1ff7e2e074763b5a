"""Paying without a ticket, by the link posted in a lot: plate, day and time, and nothing is told but the fee."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from billing.models import Payment, PaymentState
from billing.providers import cards_are_simulated, pages_take_cards
from common.plates import normalise
from common.time import truncate
from common.web.rate_limits import TooManyRequestsError
from driver.card_payment import SHOWN_AGAIN, PayersWay, take_by_form
from driver.pay_forms import NamedCarForm, PlatePayForm, new_key
from driver.plate_grants import PlateGrant, give_grant, grant_of, live_grant_of, note_payment, prolong_grant
from lots.access import get_public_lot
from lots.calendar import local_day, zone_of
from lots.models import Lot
from tickets.fees import exit_grace_of, time_left
from tickets.lookups import look_up_by_plate, look_up_granted
from tickets.models import Ticket
from tickets.paying import payment_key, return_from_page
from tickets.to_pay import StayToPay, stay_to_pay


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask_plate(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a car in a lot; all that does not fit gets the same words."""
    lot, at = get_public_lot(slug), truncate(now())
    if request.method != "POST":
        return _ask(request, lot, NamedCarForm(initial={"day": local_day(lot, at)}))
    form = NamedCarForm(request.POST)
    if not form.is_valid():
        return _ask(request, lot, form, status=422)
    plate = form.cleaned_data["plate"]
    try:
        found = look_up_by_plate(request, lot, normalise(plate) or "", form.came(zone_of(lot)))
    except TooManyRequestsError as error:
        form.add_error(None, error.message)
        response = _ask(request, lot, form, status=error.status)
        response["Retry-After"] = str(error.retry_after)
        return response
    if found is None:
        form.add_error(None, _("No car fits. Check plate, day and time, or pay at the machine or the desk."))
        return _ask(request, lot, form, status=422)
    give_grant(request, lot, found, plate, at=at)
    return redirect("driver:plate_fee", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def plate_fee(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is to pay for the car that the session has named, and take a card for it."""
    lot, at = get_public_lot(slug), truncate(now())
    grant = live_grant_of(request, lot, at=at)
    try:
        ticket = look_up_granted(request, grant.ticket) if grant else None
    except TooManyRequestsError as error:
        messages.error(request, error.message)
        return redirect("driver:plate_fee", slug)
    if grant is None or ticket is None:
        messages.info(request, _("Please enter your plate again."))
        return redirect("driver:pay_by_plate", slug)
    if request.method == "POST":
        return _take(request, ticket, grant)
    return _show(request, ticket, grant)


@require_safe
@never_cache
def plate_back(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Ask how the session's payment ended when its payer comes back from the provider's page, and show the fee."""
    lot, at = get_public_lot(slug), truncate(now())
    grant = grant_of(request, lot)
    ticket = look_up_granted(request, grant.ticket) if grant and grant.key == key else None
    if grant is not None and ticket is not None:
        return_from_page(ticket=ticket, idempotency_key=key, gave_up="left" in request.GET, at=at)
        _prolong_if_paid(request, ticket, grant)
    return redirect("driver:plate_fee", slug)


def _take(request: HttpRequest, ticket: Ticket, grant: PlateGrant) -> HttpResponse:
    form = PlatePayForm(request.POST)
    if not form.is_valid():
        return _show_again(request, ticket, grant, form)
    way = PayersWay(
        page=reverse("driver:plate_fee", args=[ticket.lot.slug]),
        back=lambda key: reverse("driver:plate_back", args=[ticket.lot.slug, key]),
        by_number=True,
        paid_by=None,  # a plate and a card prove no stay: its times would be told to an account
    )
    grant = note_payment(request, grant, key=form.cleaned_data["key"])
    try:
        response = take_by_form(request, ticket, form.cleaned_data, way)
    except SHOWN_AGAIN as error:
        form.add_error(None, error.message)
        return _show_again(request, ticket, grant, form, status=error.status)
    _prolong_if_paid(request, ticket, grant)
    return response


def _prolong_if_paid(request: HttpRequest, ticket: Ticket, grant: PlateGrant) -> None:
    own = _own_payment(ticket, grant)
    if own is not None and own.state == PaymentState.CAPTURED:
        prolong_grant(request, grant, at=truncate(now()))


def _ask(request: HttpRequest, lot: Lot, form: NamedCarForm, *, status: int = 200) -> HttpResponse:
    return render(request, "driver/pay/plate.html", {"lot": lot, "form": form}, status=status)


def _show_again(
    request: HttpRequest, ticket: Ticket, grant: PlateGrant, form: PlatePayForm, *, status: int = 422
) -> HttpResponse:
    data = request.POST.copy()
    data["key"] = new_key()
    form.data = data
    return _show(request, ticket, grant, form, status=status)


def _show(
    request: HttpRequest, ticket: Ticket, grant: PlateGrant, form: PlatePayForm | None = None, *, status: int = 200
) -> HttpResponse:
    at = truncate(now())
    stay = stay_to_pay(ticket, at, by_number=True)
    own = _own_payment(ticket, grant)
    is_own = stay.attempt is not None and own is not None and stay.attempt.pk == own.pk
    stage = _stage(stay, own)
    initial = {"key": new_key(), "amount": stay.fee.owed}
    context = {
        "lot": ticket.lot,
        "plate": grant.plate,
        "fee": stay.fee,
        "stage": stage,
        "leave_by": stay.leave_by,
        "leave_in": time_left(stay.leave_by, at),
        "attempt_words": stay.attempt_words if is_own else "",
        "form": (form or PlatePayForm(initial=initial)) if stage == "owed" else None,
        "page": reverse("driver:plate_fee", args=[ticket.lot.slug]),
        "exit_minutes": exit_grace_of(ticket),
        "takes_cards": cards_are_simulated() or pages_take_cards(),
    }
    return render(request, "driver/pay/plate_fee.html", context, status=status)


def _own_payment(ticket: Ticket, grant: PlateGrant) -> Payment | None:
    """Return the last payment of this session's grant."""
    key = payment_key(ticket, grant.key)
    return Payment.objects.filter(idempotency_key=key).first() if grant.key else None


def _stage(stay: StayToPay, own: Payment | None) -> str:
    """Return what the page says: `owed`, `running`, `paid` by this session, else `free` for any cause."""
    if stay.stage == "paid" and own is not None and own.state == PaymentState.CAPTURED:
        return "paid"
    return stay.stage if stay.stage in {"owed", "running"} else "free"
