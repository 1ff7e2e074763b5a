"""Writes a lot and its operator as the site file that would make them: the inverse of reading and importing."""

from typing import Any

from django.db.models import Min

from accounts.models import Operator
from billing.models import Tariff
from lots.models import Gate, Level, Lot
from lots.services import ZoneValues
from sites.lot_reading import CHECKED, CHOICES, FLAGS, GATE_FIELDS, NUMBERS, TEXTS, WHOLE
from sites.operator_reading import FIELDS as OPERATOR_FIELDS

SETTINGS = ("slug", "name", *FLAGS, *TEXTS, *CHOICES, *NUMBERS, *WHOLE, *CHECKED)


def site_document(lot: Lot) -> dict[str, Any]:
    """Return the site file of one lot, without keys and devices. Imported, it changes nothing.

    A lot's spots are in the order of its levels, as a file makes them; where spots were added to an earlier level later
    on, an import brings them into this order.
    """
    return {"operator": _operator(lot.operator), "lots": [lot_document(lot)]}


def lot_document(lot: Lot) -> dict[str, Any]:
    """Return the part of a site file that is about a lot."""
    settings = {name: getattr(lot, name) for name in SETTINGS}
    # A choice that is left open is left out.
    return {name: value for name, value in settings.items() if name not in CHOICES or value != ""} | {
        "levels": [_level(level) for level in _levels(lot)],
        "gates": [_gate(gate) for gate in lot.gates.order_by("pk")],
        "tariffs": [tariff_document(tariff) for tariff in lot.tariffs.current().order_by("valid_from")],
    }


def tariff_document(tariff: Tariff) -> dict[str, Any]:
    """Return a tariff as a site file has it."""
    until = tariff.valid_until
    days = {"valid_from": tariff.valid_from.isoformat(), "valid_until": until.isoformat() if until else None}
    return {"name": tariff.name, **days, **tariff.rules}


def _operator(operator: Operator) -> dict[str, Any]:
    return {name: getattr(operator, name) for name in OPERATOR_FIELDS}


def _levels(lot: Lot) -> list[Level]:
    return list(lot.levels.annotate(first=Min("spots__ordinal")).order_by("first", "number").prefetch_related("zones"))


def _level(level: Level) -> dict[str, Any]:
    zones = sorted(level.zones.all(), key=lambda zone: (zone.ordinal, zone.pk))
    described = [{name: getattr(zone, name) for name in ZoneValues.__slots__} for zone in zones]
    return {"number": level.number, "name": level.name, "zones": described}


def _gate(gate: Gate) -> dict[str, Any]:
    return {name: getattr(gate, name) for name in GATE_FIELDS}
