"""Lost tickets: the stay by what its driver remembers, and the fee when nothing fits."""

from datetime import datetime

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest
from billing.pricing import price_lost_ticket
from billing.tariffs import rules_of, tariff_on
from common.errors import DomainError
from common.plates import PlateError, normalise
from common.time import truncate
from common.web.forms import refuse
from desk.finding import Found
from desk.lost_forms import LostFeeForm, LostForm
from desk.station import Station, at_desk
from desk.views import show
from gates import services
from lots.calendar import local_day
from tickets.remembered import Remembered, find_remembered


@require_safe
@at_desk
def lost(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Search for the stay of a lost ticket by what the driver remembers; then offer the lost-ticket fee."""
    form = LostForm(request.GET if "part" in request.GET else None)
    if not form.is_bound:
        return show(request, station, "lost", lost_form=form)
    if not form.is_valid():
        return show(request, station, "lost", lost_form=form, status=422)
    part, around = form.cleaned_data["part"], form.around(station, now())
    found = find_remembered(station.lot.pk, plate=normalise(part), around=around)
    if found.stays:
        form.leave_focus()
    initial = {"plate": part, "around": around.isoformat() if around else "", "shown": _numbers(found)}
    fee_form = None if found.is_certain else LostFeeForm(station, initial=initial)
    return _show_lost(request, station, form, found, fee_form)


@require_POST
@at_desk
def charge_lost(request: PersonRequest, station: Station) -> HttpResponseBase:
    """Open a stay at the lost-ticket fee, for a car whose own stay is not found."""
    form = LostFeeForm(station, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            ticket = services.open_lost_ticket(
                gate=given["gate"],
                plate=given["plate"],
                region=given.get("region", ""),
                around=given["around"],
                ruled_out=given["shown"],
                by=request.user,
                at=truncate(now()),
                key=given["key"],
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect(f"{reverse('desk:stay', args=[ticket.number])}?{station.lane_query}")
    found = _found_again(station, form)
    form.ask_about(_numbers(found))
    return _show_lost(request, station, LostForm(initial={"part": form.data.get("plate", "")}), found, form, status=422)


def _show_lost(  # noqa: PLR0913 - what the page consists of
    request: PersonRequest,
    station: Station,
    form: LostForm,
    found: Remembered,
    fee_form: LostFeeForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render the matches for a lost ticket, and the fee form in case none of them is the car."""
    at = truncate(now())
    shown = Found(found.stays, has_more=found.has_more, at_other_times=found.at_other_times)
    more = {"lost_form": form, "lost_found": shown, "fee_form": fee_form, "lost_fee": _fee(station, at)}
    return show(request, station, "lost", status=status, **more)


def _fee(station: Station, at: datetime) -> int:
    tariff = tariff_on(station.lot, local_day(station.lot, at))
    return price_lost_ticket(rules_of(tariff), entry=at, exit=at).total if tariff else 0


def _found_again(station: Station, form: LostFeeForm) -> Remembered:
    """Return what a refused form's car may be."""
    try:
        plate = normalise(str(form.data.get("plate", "")))
    except PlateError:
        return Remembered()
    return find_remembered(station.lot.pk, plate=plate, around=form.cleaned_data.get("around"))


def _numbers(found: Remembered) -> str:
    return " ".join(stay.number for stay in found.stays)
