"""The pages of the desk that show something; `acts` has those that change something."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest
from billing.providers import cards_are_simulated
from common.money import rounded_to
from common.time import truncate
from common.web.htmx import live_response
from common.web.paging import page_of
from desk.correction_forms import UndoForm
from desk.finding import find_stays
from desk.forms import (
    BackForm,
    CardForm,
    CashForm,
    DeskForm,
    ExitCardForm,
    ExitCashForm,
    LetOutForm,
)
from desk.lanes import LaneNow, first_waiting, lanes_now
from desk.mixed_forms import MixedForm
from desk.owing import block_of, debts_of, refunds_of, why_no_card_pays
from desk.refund_forms import HandOverForm
from desk.station import Station, at_desk, at_stay
from desk.till.printer import print_ticket
from desk.today import Today, day_start, exceptions_since, latest_moves, stays_of_day, till_now, today_at
from desk.voucher_form import VoucherForm
from desk.words import forget, last_result, said_of_event, said_of_flags
from gates.services import exit_to_undo
from tickets.codes import qr_of
from tickets.models import Ticket, TicketStatus
from tickets.to_pay import stay_owes

PAGE_SIZE = 25
TABS = (
    ("all", _("All")),
    ("came", _("Came")),
    ("left", _("Left")),
    ("inside", _("Inside")),
    ("exceptions", _("Exceptions")),
)


@require_safe
@at_desk
def desk(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Show the desk, or search: an only match opens at once."""
    text = request.GET.get("q", "")[:200]
    if "again" in request.GET:
        forget(request.session)
    found = find_stays(station.lot, text, request.user, by=_by(request), lot_ids=[lot.pk for lot in station.lots])
    if request.headers.get("HX-Request") == "true":
        return render(request, "desk/_matches.html", {"station": station, "found": found, "q": text})
    if text.strip() and found.only is not None:
        return redirect(f"{reverse('desk:stay', args=[found.only.number])}?{station.lane_query}")
    focused = bool(text.strip() and (found.stays or found.owing))
    status = 422 if found.problem else 200
    return show(request, station, "idle", found=found, q=text, first_focused=focused, status=status)


@require_safe
@at_stay
def stay(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Show a stay with what it owes and the ways to pay."""
    return show_stay(request, station, ticket)


@require_http_methods(["GET", "HEAD", "POST"])
@at_stay
def slip(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Show a ticket to print, for a car without a plate only; a POST sends it to the printer of receipts."""
    if ticket.plate or not ticket.is_open:
        raise Http404("This stay needs no ticket.")
    if request.method == "POST":
        print_ticket(ticket)
        return redirect(f"{reverse('desk:stay', args=[ticket.number])}?{station.lane_query}")
    context = {
        "station": station,
        "ticket": ticket,
        "qr": qr_of(ticket),
        "has_printer": bool(settings.TILL_PRINTER_URL),
    }
    return render(request, "desk/slip.html", context)


@require_safe
@at_desk
def lanes(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Show the lanes and the day, and refresh them."""
    at = truncate(now())
    side = _side(request, station, at)
    shown = [_lane_state(lane) for lane in side["lanes"]]
    moves = [(move.stay.pk, move.words, move.at) for move in side["latest"]]
    lane, till = station.lane.pk if station.lane else None, side["till"]
    shift = [till.pk, till.state, till.sales] if till else None
    source = [station.lot.slug, lane, shown, side["today"].as_list(), moves, shift]
    return live_response(request, "desk/lanes.html#live", {"station": station, "at": at, **side}, etag_source=source)


@require_safe
@at_desk
def today(request: PersonRequest, station: Station) -> HttpResponseBase:
    """List the day's stays and exceptions, searched and in pages."""
    at = truncate(now())
    since = day_start(station.lot, at)
    which = request.GET.get("show", "all")
    text = request.GET.get("q", "")[:100].replace("\0", "")
    numbers = today_at(station.lot, at=at)
    context: dict[str, Any] = {"station": station, "which": which, "q": text, "tabs": _tabs(which, numbers, station)}
    if which == "exceptions":
        events = page_of(exceptions_since(station.lot, since), request, PAGE_SIZE)
        told = [(event, said_of_flags(event), said_of_event(event, direction=event.gate.direction)) for event in events]
        context |= {"page": events, "exceptions": told}
    else:
        context["page"] = page_of(stays_of_day(station.lot, since, which=which, text=text), request, PAGE_SIZE)
    return render(request, "desk/today.html", context)


def show(request: PersonRequest, station: Station, panel: str, *, status: int = 200, **more: Any) -> HttpResponse:
    """Render the desk with one panel in its middle."""
    at = more.setdefault("at", truncate(now()))
    if "found" not in more:
        more["found"] = find_stays(station.lot, "", request.user)
    last = last_result(request.session, station.lot, at=at)
    context = {
        "is_refused": status != HTTPStatus.OK,
        "station": station,
        "panel": panel,
        "last": last,
        "last_undo": UndoForm(station, initial={"exit": last.undo}) if last and last.undo else None,
        "by": _by(request),
        **_side(request, station, at),
        **more,
    }
    return render(request, "desk/desk.html", context, status=status)


def show_stay(  # noqa: PLR0913 - what a page consists of
    request: PersonRequest,
    station: Station,
    ticket: Ticket,
    *,
    panel: str = "stay",
    status: int = 200,
    also: Mapping[str, Any] | None = None,
    **forms: Any,
) -> HttpResponse:
    """Render the desk with a stay in its middle; `forms` are refused ones, `also` is what its panel reads besides."""
    at = truncate(now())
    fee = stay_owes(ticket, at)
    for form in forms.values():
        if form.is_bound:  # a new submit agrees to the fee shown now
            form.data = form.data.dict() | {"agreed": fee.owed}
    no_card = why_no_card_pays(ticket, at) if fee.owed and ticket.is_open else ""
    facts = _facts(ticket, at) | {"at": at, "ticket": ticket, "fee": fee}
    facts |= {"no_card": no_card, "debts": debts_of(ticket, request.user), "simulated": cards_are_simulated()}
    facts |= {"blocked": block_of(ticket), "cash_due": rounded_to(fee.owed, ticket.lot.cash_rounding)}
    shown = _pay_forms(station, ticket, {"agreed": fee.owed}, no_card)
    shown |= _undo_form(request, station, ticket, at)
    facts |= refunds_of(ticket) if facts["taken"] else {}
    shown["hand_over_form"] = HandOverForm(station)
    return show(request, station, panel, status=status, **facts, **shown | forms | dict(also or {}))


def _pay_forms(station: Station, ticket: Ticket, initial: dict[str, Any], no_card: str) -> dict[str, DeskForm]:
    """Return the payment forms of a stay, and those that its state needs."""
    if ticket.status == TicketStatus.CLOSED:
        cash = CashForm(station, initial=initial, lot=ticket.lot)
        return {"cash_form": cash, "card_form": CardForm(station, initial=initial)}
    forms: dict[str, DeskForm] = {"cash_form": ExitCashForm(station, initial=initial, counted=bool(no_card))}
    forms["card_form"] = ExitCardForm(station, initial=initial)
    forms["mixed_form"] = MixedForm(station, initial=initial)
    forms["voucher_form"] = VoucherForm(station)
    if no_card:
        forms["owe_form"] = LetOutForm(station, initial={"note": no_card})
    if ticket.status == TicketStatus.REVIEW:
        forms["back_form"] = BackForm(station)
    return forms


def _undo_form(request: PersonRequest, station: Station, ticket: Ticket, at: datetime) -> dict[str, DeskForm]:
    """Return the form that takes the exit of a stay back, while the person may."""
    opening = exit_to_undo(ticket, by=request.user, at=at) if ticket.status == TicketStatus.CLOSED else None
    return {"undo_form": UndoForm(station, initial={"exit": opening.event_id})} if opening else {}


def _facts(ticket: Ticket, at: datetime) -> dict[str, Any]:
    """Return what a stay's pane shows besides its fee."""
    charge, until = ticket.charge, ticket.exit_at or at
    return {
        "taken": charge.captured_amount if charge else 0,
        "can_refund": bool(charge and charge.captured_amount > charge.refunded_amount),
        "paid": charge.captured_amount - charge.refunded_amount if charge else 0,
        "credited": charge.credited_amount if charge else 0,
        "until": until,
        "length": until - ticket.entry_at,
        "tone": {TicketStatus.PAID: "ok", TicketStatus.REVIEW: "warn"}.get(TicketStatus(ticket.status), ""),
    }


def _side(request: PersonRequest, station: Station, at: datetime) -> dict[str, Any]:
    shown = lanes_now(station.gates, at=at)
    return {
        "lanes": shown,
        "next_lane": first_waiting(shown, station.lane),
        "today": today_at(station.lot, at=at),
        "latest": latest_moves(station.lot, day_start(station.lot, at)),
        "till": till_now(request.user),
    }


def _lane_state(lane: LaneNow) -> list[object]:
    return [lane.gate.pk, lane.gate.held_open_since, lane.last and lane.last.pk, lane.waiting_since, lane.stay_number]


def _by(request: HttpRequest) -> str:
    return "ticket" if request.GET.get("by") == "ticket" else "plate"


def _tabs(which: str, numbers: Today, station: Station) -> list[dict[str, Any]]:
    counts = {"came": numbers.came, "left": numbers.left, "inside": numbers.inside, "exceptions": numbers.exceptions}
    return [
        {"label": label, "href": f"?{station.query}&show={key}", "current": key == which, "count": counts.get(key)}
        for key, label in TABS
    ]
