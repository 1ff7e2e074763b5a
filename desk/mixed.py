"""A fee that is paid in cash and by card in one go."""

from typing import Any

from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest
from billing.shifts import NoOpenShiftError
from common.errors import DomainError
from common.time import truncate
from common.web.forms import refuse
from desk.acts import done_with, fresh
from desk.mixed_forms import MixedForm
from desk.station import Station, at_stay
from desk.till.printer import print_sale
from desk.till.views import ask_for_shift
from desk.views import show_stay
from desk.words import said_of_exit
from gates import services
from tickets.models import Ticket


@require_POST
@at_stay
def take_mixed(request: PersonRequest, station: Station, ticket: Ticket) -> HttpResponseBase:
    """Take a part of a fee in cash and the rest by card, and let the car go when both are there."""
    form = MixedForm(station, request.POST)
    if form.is_valid():
        act: dict[str, Any] = {"gate": form.cleaned_data["gate"], "by": request.user, "at": truncate(now())}
        try:
            done = services.take_mixed_payment(ticket=ticket, cash=form.cash(), card=form.tender(), **act)
        except NoOpenShiftError as error:
            return ask_for_shift(request, station, error, stay=ticket.number)
        except DomainError as error:
            refuse(form, error)
        else:
            print_sale(done.payment)
            return done_with(request, station, said_of_exit(done), "" if done.left else ticket.number)
    return show_stay(request, station, fresh(ticket), status=422, mixed_form=form)
