"""What each effect of a decision writes: parts of the one statement, their parameters, and what follows it."""

from dataclasses import dataclass
from typing import Any, assert_never

from django.utils.translation import gettext as _

from billing.services import debts_lock, new_block, new_debt
from common.db.flush import Step
from common.db.rows import parameters_of
from common.errors import ConflictError
from common.plate_hashes import spellings
from gates.decision import (
    ActivateReservation,
    AddDebt,
    Capture,
    CloseTicket,
    CompleteReservation,
    CorrectPlate,
    Decision,
    Effect,
    FreeOldSpot,
    FreeSpot,
    OpenTicket,
    Review,
    ReviewTicket,
    TakeOtherSpot,
    TakeReservedSpot,
    TakeSpot,
)
from gates.reads.body import ReadBody
from gates.reads.context import LoadedContext
from gates.reads.events import Sighting
from gates.reads.facts import JsonRow
from gates.reads.load import load_place
from gates.reads.loaded_stay import ticket_of
from gates.reads.reply import place_json
from gates.reads.statements import (
    ARRIVED,
    ASSESSED,
    BLOCK,
    BLOCK_AT_LIMIT,
    CHARGE,
    CHARGED,
    CLOSED,
    CLOSED_OWING,
    COMPLETED,
    DEBT,
    ENDING,
    OPENED,
    OPENED_COUNTING,
    OWED,
    PUT_ASIDE,
    STAY,
    StatementPart,
)
from lots.compatibility import VehicleProfile
from tickets.fees import Fee
from tickets.models import Ticket, TicketStatus
from tickets.services import Arrival, Place, charge_of_stay, end_stay, keeps_charge, new_stay, plate_region_of

TakingEffect = TakeSpot | TakeReservedSpot | TakeOtherSpot


class PlaceLostError(ConflictError):
    """What a decision counted on is gone: its place, its stay or its money has changed since it was loaded.

    It is decided again, and at last the device is asked to send again.
    """

    code = "place_lost"

    def __init__(self) -> None:
        super().__init__(_("The places of this lot are just being changed. Send the read again."))


@dataclass(frozen=True, slots=True)
class Leaving:
    """A stay that a car at an exit has, and what it costs by now.

    `charge_version` is that of its charge as it was loaded; without one the charge is locked, or there is none. `place`
    is where the car stands, as devices see it.
    """

    ticket: Ticket
    fee: Fee
    charge_version: str | None = None
    place: JsonRow | None = None


def arrival_of(body: ReadBody, vehicle: VehicleProfile, *, numbered: bool = False) -> Arrival:
    """Return what is known of a car whose stay is opened; a `numbered` stay has no plate, however it was read."""
    plate = None if numbered else body.plate
    return Arrival(
        plate=plate,
        region=body.region,
        vehicle_type=vehicle.vehicle_type,
        electric=vehicle.electric,
        permit=vehicle.permit,
    )


class Writing:
    """What a decision's effects write, and the stay and place that the answer shows."""

    def __init__(
        self, sighting: Sighting, decision: Decision, loaded: LoadedContext | None, leaving: Leaving | None
    ) -> None:
        self._sighting, self._decision, self._loaded, self._leaving = sighting, decision, loaded, leaving
        self.parts: list[StatementPart] = []
        self.parameters: dict[str, Any] = {}
        self.following: list[Step] = []
        self.ticket: Ticket | None = None
        self.place: JsonRow | None = None
        if leaving is not None:
            self.ticket, self.place = leaving.ticket, leaving.place
        elif loaded is not None and decision.ticket_id is not None:
            row = loaded.stay(decision.ticket_id)
            self.ticket, self.place = ticket_of(row, sighting.gate.lot), row["place"]

    def carry_out(self, effect: Effect) -> None:  # noqa: C901, PLR0912 - one case an effect
        """Add what an effect writes. Raises PlaceLostError."""
        match effect:
            case ReviewTicket(ticket_id):
                self._put_aside(ticket_id)
            case OpenTicket():
                self._open(effect)
            case ActivateReservation(reservation_id):
                self.parts.append(ARRIVED)
                self.parameters["booking"] = reservation_id
            case CloseTicket() | AddDebt() | CompleteReservation() if self._sighting.is_promised:
                pass
            case CloseTicket():
                self._close()
            case AddDebt():
                self._owe(effect)
            case CompleteReservation(reservation_id):
                self.parts.append(COMPLETED)
                self.parameters["booking"] = reservation_id
            case TakeSpot() | TakeReservedSpot() | TakeOtherSpot():
                pass  # the stay is opened there
            case CorrectPlate():
                pass  # only with a read that repeats another: `record_repeat`
            case Capture():
                pass  # the provider was asked before the decision, so the payment has its row
            case FreeSpot() | FreeOldSpot():
                pass  # by triggers, as soon as the stay is no longer open
            case Review():
                pass  # the event is listed by its concerns
            case _:
                assert_never(effect)

    def _put_aside(self, ticket_id: int) -> None:
        self.parts.append(PUT_ASIDE)
        person = self._sighting.person
        self.parameters |= {
            "aside": ticket_id,
            "at": self._sighting.moment.at,
            "why": self._why,
            "by": person.pk if person else None,
        }
        if self.ticket is not None and self.ticket.pk == ticket_id:
            self.ticket.status = TicketStatus.REVIEW
            self._note_change(self.ticket)

    def _open(self, opened: OpenTicket) -> None:
        """Open a stay where the decision's other effects take a place."""
        loaded, gate, read = self._loaded, self._sighting.gate, self._sighting.read
        assert loaded is not None  # noqa: S101 the caller of an entry gives it
        place = load_place(self._decision, gate, read, loaded)
        if place is None and any(isinstance(one, TakingEffect) for one in self._decision.effects):
            raise PlaceLostError
        ticket = new_stay(
            lot=gate.lot,
            arrival=arrival_of(read.body, loaded.vehicle, numbered=opened.plate is None),
            place=Place(level_id=place.level_id, spot_type=place.spot_type, spot_id=place.spot_id) if place else None,
            at=self._sighting.moment.at,
            why=self._why,
            status=TicketStatus.ENTERING if self._sighting.is_promised else TicketStatus.ACTIVE,
            no_grace=opened.no_grace,
        )
        ticket.tariff_id, ticket.reservation_id = loaded.tariff_id, opened.reservation_id
        ticket.held_pass_id = opened.pass_id
        self._note_change(ticket)
        self.parts.append(OPENED_COUNTING if loaded.counts_stays else OPENED)
        if loaded.counts_stays:
            plate = ticket.plate_normalised
            self.parameters["counted_plates"] = spellings(plate, gate.lot.operator_id) if plate else []
        self.parameters |= parameters_of(ticket, STAY)
        self.ticket, self.place = ticket, place_json(place) if place else None

    def _close(self) -> None:
        """End the stay, if it and the money that moved for it are still as they were loaded."""
        leaving, at = self._leaving, self._sighting.moment.at
        assert leaving is not None  # noqa: S101 the caller of an exit gives it
        ticket = leaving.ticket
        before = {"was": ticket.status, "charge": ticket.charge_id, "charge_version": leaving.charge_version}
        end_stay(ticket, left_at=at, reason=self._decision.reason, exit_plate=self._sighting.read.readable_plate)
        self._note_change(ticket)
        self.parameters |= before | parameters_of(ticket, STAY, ENDING)
        self.place = None
        if any(isinstance(effect, AddDebt) for effect in self._decision.effects):
            self.parts.append(CLOSED_OWING)
            return
        self.parts.append(CLOSED)
        if ticket.charge is not None and not keeps_charge(ticket.charge, leaving.fee):
            self.parts.append(ASSESSED)
            self.parameters |= parameters_of(charge_of_stay(ticket, leaving.fee, at), CHARGE)

    def _owe(self, owed: AddDebt) -> None:
        """Record what stays unpaid on the stay's charge, and as a debt, which may block its plate."""
        leaving, at, read = self._leaving, self._sighting.moment.at, self._sighting.read
        assert leaving is not None  # noqa: S101 the caller of an exit gives it
        charge = charge_of_stay(leaving.ticket, leaving.fee, at)
        plate, cause = read.readable_plate or owed.plate, self._sighting.note or owed.cause
        region = leaving.ticket.plate_region or plate_region_of(leaving.ticket.lot, read.body.region)
        debt = new_debt(charge=charge, amount=leaving.fee.owed, plate=plate, region=region, reason=cause, at=at)
        debt.plate_normalised = owed.plate
        block = new_block(operator_id=debt.operator_id, plate=plate, plate_normalised=owed.plate, region=region, at=at)
        self.parts += [CHARGED if leaving.ticket.charge_id is None else ASSESSED, OWED]
        self.parameters |= parameters_of(charge, CHARGE) | parameters_of(debt, DEBT)
        self.following += [
            debts_lock(debt.operator_id, owed.plate),
            (BLOCK_AT_LIMIT, parameters_of(block, BLOCK)),
        ]

    @property
    def _why(self) -> str:
        """Return why a stay changes, for its history."""
        return f"{self._decision.reason} at {self._sighting.gate}"

    def _note_change(self, ticket: Ticket) -> None:
        ticket.changed_at, ticket.changed_why = self._sighting.moment.at, self._why
        ticket.changed_by = self._sighting.person
