"""The lanes of a simulation: those of the chosen lots, with issued keys or keys from a file."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Sum
from django.utils.timezone import now

from common.errors import DomainError, NotFoundError
from devices.models import Device, DeviceKind
from devices.services import issue_device_key, revoke_device_key
from lots.gate_rules import Direction
from lots.models import Lot
from traffic.client import KeyedLane, Site

DEVICE_NAME = "simulator"
REMOTE_ROOM = 100


class KeysFileError(DomainError):
    """The file of device keys can't be used."""

    code = "keys_file"


@dataclass(frozen=True, slots=True)
class Course:
    """The lanes and free spots by lot, and the devices that were issued for them."""

    sites: dict[str, Site]
    room: list[tuple[str, int]]
    devices: tuple[Device, ...] = ()


@contextmanager
def own_course(slugs: Sequence[str]) -> Iterator[Course]:
    """Issue a key named `simulator` for every gate of the lots (all of them without `slugs`); revoke them at the end.

    Raises NotFoundError for an unknown lot and when no lot has both an entry and an exit.
    """
    lots = _lots(slugs)
    devices: list[Device] = []
    sites = {lot.slug: _site(lot, devices) for lot in lots}
    try:
        yield Course(sites, [(lot.slug, lot.free) for lot in lots], tuple(devices))
    finally:
        for device in devices:
            revoke_device_key(device=device, at=now())


def course_from(path: Path, slugs: Sequence[str]) -> Course:
    """Read the keys of a remote server's gates: `{"LOT": {"entry": {"GATE": "KEY"}, "exit": {"GATE": "KEY"}}}`.

    Raises KeysFileError.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        sites = {slug: _site_from(data[slug]) for slug in slugs or data}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeysFileError(f"{path} holds no keys by lot, direction and gate ({error!r}).") from error
    return Course(sites, [(slug, REMOTE_ROOM) for slug in sites])


def _lots(slugs: Sequence[str]) -> list[Any]:
    found = Lot.objects.annotate(free=Sum("counts__free", default=0)).prefetch_related("gates")
    lots = list(found.filter(slug__in=slugs) if slugs else found)
    missing = set(slugs) - {lot.slug for lot in lots}
    if missing:
        raise NotFoundError(f"There is no lot {', '.join(sorted(missing))}.")
    passable = [lot for lot in lots if {gate.direction for gate in lot.gates.all()} == set(Direction)]
    if not passable or (slugs and len(passable) < len(lots)):
        raise NotFoundError("A lot needs an entry and an exit gate to be driven through.")
    return passable


def _site(lot: Lot, devices: list[Device]) -> Site:
    lanes: dict[str, list[KeyedLane]] = {direction: [] for direction in Direction}
    for gate in lot.gates.all():
        issued = issue_device_key(gate=gate, kind=DeviceKind.CAMERA, name=DEVICE_NAME, at=now())
        devices.append(issued.device)
        lanes[gate.direction].append(KeyedLane(gate.code, issued.key, confirms=gate.confirms_passage))
    return Site(tuple(lanes[Direction.ENTRY]), tuple(lanes[Direction.EXIT]))


def _site_from(data: dict[str, dict[str, str]]) -> Site:
    entries, exits = (tuple(KeyedLane(gate, key) for gate, key in data[side].items()) for side in Direction)
    if not entries or not exits:
        raise ValueError("a lot needs an entry and an exit gate")
    return Site(entries, exits)
