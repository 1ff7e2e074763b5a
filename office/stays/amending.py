"""What an admin amends on a stay's page: its place, its tariff and notes."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from office.stays.amend_forms import ActForm, MoveStayForm, NoteForm, RepriceForm
from office.stays.stay_rows import load_stay
from office.stays.views import show_stay
from tickets.models import Ticket
from tickets.services import StayChangedError, move_stay, note_stay, reprice_stay


@require_POST
@role_required(Role.ADMIN)
def move(request: PersonRequest, number: str) -> HttpResponse:
    """Say where the car of a stay really stands."""
    return _amend(
        request,
        number,
        "move_form",
        form_class=MoveStayForm,
        service=move_stay,
        said=lambda _stay: _("The car is moved."),
    )


@require_POST
@role_required(Role.ADMIN)
def reprice(request: PersonRequest, number: str) -> HttpResponse:
    """Price a stay again by the tariff that is in force for the day of its entry."""
    return _amend(
        request,
        number,
        "price_form",
        form_class=RepriceForm,
        service=reprice_stay,
        said=lambda stay: _("The stay is priced by %(tariff)s.") % {"tariff": stay.tariff},
    )


@require_POST
@role_required(Role.ADMIN)
def note(request: PersonRequest, number: str) -> HttpResponse:
    """Add a note to a stay."""
    return _amend(
        request,
        number,
        "note_form",
        form_class=NoteForm,
        service=note_stay,
        said=lambda _stay: _("The note is added."),
    )


def _amend(  # noqa: PLR0913 - what differs between the acts
    request: PersonRequest,
    number: str,
    name: str,
    *,
    form_class: type[ActForm],
    service: Callable[..., Ticket],
    said: Callable[[Ticket], str],
) -> HttpResponse:
    """Carry out a valid form, or show the stay as it is now with what was typed and what is wrong."""
    ticket = load_stay(request.user, number)
    form = form_class(request.POST, ticket=ticket)
    forms: dict[str, Any] = {name: form}
    status = 422
    if form.is_valid():
        try:
            stay = service(ticket=ticket, at=now(), by=request.user, **form.cleaned_data)
        except StayChangedError as error:  # a fresh form, so that the act can be done on what is shown now
            messages.error(request, error.message)
            typed = {field: request.POST.get(form.add_prefix(field), "") for field in ("place", "why")}
            fresh = load_stay(request.user, number)
            forms = {name: form_class(ticket=fresh, initial=typed), "open_form": name}
            status = error.status
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, said(stay))
            return redirect("office:stay", ticket.number)
    return show_stay(request, number, status=status, **forms)
