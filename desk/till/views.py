"""The pages of a cashier's own shift. Nothing here says what is expected in the till before it is counted."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest
from billing.models import Shift
from billing.shifts import (
    cash_currencies,
    close_shift,
    last_in_drawer,
    left_in_drawer,
    move_cash,
    open_shift,
    record_count,
    report_of,
    sales_of,
    start_count,
)
from common.errors import DomainError
from common.money import format_amount
from common.time import truncate
from common.web.forms import refuse
from common.web.paging import page_of
from desk.station import DeskView, Station, at_desk
from desk.till.forms import CloseShiftForm, CountForm, MovementForm, OpenShiftForm
from desk.today import exceptions_of
from tickets.numbers import InvalidNumberError, parse_number

DRAWER_KEY = "desk_drawer"
FIRST_DRAWER = "1"
PAGE_SIZE = 20

TillView = Callable[[PersonRequest, Station, Shift], HttpResponseBase]


def _own_till(request: PersonRequest) -> Shift | None:
    """Return the cashier's unfinished shift, else the last one: acting on that is refused with its own words."""
    return unfinished_till(request) or _shifts(request).first()


def with_till(view: TillView) -> DeskView[[]]:
    """Pass a view the shift that it acts on; without one, lead to the page that opens one."""

    @wraps(view)
    def acting(request: PersonRequest, station: Station) -> HttpResponseBase:
        till = _own_till(request)
        return redirect(_address(station)) if till is None else view(request, station, till)

    return acting


@require_safe
@at_desk
def shift(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Show the cashier's shift: to open, running, to count, or to close; a count in the query is read back."""
    till = unfinished_till(request)
    if till is None or till.is_open or till.is_counted or "total" not in request.GET:
        return show_shift(request, station, till)
    form = CountForm(request.GET, shift=till, currencies=cash_currencies(till))
    if not form.is_valid():
        return show_shift(request, station, till, count_form=form, status=422)
    return show_shift(request, station, till, count_form=form, counted=form.cash()[till.currency].amount)


@require_POST
@at_desk
def open_own(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Open a shift with a counted float, and go on with the stay that asked for it."""
    form = OpenShiftForm(request.POST, currency=station.lot.currency)
    if form.is_valid():
        given = form.cleaned_data
        try:
            till = open_shift(
                person=request.user,
                lot=station.lot,
                drawer=given["drawer"],
                float_amount=given["float_amount"],
                at=truncate(now()),
            )
        except DomainError as error:
            refuse(form, error)
        else:
            request.session[DRAWER_KEY] = till.drawer
            return redirect(_stay_address(station, given["stay"]) or _address(station, "desk:desk"))
    return show_shift(request, station, unfinished_till(request), open_form=form, status=422)


@require_POST
@at_desk
@with_till
def move(request: PersonRequest, station: Station, till: Shift) -> HttpResponseBase:
    """Record cash that goes to the safe, or is paid in or out."""
    form = MovementForm(request.POST, currency=till.currency)
    if form.is_valid():
        try:
            move_cash(shift=till, by=request.user, at=truncate(now()), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(_address(station))
    return show_shift(request, station, unfinished_till(request), move_form=form, status=422)


@require_POST
@at_desk
@with_till
def begin(request: PersonRequest, station: Station, till: Shift) -> HttpResponseBase:
    """Stop taking money, so that the till can be counted."""
    try:
        start_count(shift=till, by=request.user, at=truncate(now()))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(_address(station))


@require_POST
@at_desk
@with_till
def count(request: PersonRequest, station: Station, till: Shift) -> HttpResponseBase:
    """Record the count; what was expected is shown from now on."""
    form = CountForm(request.POST, shift=till, currencies=cash_currencies(till))
    if form.is_valid():
        cards = form.cleaned_data["cards"]
        try:
            record_count(shift=till, cash=form.cash(), cards=cards, by=request.user, at=truncate(now()))
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(_address(station))
    return show_shift(request, station, unfinished_till(request), count_form=form, status=422)


@require_POST
@at_desk
@with_till
def close(request: PersonRequest, station: Station, till: Shift) -> HttpResponseBase:
    """Close a counted shift and show its close-out."""
    form = CloseShiftForm(request.POST, currency=till.currency)
    if form.is_valid():
        try:
            close_shift(shift=till, by=request.user, at=truncate(now()), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(_address(station, "desk:shift_report", till.pk))
    return show_shift(request, station, unfinished_till(request), close_form=form, status=422)


@require_safe
@at_desk
def close_out(request: PersonRequest, station: Station, pk: int) -> HttpResponseBase:
    """Show the close-out of an own shift, to print."""
    found = _shifts(request).filter(pk=pk, state="closed").first()
    if found is None:
        raise Http404("There is no such shift.")
    context = {"station": station, "shift": found, "report": report_of(found), "exceptions": exceptions_of(found)}
    return render(request, "desk/till/report.html", context)


def ask_for_shift(request: PersonRequest, station: Station, error: DomainError, *, stay: str) -> HttpResponse:
    """Answer cash without an open shift with the form that opens one, and leads back to the stay."""
    messages.error(request, error.message)
    form = _open_form(request, station, stay=stay)
    return show_shift(request, station, unfinished_till(request), open_form=form, status=error.status)


def show_shift(
    request: PersonRequest, station: Station, till: Shift | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """Render the shift page in the state that the shift is in."""
    own = _shifts(request).filter(state="closed")
    context: dict[str, Any] = {"station": station, "shift": till, "page": page_of(own, request, PAGE_SIZE)} | more
    if till is None:
        context.setdefault("open_form", _open_form(request, station))
    elif till.is_open:
        context["sales"], context["movements"] = sales_of(till), till.movements.all()
        context.setdefault("move_form", MovementForm(currency=till.currency))
    elif not till.is_counted:
        context.setdefault("count_form", CountForm(shift=till, currencies=cash_currencies(till)))
    else:
        context["report"] = report = report_of(till)
        context["exceptions"] = exceptions_of(till)
        left = format_amount(min(till.float_amount, report.drawer_count.counted_amount), till.currency)
        context.setdefault(
            "close_form",
            CloseShiftForm(currency=till.currency, note_needed=report.needs_note, initial={"left_amount": left}),
        )
    return render(request, "desk/till/shift.html", context, status=status)


def unfinished_till(request: PersonRequest) -> Shift | None:
    """Return the cashier's shift that is open or being counted."""
    return _shifts(request).unfinished().first()  # type: ignore[no-any-return]


def _shifts(request: PersonRequest) -> Any:
    return Shift.objects.filter(person=request.user).select_related("lot__operator", "person", "follows")


def _open_form(request: PersonRequest, station: Station, *, stay: str = "") -> OpenShiftForm:
    """Offer the drawer of the last shift here, and what is left in it."""
    own = _shifts(request).filter(lot=station.lot).first()
    drawer = request.session.get(DRAWER_KEY) or (own.drawer if own else FIRST_DRAWER)
    last = last_in_drawer(station.lot, drawer)
    left = format_amount(left_in_drawer(last), station.lot.currency) if last else ""
    initial = {"drawer": drawer, "float_amount": left, "stay": stay or request.GET.get("stay", "")[:40]}
    return OpenShiftForm(initial=initial, currency=station.lot.currency)


def _address(station: Station, name: str = "desk:shift", *args: Any) -> str:
    return f"{reverse(name, args=args)}?{station.query}"


def _stay_address(station: Station, number: str) -> str:
    """Return the address of a stay by its number; empty without one."""
    try:
        return f"{reverse('desk:stay', args=[parse_number(number)])}?{station.lane_query}" if number else ""
    except InvalidNumberError:
        return ""
