"""Who may call the classic API, and which lot it is about."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from common.errors import ConflictError, ForbiddenError, NotFoundError
from common.web.client_address import client_network
from common.web.rate_limits import check_rate
from devices.keys import find_device
from devices.models import Device
from devices.services import keyless_machine
from gates.reads.receive import BEARER, UnknownKeyError
from lots.gate_rules import Direction
from lots.models import Gate, Lot

CALLS_PER_MINUTE = 3_000
MACHINE = "Classic API"
"""What stands for the callers of the demo, who have no key."""


class NoLaneError(ConflictError):
    """The lot has no gate in this direction."""

    code = "no_lane"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls about the lot: a machine there, or anybody in the demo."""

    lot: Lot
    device: Device | None

    def machine_at(self, gate: Gate, at: datetime) -> Device:
        """Return the machine that acts at a gate, as which all act who have no key."""
        return self.device or keyless_machine(gate=gate, name=MACHINE, at=at)


def require_classic() -> None:
    """Raise Http404 where there is no classic API."""
    if not settings.CLASSIC_API:
        raise Http404


def caller_of(request: HttpRequest) -> Caller:
    """Return who calls, by the key of a device.

    Raises Http404 where there is no classic API, UnknownKeyError (401), ForbiddenError for a key of another lot,
    NotFoundError without a lot, TooManyRequestsError.
    """
    require_classic()
    device = _device_of(request.headers.get("Authorization", ""))
    check_rate("classic", f"device {device.pk}" if device else client_network(request), per_minute=CALLS_PER_MINUTE)
    lot = _lot()
    if device is not None and device.lot_id != lot.pk:
        raise ForbiddenError(_("This key serves another lot."))
    return Caller(lot, device)


def lane_of(lot: Lot, direction: Direction) -> Gate:
    """Return the gate at which cars of the classic API enter or leave: an open one without a barrier, else the first.

    Raises NoLaneError.
    """
    gate = lot.gates.filter(direction=direction).order_by("is_closed", "confirms_passage", "pk").first()
    if gate is None:
        raise NoLaneError(_("This garage has no gate for that."))
    return gate


def _device_of(authorization: str) -> Device | None:
    if not authorization and settings.PARKING_DEMO:
        return None
    if not authorization.lower().startswith(BEARER):
        raise UnknownKeyError
    known = find_device(authorization[len(BEARER) :].strip())
    if known is None:
        raise UnknownKeyError(_("unknown device key"))
    return known.device


def _lot() -> Lot:
    """Return the garage of the classic API. Raises NotFoundError."""
    lots = Lot.objects.in_use().order_by("pk")
    lot = (lots.filter(slug=settings.CLASSIC_LOT) if settings.CLASSIC_LOT else lots).first()
    if lot is None:
        raise NotFoundError(_("There is no garage here."))
    return lot
