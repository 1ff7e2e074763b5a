"""The common outcomes of a read, each one write: a car comes in, leaves, with or without a debt, or nothing changes.

A car that comes in although its exit was missed takes two, as only the first tells the place that it leaves.
They do what `gates.services.effects` does for every outcome, from what the read has loaded already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import IntegrityError

from billing.models import Charge, Tariff
from billing.services import is_blocked_by_one_more, new_block, new_debt
from common.db.flush import flush, flush_last
from common.db.rows import new_row, parameters_of
from gates import statements
from gates.answers import place_json
from gates.decision import (
    AddDebt,
    CloseTicket,
    Decision,
    Due,
    Effect,
    FreeSpot,
    OpenTicket,
    Reason,
    Review,
    ReviewTicket,
    TakeSpot,
)
from gates.models import GateEvent
from gates.services.effects import Passing, PlaceLostError, arrival_of, status_of, why_of
from gates.situation import Situation
from lots.models import Lot
from lots.picking import PickedPlace, pick_parameters
from lots.services import assert_lot_locked
from tickets.fees import Fee, fee_of
from tickets.models import Ticket
from tickets.services import Place, charge_of_stay, end_stay, new_stay


@dataclass(frozen=True, slots=True)
class Staying:
    """A stay that a read at an exit means, as it was loaded, and what it costs by then.

    `ticket` has what a fee and an answer need, `charge_version` tells whether money has moved for it since.
    """

    ticket: Ticket
    fee: Fee
    place: dict[str, Any] | None
    charge_version: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be written besides the event, by which statement, and what the answer says of it."""

    statement: str
    parameters: Mapping[str, str | None]
    ticket: Ticket | None = None
    place: dict[str, Any] | None = None


def staying(ticket_id: int, situation: Situation, lot: Lot) -> Staying | None:
    """Return a stay with its fee; None when that takes more than was loaded: a booking, or money that is moving."""
    context = situation.context
    found = next((stay for stay in situation.inside if stay["id"] == ticket_id), {})
    if "tariff_id" not in found or found["reservation_id"] is not None:
        return None
    charge = found.get("charge")
    if found["charge_id"] is not None and charge is None:
        return None
    ticket = _ticket(found, charge, lot)
    fee = fee_of(ticket, context.now)
    if fee.owed and situation.is_glance:
        return None
    asked_before = context.earlier is not None and not context.earlier.changed_since
    if charge is not None and (asked_before or fee.why_free != Reason.PAID):
        return None
    place = place_json(**found["place"]) if found.get("place") else None
    return Staying(ticket, fee, place, charge["version"] if charge else None)


def due_of(fee: Fee) -> Due:
    """Return a fee as the decision sees it."""
    return Due(amount=fee.owed, why_free=Reason(fee.why_free) if fee.why_free else None)


def common_outcome(decision: Decision, passing: Passing, situation: Situation, stay: Staying | None) -> Outcome | None:
    """Return what a common outcome writes, None for any other; `stay` is the one that a read at an exit means."""
    match decision.effects:
        case () | (Review(),) if stay is not None or decision.ticket_id is None:
            ticket, place = (stay.ticket, stay.place) if stay else (None, None)
            return Outcome(statements.ADD_EVENT, {}, ticket, place)
        case (OpenTicket(reservation_id=None) as opened, TakeSpot()) if situation.place is not None:
            # A permit on file may give the car another place than the one that was looked up.
            if passing.vehicle.permit == passing.read.body.permit:
                return _opened(decision, opened, passing, situation.place, situation.tariff_id)
        case (ReviewTicket(missed), *_, OpenTicket(reservation_id=None) as opened, TakeSpot()):
            return _opened(decision, opened, passing, _put_aside(missed, decision, passing), situation.tariff_id)
        case (CloseTicket(), *rest) if stay is not None and _only_free(rest):
            return _closed(decision, passing, stay)
        case (AddDebt() as debt, CloseTicket(), *rest) if stay is not None and _only_free(rest):
            return _owing(decision, passing, stay, debt)
    return None


def _only_free(effects: Sequence[Effect]) -> bool:
    return all(isinstance(effect, FreeSpot) for effect in effects)


def write(outcome: Outcome, event: GateEvent) -> None:
    """Write an outcome with its event and end the transaction.

    Raises PlaceLostError when its place, the stay itself or its money has changed meanwhile.
    """
    assert_lot_locked(event.lot_id)
    parameters = {**parameters_of(event, statements.EVENT), **outcome.parameters}
    try:
        row = flush_last((outcome.statement, parameters))
    except IntegrityError as error:
        if "ticket_one_open_per_spot" in str(error):
            raise PlaceLostError from error
        raise
    if row is None:
        raise PlaceLostError


def _put_aside(missed: int, decision: Decision, passing: Passing) -> PickedPlace:
    """Put a stay aside whose exit was missed, and return the place that its car gets now; raises PlaceLostError."""
    gate = passing.gate
    asked = statements.place(gate.lot.allocation, counts_spots=gate.lot.counts_spots)
    facts = asked.read(
        flush(
            (statements.PUT_ASIDE, {"missed": missed, "at": passing.at, "why": why_of(decision, gate)}),
            (asked.statement, pick_parameters(gate.lot, passing.vehicle, gate.level)),
        )
    )
    if facts["place"] is None:
        raise PlaceLostError
    return PickedPlace(**facts["place"])


def _opened(
    decision: Decision, opened: OpenTicket, passing: Passing, place: PickedPlace, tariff_id: int | None
) -> Outcome:
    ticket = new_stay(
        lot=passing.gate.lot,
        arrival=arrival_of(opened, passing),
        place=Place(level_id=place.level_id, spot_type=place.spot_type, spot_id=place.spot_id),
        at=passing.at,
        why=why_of(decision, passing.gate),
        status=status_of(passing),
        no_grace=opened.no_grace,
    )
    ticket.tariff_id = tariff_id
    shown = place_json(
        level=place.level,
        level_name=place.level_name,
        spot_type=place.spot_type,
        number=place.number,
        zone=place.zone,
    )
    return Outcome(statements.OPEN_STAY, parameters_of(ticket, statements.STAY), ticket, shown)


def _closed(decision: Decision, passing: Passing, stay: Staying) -> Outcome:
    if passing.is_promised:
        return Outcome(statements.ADD_EVENT, {}, stay.ticket, stay.place)
    parameters = _ended(decision, passing, stay.ticket) | {"charge_version": stay.charge_version}
    return Outcome(statements.CLOSE_STAY, parameters, stay.ticket)


def _owing(decision: Decision, passing: Passing, stay: Staying, owed: AddDebt) -> Outcome | None:
    """Return what a stay writes that ends with its fee unpaid; None with a charge.

    The debt's plate is the stay's as it was read at the entry, or where that has none, as it was read here.
    """
    if passing.is_promised or stay.ticket.charge_id is not None:
        return None
    operator_id, at = passing.gate.lot.operator_id, passing.at
    charge = charge_of_stay(stay.ticket, stay.fee, at)
    plate = passing.read.body.plate or owed.plate
    debt = new_debt(charge=charge, amount=charge.due_amount, plate=plate, reason=owed.cause, at=at)
    debt.plate_normalised = owed.plate
    parameters = (
        _ended(decision, passing, stay.ticket)
        | parameters_of(charge, statements.CHARGE)
        | parameters_of(debt, statements.DEBT)
    )
    if not is_blocked_by_one_more(operator_id=operator_id, plate=owed.plate):
        return Outcome(statements.LEAVE_OWING, parameters, stay.ticket)
    block = new_block(operator_id=operator_id, plate=debt.plate, plate_normalised=debt.plate_normalised, at=at)
    parameters |= parameters_of(block, statements.BLOCK)
    return Outcome(statements.LEAVE_OWING_TOO_MUCH, parameters, stay.ticket)


def _ended(decision: Decision, passing: Passing, ticket: Ticket) -> dict[str, str | None]:
    """Set what a stay says of its end, and return its parameters with the state that it must still have."""
    was = ticket.status
    end_stay(ticket, left_at=passing.at, reason=decision.reason, exit_plate=passing.read.body.plate)
    ticket.changed_at, ticket.changed_why = passing.at, why_of(decision, passing.gate)
    return parameters_of(ticket, statements.STAY, statements.ENDING) | {"was": was}


def _ticket(found: Mapping[str, Any], charge: Mapping[str, Any] | None, lot: Lot) -> Ticket:
    ticket = new_row(
        Ticket,
        id=found["id"],
        lot_id=lot.pk,
        number=found["number"],
        token=found["token"],
        status=found["status"],
        plate_normalised=found["plate"],
        spot_type=found["spot_type"],
        priced_as=found["priced_as"],
        entry_at=datetime.fromisoformat(found["entry_at"]),
        paid_at=datetime.fromisoformat(found["paid_at"]) if found["paid_at"] else None,
        no_grace=found["no_grace"],
        lost=found["lost"],
        multiplier=Decimal(found["multiplier"]),
    )
    ticket.lot = lot
    if found["tariff_id"] is not None:
        ticket.tariff = _tariff(found["tariff_id"])
    if charge is not None:
        moved = {name: amount for name, amount in charge.items() if name != "version"}
        ticket.charge = Charge(pk=found["charge_id"], **moved)
    return ticket


@lru_cache(maxsize=4096)
def _tariff(tariff_id: int) -> Tariff:
    """Return a tariff that has stays, whose rules therefore never change."""
    return Tariff.objects.get(pk=tariff_id)
