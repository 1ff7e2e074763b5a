"""Stays: search, review, and one stay with its resolution."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.scope import scope_of
from billing.tariffs import rules_of
from common.errors import DomainError
from common.time import truncate
from common.translation import money_said
from common.web.forms import refuse
from common.web.htmx import page_response
from gates import services
from gates.plates_read import plates_read
from lots.calendar import zone_of
from office.forms import CloseForm, CorrectPlateForm, ExitForm, WhyForm
from office.list_pages import list_response
from office.stays.amend_forms import MoveStayForm, NoteForm, RepriceForm
from office.stays.stay_list import REVIEWS, STAYS, ReviewsFilter, StaysFilter, find_reviews, find_stays
from office.stays.stay_rows import file_of, load_stay, long_among, stays_in_review
from tickets.fees import amount_by, fee_of
from tickets.models import Ticket, TicketStatus
from tickets.services import (
    PRICED_AGAIN,
    PriceChangedError,
    Settlement,
    StayChangedError,
    close_from_review,
    return_from_review,
    state_of_stay,
    tariff_again,
    void_from_review,
)


@require_safe
@role_required(Role.ADMIN)
def reviews(request: PersonRequest) -> HttpResponse:
    """List the stays in review by plate, number, lot and day."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = ReviewsFilter(request.GET, scope)
    found = find_reviews(scope, form.cleaned_data if form.is_valid() else {})
    page = REVIEWS.page(found, request.GET)
    context = {"scope": scope, "zone": scope.zone}
    return list_response(request, "office/reviews.html", page, form=form, context=context)


@require_safe
@role_required(Role.ADMIN)
def stays(request: PersonRequest) -> HttpResponse:
    """Search stays by number, plate, lot, state, length, amount and day of entry; unusually long ones are marked."""
    scope, at = scope_of(request.user, request.GET.get("lot", "")), now()
    form = StaysFilter(request.GET, scope)
    found = find_stays(scope, form.cleaned_data if form.is_valid() else {}, at)
    page = STAYS.page(found, request.GET)
    context = {"scope": scope, "zone": scope.zone, "at": at}
    context |= {"long_stays": long_among(page.object_list, at)}
    return list_response(request, "office/stays/list.html", page, form=form, context=context)


@require_safe
@role_required(Role.ADMIN)
def stay(request: PersonRequest, number: str) -> HttpResponse:
    """Show a stay; in review, with its price for a typed time of exit."""
    ticket = load_stay(request.user, number)
    return page_response(request, "office/stays/detail.html#close", _stay_context(request, ticket))


@require_POST
@role_required(Role.ADMIN)
def close_stay(request: PersonRequest, number: str) -> HttpResponse:
    """Close a stay in review at the price that was shown."""
    ticket = load_stay(request.user, number)
    form = CloseForm(request.POST, zone=zone_of(ticket.lot))
    return _resolve(request, ticket, "close_form", form, close_from_review)


@require_POST
@role_required(Role.ADMIN)
def return_stay(request: PersonRequest, number: str) -> HttpResponse:
    """Mark a stay in review as still parked."""
    ticket = load_stay(request.user, number)
    return _resolve(request, ticket, "return_form", WhyForm(request.POST, prefix="return"), return_from_review)


@require_POST
@role_required(Role.ADMIN)
def void_stay(request: PersonRequest, number: str) -> HttpResponse:
    """Void a stay that never happened."""
    ticket = load_stay(request.user, number)
    return _resolve(request, ticket, "void_form", WhyForm(request.POST, prefix="void"), void_from_review)


@require_POST
@role_required(Role.ADMIN)
def correct_plate(request: PersonRequest, number: str) -> HttpResponse:
    """Correct the plate of a stay that is inside or in review."""
    ticket = load_stay(request.user, number)
    form, status = CorrectPlateForm(request.POST), 422
    if form.is_valid():
        try:
            corrected = services.correct_plate(ticket=ticket, by=request.user, at=truncate(now()), **form.cleaned_data)
        except StayChangedError as error:
            messages.error(request, error.message)
            form = CorrectPlateForm(
                initial=request.POST.dict() | {"seen": state_of_stay(load_stay(request.user, number))}
            )
            return show_stay(request, number, status=error.status, plate_form=form, open_form="plate_form")
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("The plate is %(plate)s now.") % {"plate": corrected.plate})
            return redirect("office:stay", ticket.number)
    return show_stay(request, number, status=status, plate_form=form)


def _stay_context(request: PersonRequest, ticket: Ticket, **forms: Any) -> dict[str, Any]:
    file, at = file_of(ticket), now()
    others = stays_in_review(scope_of(request.user)).exclude(pk=ticket.pk)
    context: dict[str, Any] = {
        "file": file,
        "ticket": ticket,
        "at": at,
        "usual": long_among([ticket], at).get(ticket.pk),
        "zone": file.zone,
        "next_review": others.first(),
        "reviews_left": others.count(),
    }
    context["note_form"] = NoteForm(ticket=ticket)
    if ticket.is_open:
        context |= {"fee_now": fee_of(ticket, at), "move_form": MoveStayForm(ticket=ticket)}
    if ticket.is_open or ticket.status == TicketStatus.REVIEW:
        context["plate_form"] = CorrectPlateForm(initial={"plate": ticket.plate or "", "seen": state_of_stay(ticket)})
        context["readings"] = plates_read(ticket, at=context["at"])
    context |= _priced_again(ticket, at)
    if ticket.status != TicketStatus.REVIEW:
        return context | forms
    exit_form = ExitForm(_exit_asked(request, ticket, file.zone), zone=file.zone)
    context |= {"exit_form": exit_form, "return_form": WhyForm(prefix="return"), "void_form": WhyForm(prefix="void")}
    if exit_form.is_valid():
        left_at = exit_form.cleaned_data["left_at"]
        if not ticket.entry_at <= left_at <= context["at"]:
            exit_form.add_error("left_at", _("The car can't have left before it drove in, or later than now."))
        else:
            fee = fee_of(ticket, left_at)
            initial = {"left_at": exit_form["left_at"].value(), "agreed": fee.owed}
            context |= {"fee": fee, "close_form": CloseForm(initial=initial, zone=file.zone)}
    return context | forms


def _priced_again(ticket: Ticket, at: datetime) -> dict[str, Any]:
    """Return the form that prices a stay again, with its fee by then, where another tariff is in force for it."""
    tariff = tariff_again(ticket) if ticket.status in PRICED_AGAIN and ticket.reservation_id is None else None
    if tariff is None:
        return {}
    amount = amount_by(ticket, rules_of(tariff), at)
    return {"price_form": RepriceForm(ticket=ticket), "other_tariff": tariff, "other_amount": amount}


def show_stay(request: PersonRequest, number: str, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Show a stay as it is now, with forms that were sent."""
    context = _stay_context(request, load_stay(request.user, number), **forms)
    return render(request, "office/stays/detail.html", context, status=status)


def _exit_asked(request: HttpRequest, ticket: Ticket, zone: Any) -> dict[str, str]:
    """Return the typed time of exit; defaults to when the stay was put in review."""
    typed = request.POST.get("left_at") or request.GET.get("left_at")
    suggested = truncate(max(ticket.changed_at, ticket.entry_at)).astimezone(zone)
    suggested += timedelta(seconds=suggested < ticket.entry_at)
    return {"left_at": typed or suggested.strftime("%Y-%m-%dT%H:%M:%S")}


def _settled(ticket: Ticket, settlement: str | None, owed: int) -> str:
    """Return how a review ended, such as `PS-… closed, CHF 1.00 written off`."""
    if ticket.status == TicketStatus.ACTIVE:
        return _("%(ticket)s is parked again.") % {"ticket": ticket.number}
    if ticket.status == TicketStatus.VOID:
        return _("%(ticket)s is void: it was not a real stay.") % {"ticket": ticket.number}
    if not owed:
        return _("%(ticket)s closed, nothing was owed.") % {"ticket": ticket.number}
    amount = money_said(owed, ticket.lot.currency)
    if settlement == Settlement.WAIVE:
        return _("%(ticket)s closed, %(amount)s written off.") % {"ticket": ticket.number, "amount": amount}
    return _("%(ticket)s closed, %(amount)s is owed by %(plate)s.") % {
        "ticket": ticket.number,
        "amount": amount,
        "plate": ticket.plate,
    }


def _resolve(
    request: PersonRequest, ticket: Ticket, name: str, form: Form, service: Callable[..., Ticket]
) -> HttpResponse:
    """Submit a valid form, or show the stay again with the errors or the new price."""
    forms, status = {name: form}, 422
    if form.is_valid():
        owed = form.cleaned_data.get("agreed", 0)
        try:
            resolved = service(ticket=ticket, at=now(), by=request.user, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
            status = error.status
            if isinstance(error, PriceChangedError):  # show a fresh form with the new price
                messages.error(request, error.message)
                forms = {}
        else:
            messages.success(request, _settled(resolved, form.cleaned_data.get("settlement"), owed))
            return redirect("office:stay", ticket.number)
    return show_stay(request, ticket.number, status=status, **forms)
