"""The acts of an attendant: each view checks a form, calls one service and keeps its result."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest
from billing.shifts import NoOpenShiftError
from common.errors import DomainError
from common.time import truncate
from common.web.forms import refuse
from desk.forms import (
    BackForm,
    CardForm,
    CashForm,
    EndStayForm,
    ExitCardForm,
    ExitCashForm,
    HoldForm,
    LetInForm,
    LetOutForm,
    OpenGateForm,
)
from desk.owing import stay_inside, why_no_card_pays
from desk.station import Station, at_desk, at_stay
from desk.till.printer import print_sale, print_ticket
from desk.till.views import ask_for_shift
from desk.views import show, show_stay
from desk.words import (
    Result,
    remember,
    said_of_debt,
    said_of_end,
    said_of_entry,
    said_of_exit,
    said_of_hold,
    said_of_hold_end,
    said_of_opening,
)
from gates import services
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.queries import with_fee_parts
from tickets.services import Settlement, activate_ticket
from tickets.to_pay import stay_owes


@require_POST
@at_stay
def take_cash(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Take cash for a stay and let the car go."""
    counted = bool(why_no_card_pays(ticket, now()))
    return _take(request, station, ticket, cash_form=ExitCashForm(station, request.POST, counted=counted))


@require_POST
@at_stay
def take_card(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Charge a card for the fee of a stay and let the car go when it is paid."""
    return _take(request, station, ticket, card_form=ExitCardForm(station, request.POST))


@require_POST
@at_stay
def take_debt_cash(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Take cash for what a car left owing."""
    form = CashForm(station, request.POST, lot=ticket.lot)
    return _take_debt(request, station, ticket, cash_form=form)


@require_POST
@at_stay
def take_debt_card(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Charge a card for what a car left owing."""
    return _take_debt(request, station, ticket, card_form=CardForm(station, request.POST))


@require_http_methods(["GET", "HEAD", "POST"])
@at_stay
def let_out(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Let a car go unpaid, with a reason."""
    if request.method != "POST":
        return show_stay(request, station, ticket, panel="let_out", out_form=LetOutForm(station))
    form, at = LetOutForm(station, request.POST), truncate(now())
    if form.is_valid():
        given = form.cleaned_data
        waive = given["how"] == Settlement.WAIVE
        try:
            done = services.let_out(
                ticket=ticket,
                gate=given["gate"],
                by=request.user,
                note=given["note"],
                at=at,
                key=given["key"],
                waive=waive,
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return done_with(request, station, said_of_exit(done, waived=waive))
    return show_stay(request, station, fresh(ticket), panel="let_out", out_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@at_stay
def end_stay(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """End a stay that is not there any more, with a reason; no gate opens."""
    at = truncate(now())
    if request.method != "POST":
        fee = fee_of(ticket, at)
        form = EndStayForm(station, initial={"owed": fee.owed, "seen_at": at.isoformat()})
        return show_stay(request, station, ticket, panel="end", end_form=form)
    form = EndStayForm(station, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            if form.voids:
                ended = services.void_at_desk(ticket=ticket, by=request.user, note=given["note"], at=at)
            else:
                ended = services.end_unseen_at_desk(
                    ticket=ticket,
                    left_at=form.left(),
                    agreed=given["owed"],
                    settlement=given["settlement"],
                    by=request.user,
                    note=given["note"],
                    at=at,
                )
        except DomainError as error:
            refuse(form, error)
        else:
            return done_with(request, station, said_of_end(ended))
    ticket = fresh(ticket)
    left_at = form.left() if form.cleaned_data.keys() >= {"left_at", "seen_at"} else at
    fee = fee_of(ticket, left_at if ticket.entry_at <= left_at <= at else at)
    sent = request.POST.copy()
    sent["owed"] = str(fee.owed)  # the next submit agrees to what is shown now
    form.data = sent
    return show_stay(request, station, ticket, panel="end", end_form=form, status=422)


@require_POST
@at_stay
def take_back(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Reopen a stay in review whose car is at the lane."""
    form, at = BackForm(station, request.POST), truncate(now())
    if form.is_valid():
        try:
            activate_ticket(ticket=ticket, at=at, why=f"the car is at {form.cleaned_data['gate']}", by=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(f"{reverse('desk:stay', args=[ticket.number])}?{station.lane_query}")
    return show_stay(request, station, fresh(ticket), status=422, back_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def let_in(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Let a car in, with a reason."""
    if request.method != "POST":
        asked = {"plate": request.GET.get("plate", "")[:32], "gate": request.GET.get("gate", "")}
        form = LetInForm(station, initial={name: value for name, value in asked.items() if value})
        return show(request, station, "let_in", in_form=form)
    form = LetInForm(station, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            event = services.let_in(
                gate=given["gate"], body=form.body(), by=request.user, note=given["note"], at=truncate(now())
            )
        except DomainError as error:
            refuse(form, error)
        else:
            if event.ticket and not event.plate:
                print_ticket(event.ticket)
            return done_with(request, station, said_of_entry(event))
    return show(request, station, "let_in", in_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def open_gate(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Open a gate by hand, with a reason."""
    if request.method != "POST":
        return show(request, station, "open_gate", gate_form=OpenGateForm(station))
    form = OpenGateForm(station, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            event = services.open_by_hand(
                gate=given["gate"], by=request.user, note=given["note"], at=truncate(now()), key=given["key"]
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return done_with(request, station, said_of_opening(event))
    return show(request, station, "open_gate", gate_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def hold_gate(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Hold a gate open, with a reason."""
    if request.method != "POST":
        asked = {"gate": request.GET["gate"]} if request.GET.get("gate") else None
        return show(request, station, "hold", hold_form=HoldForm(station, initial=asked))
    form = HoldForm(station, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            gate = services.hold_open(
                gate=given["gate"], by=request.user, note=given["note"], at=truncate(now()), key=given["key"]
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return done_with(request, station, said_of_hold(gate))
    return show(request, station, "hold", hold_form=form, status=422)


@require_POST
@at_desk
def end_hold(request: PersonRequest, station: Station) -> HttpResponseBase:
    """End the hold of a gate."""
    code = request.POST.get("gate", "")
    gate = next((gate for gate in station.gates if gate.code == code), None)
    if gate is None:
        raise Http404("There is no such gate.")
    return done_with(
        request, station, said_of_hold_end(services.end_hold(gate=gate, by=request.user, at=truncate(now())))
    )


def _take(
    request: PersonRequest, station: Station, ticket: Ticket, **forms: ExitCashForm | ExitCardForm
) -> HttpResponse:
    (form,) = forms.values()
    if form.is_valid():
        try:
            done = services.take_exit_payment(
                ticket=ticket,
                gate=form.cleaned_data["gate"],
                tender=form.tender(),
                by=request.user,
                at=truncate(now()),
            )
        except NoOpenShiftError as error:
            return ask_for_shift(request, station, error, stay=ticket.number)
        except DomainError as error:
            refuse(form, error)
        else:
            print_sale(done.payment)
            return done_with(request, station, said_of_exit(done), "" if done.left else ticket.number)
    refused: dict[str, Any] = dict(forms)
    return show_stay(request, station, fresh(ticket), status=422, **refused)


def _take_debt(request: PersonRequest, station: Station, ticket: Ticket, **forms: CashForm | CardForm) -> HttpResponse:
    (form,) = forms.values()
    if form.is_valid():
        try:
            payment = services.take_debt_payment(
                ticket=ticket, tender=form.tender(), by=request.user, at=truncate(now())
            )
        except NoOpenShiftError as error:
            return ask_for_shift(request, station, error, stay=ticket.number)
        except DomainError as error:
            refuse(form, error)
        else:
            print_sale(payment)
            ticket = fresh(ticket)
            inside = stay_inside(station.lot, ticket)
            unfinished = ticket if stay_owes(ticket, now()).owed else inside
            return done_with(request, station, said_of_debt(ticket, payment), unfinished.number if unfinished else "")
    refused: dict[str, Any] = dict(forms)
    return show_stay(request, station, fresh(ticket), status=422, **refused)


def done_with(request: PersonRequest, station: Station, result: Result, number: str = "") -> HttpResponse:
    """Keep the result and go on: to the stay that is not finished, else to the next car."""
    remember(request.session, station.lot, result, at=truncate(now()))
    if number:
        return redirect(f"{reverse('desk:stay', args=[number])}?{station.lane_query}")
    return redirect(f"{reverse('desk:desk')}?{station.query}")


def fresh(ticket: Ticket) -> Ticket:
    """Reload the stay after a refusal: another person may have changed it."""
    return with_fee_parts().get(pk=ticket.pk)
