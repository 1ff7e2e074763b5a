"""A first lot from a few facts: its spots, an entry and an exit with the keys of their cameras, and its prices."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Operator, User
from billing.services.tariffs import TariffValues, create_tariff
from common.free_names import first_free
from devices.models import DeviceKind
from devices.services import IssuedKey, issue_device_key
from lots.calendar import local_day
from lots.compatibility import SpotType
from lots.gate_rules import Direction
from lots.models import Gate, Lot
from lots.services import ZoneValues, add_places, create_gate, create_lot

LONGEST_SLUG = 50
RESERVED = "new"


@dataclass(frozen=True, slots=True)
class FirstLot:
    """What a person says of a lot: its settings by field name, spots and prices, and whether cameras read plates."""

    settings: Mapping[str, Any]
    spots: int
    tariff_name: str
    rules: Mapping[str, Any]
    has_cameras: bool


@dataclass(frozen=True, slots=True)
class StartedLot:
    """A lot that is being set up, with the keys that are shown once."""

    lot: Lot
    keys: list[IssuedKey]


@transaction.atomic
def start_lot(*, operator: Operator, values: FirstLot, by: User, at: dt.datetime) -> StartedLot:
    """Make a lot that is not public with spots, an entry, an exit, a tariff from today on, and keys for its cameras.

    Its short name is made of its name. Raises what the services of its parts do.
    """
    slug = free_slug(str(values.settings["name"]))
    lot = create_lot(operator=operator, values={**values.settings, "slug": slug}, at=at)
    add_places(lot=lot, level_number=0, values=ZoneValues(_("Main"), SpotType.REGULAR, values.spots))
    gates = [
        create_gate(lot=lot, code=_free_code(f"{slug}-{suffix}"), values={"direction": direction, "name": name})
        for direction, suffix, name in ((Direction.ENTRY, "in", _("Entry")), (Direction.EXIT, "out", _("Exit")))
    ]
    prices = TariffValues(values.tariff_name, local_day(lot, at), None, values.rules)
    create_tariff(lot=lot, values=prices, at=at, by=by)
    cameras = gates if values.has_cameras else []
    return StartedLot(lot, [issue_device_key(gate=gate, kind=DeviceKind.CAMERA, name="", at=at) for gate in cameras])


def free_slug(name: str) -> str:
    """Return a short name for a lot of this name that no lot has."""
    start = slugify(name)[:LONGEST_SLUG] or "lot"
    return first_free(start, lambda one: one != RESERVED and not Lot.objects.filter(slug=one).exists())


def _free_code(start: str) -> str:
    return first_free(start, lambda one: not Gate.objects.filter(code=one).exists())
