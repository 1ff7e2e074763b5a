"""Gates: a new one, and one with its devices."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Q, Subquery
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.gate_health import health_of
from common.errors import DomainError
from common.plates import mask
from common.time import truncate
from common.web.forms import carried_out, refuse
from common.web.htmx import page_response
from gates.access import get_managed_gate
from gates.feed import activities
from gates.models import EventKind, GateEvent
from gates.services import end_hold, hold_open, open_by_hand
from lots.access import has_role_at, lots_visible_to
from lots.models import Gate
from lots.services import change_gate, close_gate, create_gate, reopen_gate
from office.gates.forms import DeviceForm, GateClosingForm, GateForm, GateHoldForm, GateOpeningForm, NewGateForm

form_page = require_http_methods(["GET", "HEAD", "POST"])
FEED = 12
"""How many of the last events at a gate its page shows."""


@form_page
@role_required(Role.ADMIN)
def gate_new(request: PersonRequest) -> HttpResponse:
    """Add a gate."""
    lots = list(lots_visible_to(request.user, Role.ADMIN).in_use().order_by("name"))
    form = NewGateForm(
        request.POST or None, lots=lots, initial={name: request.GET.get(name) for name in ("lot", "direction")}
    )
    if request.method == "POST" and form.is_valid():
        lot = next(lot for lot in lots if lot.slug == form.cleaned_data["lot"])
        try:
            gate = create_gate(lot=lot, code=form.cleaned_data["code"], values=form.values())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("%(gate)s added. Next: a key for its camera.") % {"gate": gate})
            return redirect("office:gate", gate.code)
    context = {"form": form, "back": reverse("office:gates")}
    return page_response(request, "office/gates/new.html", context, status=422 if form.errors else 200)


@form_page
@role_required(Role.GUARD)
def gate_page(request: PersonRequest, code: str) -> HttpResponse:
    """Show a gate with what happened there, and to admins its devices; they edit it."""
    gate = get_managed_gate(request, code, Role.ADMIN if request.method == "POST" else Role.GUARD)
    form = GateForm(request.POST or None, gate=gate)
    if request.method == "POST" and form.is_valid():
        change_gate(gate=gate, values=form.values())
        messages.success(request, _("Gate saved."))
        return redirect("office:gate", gate.code)
    return _page(request, gate, form=form)


@require_POST
@role_required(Role.GUARD)
def gate_closing(request: PersonRequest, code: str) -> HttpResponse:
    """Take a gate out of service with a reason, or put it back."""
    gate = get_managed_gate(request, code, Role.GUARD)
    form = GateClosingForm(request.POST)

    def save() -> str:
        closed = close_gate(gate=gate, by=request.user, why=form.cleaned_data["why"])
        return _("%(gate)s is out of service: it turns walk-ins away.") % {"gate": closed}

    if request.POST.get("closed") != "yes":
        reopen_gate(gate=gate)
        messages.success(request, _("%(gate)s is back in service.") % {"gate": gate})
    elif (status := carried_out(request, form, save)) is not None:
        return _page(request, gate, status=status, closing_form=form)
    return redirect("office:gate", gate.code)


@require_POST
@role_required(Role.GUARD)
def gate_opening(request: PersonRequest, code: str) -> HttpResponse:
    """Open a gate once by hand, with a reason."""
    gate = get_managed_gate(request, code, Role.GUARD)
    form = GateOpeningForm(request.POST)

    def save() -> str:
        open_by_hand(gate=gate, by=request.user, at=truncate(now()), **form.cleaned_data)
        return _("%(gate)s opens. It is recorded with your name and reason.") % {"gate": gate}

    status = carried_out(request, form, save)
    return redirect("office:gate", gate.code) if status is None else _page(request, gate, opening_form=form)


@require_POST
@role_required(Role.GUARD)
def gate_hold(request: PersonRequest, code: str) -> HttpResponse:
    """Hold a gate open, with a reason."""
    gate = get_managed_gate(request, code, Role.GUARD)
    form = GateHoldForm(request.POST)
    if form.is_valid():
        try:
            held = hold_open(gate=gate, by=request.user, at=truncate(now()), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            said = _("%(gate)s is held open by %(person)s. Every car passes and is recorded.")
            messages.warning(request, said % {"gate": held, "person": held.held_open_by})
            return redirect("office:gate", gate.code)
    return _page(request, gate, hold_form=form)


@require_POST
@role_required(Role.GUARD)
def gate_hold_end(request: PersonRequest, code: str) -> HttpResponse:
    """End the hold of a gate."""
    gate = end_hold(gate=get_managed_gate(request, code, Role.GUARD), by=request.user, at=truncate(now()))
    messages.success(request, _("%(gate)s is not held open any more: its reads decide again.") % {"gate": gate})
    return redirect("office:gate", gate.code)


def _page(request: PersonRequest, gate: Gate, *, status: int | None = None, **forms: Form) -> HttpResponse:
    """Render a gate's page; a form with errors makes the status 422."""
    wrong = any(form.errors for form in forms.values())
    context = gate_context(request, gate) | forms
    return page_response(request, "office/gates/gate.html", context, status=status or (422 if wrong else 200))


def gate_context(request: PersonRequest, gate: Gate) -> dict[str, Any]:
    """Return the context of a gate's page: guards see plates in part only, and admins alone its devices."""
    events = GateEvent.objects.filter(gate=gate).select_related("lot", "gate", "person", "ticket__charge")
    feed = activities(events.filter(Q(first=None) | Q(kind=EventKind.UNDO)).order_by("-at", "-pk")[:FEED])
    if not has_role_at(request.user, Role.ATTENDANT, gate.lot):
        feed = [replace(one, plate=mask(one.plate) if one.plate else None) for one in feed]
    last = GateEvent.objects.filter(device=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    skew = GateEvent.objects.filter(device=OuterRef("pk"), offline=False).order_by("-id").values("skew_seconds")[:1]
    devices = gate.devices.annotate(last_at=Subquery(last), skew=Subquery(skew)).order_by("revoked_at", "id")
    has_key = any(device.revoked_at is None for device in devices)
    health = health_of([gate], without_key=set() if has_key else {gate.pk}, at=now())
    return {
        "gate": gate,
        "lot": gate.lot,
        "devices": devices,
        "health": health.get(gate.pk),
        "feed": feed,
        "is_admin": has_role_at(request.user, Role.ADMIN, gate.lot),
        "form": GateForm(gate=gate),
        "device_form": DeviceForm(),
        "hold_form": GateHoldForm(),
        "opening_form": GateOpeningForm(),
        "closing_form": GateClosingForm(),
    }
