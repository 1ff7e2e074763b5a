"""Gates: a new one, and one with its devices."""

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
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
from common.time import truncate
from common.web.forms import refuse
from common.web.htmx import page_response
from gates.access import get_managed_gate
from gates.models import GateEvent
from gates.services import end_hold, hold_open
from lots.access import lots_visible_to
from lots.models import Gate
from lots.services import change_gate, close_gate, create_gate, reopen_gate
from office.gates.forms import DeviceForm, GateForm, GateHoldForm, NewGateForm

form_page = require_http_methods(["GET", "HEAD", "POST"])


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
@role_required(Role.ADMIN)
def gate_page(request: PersonRequest, code: str) -> HttpResponse:
    """Show a gate with its devices, and edit it."""
    gate = get_managed_gate(request, code)
    form = GateForm(request.POST or None, gate=gate)
    if request.method == "POST" and form.is_valid():
        change_gate(gate=gate, values=form.values())
        messages.success(request, _("Gate saved."))
        return redirect("office:gate", gate.code)
    return page_response(
        request, "office/gates/gate.html", gate_context(gate) | {"form": form}, status=422 if form.errors else 200
    )


@require_POST
@role_required(Role.ADMIN)
def gate_closing(request: PersonRequest, code: str) -> HttpResponse:
    """Take a gate out of service, or put it back."""
    gate = get_managed_gate(request, code)
    if request.POST.get("closed") == "yes":
        close_gate(gate=gate)
        messages.success(request, _("%(gate)s is out of service: it turns walk-ins away.") % {"gate": gate})
    else:
        reopen_gate(gate=gate)
        messages.success(request, _("%(gate)s is back in service.") % {"gate": gate})
    return redirect("office:gate", gate.code)


@require_POST
@role_required(Role.ADMIN)
def gate_hold(request: PersonRequest, code: str) -> HttpResponse:
    """Hold a gate open, with a reason."""
    gate = get_managed_gate(request, code)
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
    return page_response(request, "office/gates/gate.html", gate_context(gate) | {"hold_form": form}, status=422)


@require_POST
@role_required(Role.ADMIN)
def gate_hold_end(request: PersonRequest, code: str) -> HttpResponse:
    """End the hold of a gate."""
    gate = end_hold(gate=get_managed_gate(request, code), by=request.user, at=truncate(now()))
    messages.success(request, _("%(gate)s is not held open any more: its reads decide again.") % {"gate": gate})
    return redirect("office:gate", gate.code)


def gate_context(gate: Gate) -> dict[str, Any]:
    """Return the context of a gate's page."""
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
        "form": GateForm(gate=gate),
        "device_form": DeviceForm(),
        "hold_form": GateHoldForm(),
    }
