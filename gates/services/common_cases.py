"""The two common outcomes of a read, each one write: a car without a booking comes in, a car that owes nothing leaves.

They do what `gates.services.effects` does for every outcome, from what the read has loaded already.
"""

import json
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django.db import IntegrityError

from billing.models import Tariff
from common.flush import run_together
from common.rows import parameters_of
from gates import statements
from gates.decision import CloseTicket, Decision, FreeSpot, OpenTicket, TakeSpot
from gates.models import GateEvent
from gates.services.effects import Passing, PlaceLostError, arrival_of, status_of, why_of
from gates.situation import Situation
from lots.models import Level, Lot, Spot, Zone
from lots.picking import PickedPlace
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.services import Place, end_stay, new_stay


def free_to_leave(ticket_id: int, situation: Situation, lot: Lot, at: datetime) -> Ticket | None:
    """Return a stay that has cost nothing by now and has no charge or booking, None for any other."""
    found = next((stay for stay in situation.inside if stay["id"] == ticket_id), {})
    if "rules" not in found or found["charge_id"] is not None or found["reservation_id"] is not None:
        return None
    ticket = Ticket(
        pk=ticket_id,
        lot=lot,
        number=found["number"],
        token=found["token"],
        status=found["status"],
        plate_normalised=found["plate"],
        spot_type=found["spot_type"],
        priced_as=found["priced_as"],
        entry_at=datetime.fromisoformat(found["entry_at"]),
        no_grace=found["no_grace"],
        lost=found["lost"],
        multiplier=Decimal(found["multiplier"]),
        tariff=_tariff(found["tariff_id"], found["rules"]) if found["rules"] else None,
    )
    return ticket if fee_of(ticket, at).total == 0 else None


def stay_in_common_case(
    decision: Decision, passing: Passing, situation: Situation, leaving: Ticket | None
) -> Ticket | None:
    """Return the stay as it will be after a common outcome, None for any other outcome.

    `leaving` is the stay that this read ends, when it is free to leave.
    """
    match decision.effects:
        case (OpenTicket(reservation_id=None) as opened, TakeSpot()) if situation.place is not None:
            # A permit on file may give the car another place than the one that was looked up.
            if passing.vehicle.permit == passing.read.body.permit:
                return _opened(decision, opened, passing, situation.place, situation.tariff_id)
        case (CloseTicket(), *rest) if leaving is not None and not passing.is_promised:
            if all(isinstance(effect, FreeSpot) for effect in rest):
                return _closed(decision, passing, leaving)
    return None


def write_stay(ticket: Ticket, event: GateEvent, *, was: str | None) -> None:
    """Write a stay of a common outcome with its event and end the transaction; `was` is the status of one that ends.

    Raises PlaceLostError when its place, or the stay itself, has changed meanwhile.
    """
    parameters = parameters_of(event, statements.EVENT) | parameters_of(ticket, statements.STAY)
    statement = statements.OPEN_STAY if was is None else statements.CLOSE_STAY
    try:
        row = run_together((statement, parameters | {"was": was}), commit=True)
    except IntegrityError as error:
        if "ticket_one_open_per_spot" in str(error):
            raise PlaceLostError from error
        raise
    if row is None:
        raise PlaceLostError


def _opened(
    decision: Decision, opened: OpenTicket, passing: Passing, place: PickedPlace, tariff_id: int | None
) -> Ticket:
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
    ticket.level = Level(pk=place.level_id, number=place.level, name=place.level_name)
    if place.spot_id is not None:
        ticket.spot = Spot(pk=place.spot_id, number=place.number or "", zone=Zone(name=place.zone or ""))
    return ticket


def _closed(decision: Decision, passing: Passing, leaving: Ticket) -> Ticket:
    why = why_of(decision, passing.gate)
    end_stay(leaving, left_at=passing.at, reason=decision.reason, exit_plate=passing.read.body.plate)
    leaving.changed_at, leaving.changed_why = passing.at, why
    return leaving


@lru_cache(maxsize=4096)
def _tariff(tariff_id: int, rules: str) -> Tariff:
    return Tariff(pk=tariff_id, rules=json.loads(rules))
