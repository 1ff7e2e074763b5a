"""Plate reads: `receive`, `load`, decide (`gates.decision`), `apply` and `reply`. Desks use the parts."""

from gates.reads.apply import apply_decision, record_event
from gates.reads.body import ReadBody, read_of
from gates.reads.context import plate_read_of
from gates.reads.effects import Leaving, PlaceLostError
from gates.reads.events import Sighting, event_of, moment_of
from gates.reads.load import load_context
from gates.reads.pass_facts import passes_of_plate
from gates.reads.payments import card_result, due_of
from gates.reads.renaming import Entitlement, Renaming, rename_stay
from gates.reads.reply import build_answer, place_of

__all__ = [
    "Entitlement",
    "Leaving",
    "PlaceLostError",
    "ReadBody",
    "Renaming",
    "Sighting",
    "apply_decision",
    "build_answer",
    "card_result",
    "due_of",
    "event_of",
    "load_context",
    "moment_of",
    "passes_of_plate",
    "place_of",
    "plate_read_of",
    "read_of",
    "record_event",
    "rename_stay",
]
