"""Cars whose entry and exit a program reports with a typed plate, and whose fee is paid as they leave.

The places, prices and records are those of the lanes. What is typed is certain: no two plates are readings of one car,
and a car that is inside can't come in.
"""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from billing.services import take_payment
from common.errors import ConflictError
from devices.models import Device
from gates.decision import Direction, decide
from gates.models import GateEvent
from gates.reads import (
    PlaceLostError,
    ReadBody,
    Sighting,
    apply_decision,
    load_context,
    moment_of,
    plate_read_of,
    read_of,
)
from gates.services.desk.acts import lock_lane
from gates.services.desk.leaving import Going, leaving_car, let_go, require_inside
from lots.models import Gate
from tickets.models import Ticket

ATTEMPTS = 3


class CarInsideError(ConflictError):
    """The car is inside already."""

    code = "car_inside"


def check_in(*, gate: Gate, device: Device, body: ReadBody, at: datetime) -> GateEvent:
    """Record that a program sends a car in, and return the event: with its stay when the car may enter.

    Raises CarInsideError, PlateError, WrongLaneError, PlaceLostError.
    """
    for _attempt in range(1, ATTEMPTS):
        try:
            return _check_in(gate, device, body, at)
        except PlaceLostError:
            continue
    return _check_in(gate, device, body, at)


@transaction.atomic
def _check_in(gate: Gate, device: Device, body: ReadBody, at: datetime) -> GateEvent:
    gate = lock_lane(gate, Direction.ENTRY)
    read = read_of(body)
    if Ticket.objects.open().filter(lot=gate.lot_id, plate_normalised=read.plate).exists():
        raise CarInsideError(_("%(plate)s is inside already.") % {"plate": body.plate})
    sighting = Sighting(gate, read, moment_of(read, at), device=device)
    loaded = load_context(gate, read, device.pk, sighting.moment)
    decision = decide(plate_read_of(read, loaded.vehicle), replace(loaded.context, readings=()))
    return apply_decision(sighting, decision, loaded=loaded)


@transaction.atomic
def check_out(*, ticket: Ticket, gate: Gate, device: Device, method: str, at: datetime) -> Ticket:
    """Take what a stay owes into the till of a machine, let its car go, and return the stay as it is then.

    `method` is cash or terminal: the money is already there. Raises TicketStateError for a car that is not inside, and
    what `take_payment` raises.
    """
    lane = lock_lane(gate, Direction.EXIT)
    car = leaving_car(ticket, lane, at)
    require_inside(car.stay.ticket)
    charge, key, payment = car.assess(), uuid4(), None
    if charge is not None and charge.balance_amount > 0:
        payment = take_payment(
            charge=charge,
            method=method,
            amount=None,
            idempotency_key=f"program-{key}",
            at=at,
            machine=device,
            sold=car.stay,
        )
    let_go(car, Going(key, device=device, is_record=lane.confirms_passage), payment)
    return car.stay.ticket
