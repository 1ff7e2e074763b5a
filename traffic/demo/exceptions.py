"""The demo attendant's exceptions, made through the desk's services."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from accounts.models import User
from gates.models import GateEvent
from gates.reads import ReadBody
from gates.services import correct_plate, end_hold, hold_open, let_in, let_out, open_by_hand, undo_exit
from lots.gate_rules import Direction
from lots.models import Gate, Lot
from tickets.models import Ticket
from tickets.services import note_stay
from traffic.demo.personas import DRIVER_PLATE

PARKED_AT_LEAST = timedelta(hours=1)
FORGOTTEN_SINCE = timedelta(days=17)
FORGOTTEN_PLATE = "GR 48 217"
CORRECTED_PLATE = "BS 80 818"


@dataclass(frozen=True, slots=True)
class _Desk:
    """The attendant at the desk, between one entry and one exit."""

    entry: Gate
    exit: Gate
    attendant: User
    at: datetime


def make_exceptions(lot: Lot, *, attendant: User, at: datetime) -> None:
    """Do what an attendant does on an odd day, so that no page of such acts is empty."""
    entry, leaving = (lot.gates.filter(direction=direction).first() for direction in (Direction.ENTRY, Direction.EXIT))
    inside = _parked(lot, at)
    if entry is None or leaving is None:
        return
    desk = _Desk(entry, leaving, attendant, at)
    for ticket, act in zip(inside, (_waive, _correct, _let_out_by_mistake), strict=False):
        act(desk, ticket)
    open_by_hand(gate=leaving, by=attendant, note="Delivery for the kiosk", at=at, key=uuid4())
    _hold(desk)
    _forget(desk)


def _parked(lot: Lot, at: datetime) -> Iterator[Ticket]:
    """Return the cars that have stood for a while, the youngest first."""
    inside = Ticket.objects.open().filter(lot=lot, entry_at__lte=at - PARKED_AT_LEAST).exclude(plate=DRIVER_PLATE)
    return iter(inside.order_by("-entry_at")[:3])


def _waive(desk: _Desk, ticket: Ticket) -> None:
    note = "The lift was out of order"
    let_out(ticket=ticket, gate=desk.exit, by=desk.attendant, note=note, waive=True, at=desk.at, key=uuid4())


def _correct(desk: _Desk, ticket: Ticket) -> None:
    why = "The camera took 8 for B"
    correct_plate(ticket=ticket, plate=CORRECTED_PLATE, by=desk.attendant, at=desk.at, key=uuid4(), why=why)
    note = "The driver called: the car stays until Friday"
    note_stay(ticket=ticket, at=desk.at, why=note, by=desk.attendant, key=uuid4())


def _let_out_by_mistake(desk: _Desk, ticket: Ticket) -> None:
    at, key = desk.at - timedelta(minutes=2), uuid4()
    let_out(ticket=ticket, gate=desk.exit, by=desk.attendant, note="Will pay by invoice", at=at, key=key)
    taken_back = at + timedelta(seconds=20)
    undo_exit(ticket=ticket, exit_id=key, by=desk.attendant, at=taken_back, key=uuid4())


def _hold(desk: _Desk) -> None:
    began = desk.at - timedelta(minutes=50)
    note = "Queue after the concert"
    gate = hold_open(gate=desk.exit, by=desk.attendant, note=note, at=began, key=uuid4())
    end_hold(gate=gate, by=desk.attendant, at=began + timedelta(minutes=25))


def _forget(desk: _Desk) -> GateEvent:
    """Let a car in that nobody saw leave."""
    body = ReadBody(event_id=uuid4(), plate=FORGOTTEN_PLATE)
    at = desk.at - FORGOTTEN_SINCE
    return let_in(gate=desk.entry, body=body, by=desk.attendant, note="The camera was covered in snow", at=at)
