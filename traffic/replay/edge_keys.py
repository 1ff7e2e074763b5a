"""The lanes of a replay: an edge key for each lot, as for an edge box that sends late records."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.utils.timezone import now

from common.errors import NotFoundError
from devices.models import Device, DeviceKind
from devices.services import issue_device_key, revoke_device_key
from lots.gate_rules import Direction
from lots.models import Lot
from traffic.client import KeyedLane, Site
from traffic.simulation.sites import Course

DEVICE_NAME = "replay"


@contextmanager
def edge_course(slugs: Sequence[str]) -> Iterator[Course]:
    """Issue an edge key named `replay` for each lot and revoke it at the end.

    Raises NotFoundError for an unknown lot and for one without an entry and an exit.
    """
    lots = {lot.slug: lot for lot in Lot.objects.filter(slug__in=slugs).prefetch_related("gates")}
    missing = [slug for slug in slugs if slug not in lots]
    if missing:
        raise NotFoundError(f"There is no lot {', '.join(sorted(set(missing)))}.")
    devices: list[Device] = []
    try:
        sites = {slug: _site(lot, devices) for slug, lot in lots.items()}
        yield Course(sites, [], tuple(devices))
    finally:
        for device in devices:
            revoke_device_key(device=device, at=now())


def _site(lot: Lot, devices: list[Device]) -> Site:
    gates = list(lot.gates.all())
    if {gate.direction for gate in gates} != set(Direction):
        raise NotFoundError(f"{lot.slug} needs an entry and an exit gate to be replayed into.")
    issued = issue_device_key(gate=gates[0], kind=DeviceKind.EDGE, name=DEVICE_NAME, at=now())
    devices.append(issued.device)
    lanes = {
        direction: tuple(KeyedLane(gate.code, issued.key) for gate in gates if gate.direction == direction)
        for direction in Direction
    }
    return Site(lanes[Direction.ENTRY], lanes[Direction.EXIT])
