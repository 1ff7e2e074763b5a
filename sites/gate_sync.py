"""Syncs a lot's gates with the file."""

from collections.abc import Sequence

from lots.models import Gate, Lot
from lots.services import change_gate, create_gate, remove_gate
from sites.report import Report, changes_between
from sites.shapes import GateSpec


def sync_gates(lot: Lot, specs: Sequence[GateSpec], report: Report) -> None:
    """Add, change and remove gates. Gates with devices or events are kept and reported."""
    known = {gate.code: gate for gate in Gate.objects.filter(lot=lot)}
    for spec in specs:
        gate = known.pop(spec.code, None)
        if gate is None:
            create_gate(lot=lot, code=spec.code, values=spec.values)
            report.made(f"gate {spec.code} ({spec.values['direction']})")
        else:
            _change(gate, spec, report)
    for gate in known.values():
        if gate.devices.exists() or gate.events.exists():
            report.keep(f"gate {gate.code} has devices or events")
        else:
            remove_gate(gate=gate)
            report.removed(f"gate {gate.code}")


def _change(gate: Gate, spec: GateSpec, report: Report) -> None:
    report.changed(f"gate {gate.code}", changes_between(gate, spec.values))
    change_gate(gate=gate, values=spec.values)
