"""Device keys: issue and replace them (each is shown once, on its own page), and revoke them after confirmation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.web.htmx import page_response
from devices.services import IssuedKey, issue_device_key, revoke_device_key, roll_device_key
from gates.access import get_managed_device, get_managed_gate
from office.gates.forms import DeviceForm
from office.gates.once import keep_for_one_look, take_for_one_look
from office.gates.views import gate_context
from office.lots.pages import confirm_page

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@role_required(Role.ADMIN)
def device_new(request: PersonRequest, code: str) -> HttpResponse:
    """Issue a key for a new device and redirect to the page that shows it once."""
    gate = get_managed_gate(request, code)
    form = DeviceForm(request.POST)
    if not form.is_valid():
        context = gate_context(request, gate) | {"device_form": form}
        return page_response(request, "office/gates/gate.html", context, status=422)
    return _to_its_page(request, issue_device_key(gate=gate, at=now(), **form.cleaned_data))


@form_page
@role_required(Role.ADMIN)
def device_rolling(request: PersonRequest, pk: int) -> HttpResponse:
    """Replace a device's key after confirmation and redirect to the page that shows it once."""
    device = get_managed_device(request, pk)
    back = reverse("office:gate", args=[device.gate.code])
    if request.method != "POST":
        text = _("The current key of %(device)s stops working at once. The new one is shown only once.")
        text %= {"device": device.name}
        return confirm_page(request, title=_("Issue a new key?"), text=text, submit=_("Issue a new key"), back=back)
    try:
        issued = roll_device_key(device=device, at=now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(back)
    return _to_its_page(request, issued)


@require_safe
@role_required(Role.ADMIN)
def device_key(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a key that was just issued. A second request only says that it was already shown."""
    device = get_managed_device(request, pk)
    key = take_for_one_look(request, request.GET.get("once", "")) if request.method == "GET" else None
    context = {"device": device, "gate": device.gate, "key": key}
    response = page_response(request, "office/gates/key.html", context)
    response["Cache-Control"] = "no-store"
    return response


@form_page
@role_required(Role.ADMIN)
def device_revocation(request: PersonRequest, pk: int) -> HttpResponse:
    """Revoke a device's key after confirmation."""
    device = get_managed_device(request, pk)
    back = reverse("office:gate", args=[device.gate.code])
    if request.method != "POST":
        text = _("%(device)s can no longer report cars at %(gate)s. This can't be undone.")
        text %= {"device": device.name, "gate": device.gate}
        return confirm_page(request, title=_("Revoke the key?"), text=text, submit=_("Revoke the key"), back=back)
    revoke_device_key(device=device, at=now())
    messages.success(request, _("The key of %(device)s is revoked.") % {"device": device.name})
    return redirect(back)


def _to_its_page(request: PersonRequest, issued: IssuedKey) -> HttpResponse:
    # A redirect, so that a reload doesn't issue another key.
    token = keep_for_one_look(request, issued.key)
    return redirect(f"{reverse('office:device_key', args=[issued.device.pk])}?once={token}")
