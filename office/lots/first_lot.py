"""A first lot in one page, then its keys, a test car and its publication."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required, role_required
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.htmx import page_response
from gates.decision import Action
from gates.services import first_steps
from gates.starting import StartedLot, start_lot
from gates.trial_cars import send_trial_car
from lots.access import get_managed_lot
from office.gates.once import keep_for_one_look, take_for_one_look
from office.lots.first_lot_form import FirstLotForm
from office.lots.views import chosen_operator


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def first_lot(request: PersonRequest) -> HttpResponse:
    """Make a lot from its address, number of spots, prices and cameras."""
    operator, operators = chosen_operator(request)
    form = FirstLotForm(request.POST if request.method == "POST" else None, operator=operator)
    if request.method == "POST" and form.is_valid():
        try:
            return _to_its_page(request, start_lot(operator=operator, values=form.values(), by=request.user, at=now()))
        except DomainError as error:
            refuse(form, error)
    context = {"form": form, "operator": operator, "operators": operators}
    return page_response(request, "office/lots/first/new.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(Role.ADMIN)
def started_lot(request: PersonRequest, slug: str) -> HttpResponse:
    """Show what a lot still needs: once its keys, the test car, and the button that publishes it."""
    lot = get_managed_lot(request, slug)
    tokens = request.GET.getlist("once") if request.method == "GET" else []
    gates = list(lot.gates.order_by("direction", "pk"))
    keys = zip(gates, (take_for_one_look(request, token) for token in tokens), strict=False)
    steps = first_steps(lot, at=now(), person=request.user)
    context = {
        "lot": lot,
        "keys": [(gate, key) for gate, key in keys if key],
        "steps": steps,
        "had_car": next(step.is_done for step in steps if step.code == "car"),
    }
    response = page_response(request, "office/lots/first/started.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@role_required(Role.ADMIN)
def trial_car(request: PersonRequest, slug: str) -> HttpResponse:
    """Send a test car to the entry, and show what its lane answers."""
    lot = get_managed_lot(request, slug)
    try:
        answer = send_trial_car(lot=lot, by=request.user, at=now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("office:started_lot", lot.slug)
    said = {"plate": answer["plate"], "message": answer["message"]}
    if answer["action"] == Action.OPEN:
        messages.success(
            request,
            _("The entry opened for test car %(plate)s and showed: “%(message)s” Its stay is void.") % said,
        )
    else:
        messages.warning(request, _("The entry did not open for test car %(plate)s. It showed: “%(message)s”") % said)
    return redirect("office:started_lot", lot.slug)


def _to_its_page(request: PersonRequest, started: StartedLot) -> HttpResponse:
    # A redirect, so that a reload makes no second lot.
    messages.success(request, _("%(lot)s is there. Only you and your colleagues see it.") % {"lot": started.lot.name})
    tokens = "&".join(f"once={keep_for_one_look(request, issued.key)}" for issued in started.keys)
    return redirect(f"{reverse('office:started_lot', args=[started.lot.slug])}?{tokens}")
