"""What an attendant corrects: a misread plate, and an exit of the wrong car."""

from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest
from common.errors import DomainError
from common.time import truncate
from common.web.forms import refuse
from desk.acts import done_with, fresh
from desk.correction_forms import PlateCorrectionForm, UndoForm
from desk.station import Station, at_stay
from desk.views import show_stay
from desk.words import said_of_plate, said_of_undo
from gates import services
from gates.plates_read import plates_read
from tickets.models import Ticket


@require_http_methods(["GET", "HEAD", "POST"])
@at_stay
def correct_plate(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Correct the plate of a stay, which is offered what the camera read besides."""
    at = truncate(now())
    readings = plates_read(ticket, lane=station.lane, at=at)
    if request.method != "POST":
        form = PlateCorrectionForm(station, initial={"plate": ticket.plate or ""}, readings=readings)
        return show_stay(request, station, ticket, panel="plate", plate_form=form)
    form, status = PlateCorrectionForm(station, request.POST, readings=readings), 422
    if form.is_valid():
        try:
            corrected = services.correct_plate(ticket=ticket, by=request.user, at=at, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            return done_with(request, station, said_of_plate(corrected, before=ticket.plate), ticket.number)
    return show_stay(request, station, fresh(ticket), panel="plate", status=status, plate_form=form)


@require_POST
@at_stay
def undo(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Take back an exit of the last minute."""
    form, at, status = UndoForm(station, request.POST), truncate(now()), 422
    if form.is_valid():
        given = form.cleaned_data
        try:
            event = services.undo_exit(ticket=ticket, exit_id=given["exit"], by=request.user, at=at, key=given["key"])
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            return done_with(request, station, said_of_undo(event, fresh(ticket), at), ticket.number)
    return show_stay(request, station, fresh(ticket), status=status, undo_form=form)
