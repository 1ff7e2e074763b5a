"""Loads gates for the people who run their lots."""

from django.http import Http404

from accounts.access import PersonRequest
from accounts.models import Role
from devices.models import Device
from lots.access import get_managed_lot, lots_at_work
from lots.models import Gate


def get_managed_gate(request: PersonRequest, code: str, role: str = Role.ADMIN) -> Gate:
    """Return the gate a page is about with its lot, or end the page with 404 (not yours) or 403 (role too low)."""
    gates = Gate.objects.filter(code=code, lot__in=lots_at_work(request.user))
    gate = gates.select_related("lot", "held_open_by", "closed_by").first()
    if gate is None:
        raise Http404
    get_managed_lot(request, gate.lot.slug, role)
    return gate


def get_managed_device(request: PersonRequest, pk: int, role: str = Role.ADMIN) -> Device:
    """Return the device a page is about with its gate and lot, or end the page as `get_managed_gate` does."""
    device = Device.objects.filter(pk=pk).select_related("gate__lot").first()
    if device is None:
        raise Http404
    get_managed_gate(request, device.gate.code, role)
    return device
