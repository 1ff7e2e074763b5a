"""Make a decision true: stays open and close, places are taken and freed, money that stays owed is written down."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from common.errors import ConflictError
from gates.decision import (
    AddDebt,
    CloseTicket,
    CompleteReservation,
    Decision,
    OpenTicket,
    ReviewTicket,
    TakeOtherSpot,
    TakeReservedSpot,
    TakeSpot,
)
from gates.reads.body import Read
from lots.compatibility import VehicleProfile
from lots.models import Gate, Spot
from lots.picking import PickedPlace, pick_place, pick_place_of_type
from lots.services import assert_lot_locked
from reservations.models import Reservation
from reservations.services import activate_reservation, complete_reservation
from tickets.models import Ticket, TicketStatus
from tickets.services import Arrival, Place, assess_ticket, close_ticket, leave_owing, open_ticket, review_ticket


class PlaceLostError(ConflictError):
    """The place a decision counted on is gone; it is decided again, and at last the device is asked to send again."""

    code = "place_lost"

    def __init__(self) -> None:
        super().__init__("The places of this lot are just being changed. Send the read again.")


@dataclass(frozen=True, slots=True)
class Passing:
    """One car at one gate: everything effects need to know of it, and who acts if it is a person.

    The lot's lock is held. `note` is the reason that the person gave.
    """

    gate: Gate
    read: Read
    vehicle: VehicleProfile
    at: datetime
    by: User | None = None
    note: str = ""

    @property
    def is_promised(self) -> bool:
        """Say whether the barrier has yet to confirm that the car passes; a record of what happened needs no more."""
        return self.gate.confirms_passage and not self.read.body.offline


def apply_effects(decision: Decision, passing: Passing) -> Ticket | None:
    """Carry out a decision's effects in order and return the stay it is about, as it is afterwards.

    Raises PlaceLostError when a place is gone meanwhile. At a gate that confirms passages an exit is only promised: its
    stay closes when the car has passed.
    """
    assert_lot_locked(passing.gate.lot_id)
    ticket = None if decision.ticket_id is None else _stay(decision.ticket_id)
    for effect in decision.effects:
        match effect:
            case ReviewTicket(ticket_id):
                ticket = review_ticket(
                    ticket=_stay(ticket_id), at=passing.at, why=why_of(decision, passing.gate), by=passing.by
                )
            case OpenTicket():
                ticket = _open(decision, effect, passing)
            case CloseTicket() if ticket is not None and not passing.is_promised:
                ticket = _leave(ticket, decision, passing)
            case CompleteReservation(reservation_id) if not passing.is_promised:
                complete_reservation(reservation_id=reservation_id)
    return ticket


def _leave(ticket: Ticket, decision: Decision, passing: Passing) -> Ticket:
    """End a stay at an exit as decided: with a debt when it owes, else settled."""
    debt = next((effect for effect in decision.effects if isinstance(effect, AddDebt)), None)
    at, by, plate = passing.at, passing.by, passing.read.body.plate
    why = why_of(decision, passing.gate)
    if debt is not None:
        cause = passing.note or debt.cause
        leave_owing(ticket=ticket, plate=debt.plate, at=at, cause=cause, why=why, by=by, exit_plate=plate)
    else:
        assess_ticket(ticket=ticket, at=at)
        close_ticket(ticket=ticket, at=at, reason=decision.reason, why=why, by=by, exit_plate=plate)
    return _stay(ticket.pk)


def _open(decision: Decision, effect: OpenTicket, passing: Passing) -> Ticket:
    gate = passing.gate
    place = _place(decision, passing)
    reservation = None
    if effect.reservation_id is not None:
        reservation = activate_reservation(
            reservation_id=effect.reservation_id, spot_id=place.spot_id if place else None, level_id=_level_id(place)
        )
    return open_ticket(
        lot=gate.lot,
        arrival=arrival_of(effect, passing),
        place=Place(level_id=place.level_id, spot_type=place.spot_type, spot_id=place.spot_id) if place else None,
        at=passing.at,
        why=why_of(decision, gate),
        status=status_of(passing),
        no_grace=effect.no_grace,
        reservation=reservation,
        by=passing.by,
    )


def arrival_of(effect: OpenTicket, passing: Passing) -> Arrival:
    """Return what is known of the car whose stay is opened."""
    return Arrival(
        plate=passing.read.body.plate if effect.plate else None,
        vehicle_type=passing.vehicle.vehicle_type,
        electric=passing.vehicle.electric,
        permit=passing.vehicle.permit,
    )


def status_of(passing: Passing) -> TicketStatus:
    """Return the state in which a stay is opened here."""
    return TicketStatus.ENTERING if passing.is_promised else TicketStatus.ACTIVE


def _place(decision: Decision, passing: Passing) -> PickedPlace | None:
    for effect in decision.effects:
        match effect:
            case TakeSpot() | TakeOtherSpot():
                return _found(_pick(passing))
            case TakeReservedSpot(reservation_id):
                return _found(_reserved_place(reservation_id, passing))
    return None


def _pick(passing: Passing) -> PickedPlace | None:
    return pick_place(lot=passing.gate.lot, vehicle=passing.vehicle, gate_level=passing.gate.level)


def _reserved_place(reservation_id: int, passing: Passing) -> PickedPlace | None:
    booking = Reservation.objects.select_related("spot").get(pk=reservation_id)
    if booking.spot is None:
        return pick_place_of_type(
            lot=passing.gate.lot, spot_type=booking.spot_type, gate_level=passing.gate.level
        ) or _pick(passing)
    spot = Spot.objects.select_for_update().get(pk=booking.spot.pk)
    return PickedPlace(level_id=spot.level_id, spot_type=spot.spot_type, spot_id=spot.pk)


def _found(place: PickedPlace | None) -> PickedPlace:
    if place is None:
        raise PlaceLostError
    return place


def _level_id(place: PickedPlace | None) -> int | None:
    return place.level_id if place else None


def _stay(ticket_id: int) -> Ticket:
    return Ticket.objects.select_related("lot", "level", "spot__zone").get(pk=ticket_id)


def why_of(decision: Decision, gate: Gate) -> str:
    """Return why a stay changes, for its history."""
    return f"{decision.reason} at {gate}"
