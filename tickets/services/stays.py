"""The life of a stay, from its opening to its end.

Whatever takes or frees a place holds the lot's lock (`lots.services.lock_lot`) from the start of its transaction;
whatever touches money holds the ticket's row.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from django.db import transaction

from accounts.models import User
from accounts.vehicles import VehicleType
from billing.models import Charge, Debt, Tariff
from billing.services import assess_charge, new_charge, record_debt
from common.db.rows import new_row
from common.errors import ConflictError
from common.plates import normalise, skeleton
from lots.calendar import local_day
from lots.compatibility import SpotType
from lots.models import Lot
from lots.services import assert_lot_locked, lock_lot
from reservations.models import Reservation
from tickets.fees import Fee, fee_of
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.numbers import new_number

REVIEWABLE = (TicketStatus.ENTERING, TicketStatus.ACTIVE, TicketStatus.PAID)


class TicketStateError(ConflictError):
    """The stay is not in a state in which this can be done."""

    code = "ticket_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a car stands: a spot, or in a lot that only counts cars a level and type alone."""

    level_id: int
    spot_type: str
    spot_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is known of a car that comes in; the plate is as read."""

    plate: str | None = None
    vehicle_type: str = VehicleType.REGULAR
    electric: bool = False
    permit: bool = False


def open_ticket(  # noqa: PLR0913 - the facts of one row
    *,
    lot: Lot,
    arrival: Arrival,
    place: Place | None,
    at: datetime,
    why: str,
    status: str = TicketStatus.ACTIVE,
    no_grace: bool = False,
    reservation: Reservation | None = None,
    by: User | None = None,
) -> Ticket:
    """Open a stay at `place`; the lot's lock is held.

    The price is that of the place's type, by the tariff valid on the local day of entry.
    """
    assert_lot_locked(lot.pk)
    ticket = new_stay(lot=lot, arrival=arrival, place=place, at=at, why=why, status=status, no_grace=no_grace)
    ticket.tariff = Tariff.objects.filter(lot=lot).valid_on(local_day(lot, at)).first()
    ticket.reservation = reservation
    ticket.changed_by = by
    ticket.save(force_insert=True)
    return ticket


def new_stay(  # noqa: PLR0913 - the facts of one row
    *, lot: Lot, arrival: Arrival, place: Place | None, at: datetime, why: str, status: str, no_grace: bool
) -> Ticket:
    """Return a stay with a number and token of its own as it is to be opened, its tariff yet to be set."""
    plate = normalise(arrival.plate)
    ticket = new_row(
        Ticket,
        lot_id=lot.pk,
        number=new_number(secrets.randbelow),
        token=secrets.token_urlsafe(16),
        status=status,
        plate=arrival.plate if plate else None,
        plate_normalised=plate,
        plate_skeleton=skeleton(plate) if plate else None,
        vehicle_type=arrival.vehicle_type,
        electric=arrival.electric,
        permit=arrival.permit,
        spot_id=place.spot_id if place else None,
        level_id=place.level_id if place else None,
        spot_type=place.spot_type if place else None,
        priced_as=place.spot_type if place else SpotType.REGULAR,
        entry_at=at,
        no_grace=no_grace,
        changed_at=at,
        changed_why=why,
    )
    ticket.lot = lot
    return ticket


def lock_ticket(*, ticket_id: int) -> Ticket:
    """Return the stay with its row locked, and its charge; call inside a transaction.

    Its charge is locked before it, as a payment that settles the charge comes to the ticket last. When a charge was
    made while this waited for the ticket, the ticket is let go and both are locked in their order. What else a fee
    hangs on is loaded when it is looked at: PostgreSQL takes longer to plan the join of it all than to find each.
    """
    tickets = Ticket.objects.select_for_update()
    charge_id = Ticket.objects.only("charge_id").get(pk=ticket_id).charge_id
    if charge_id is not None:
        charge = Charge.objects.select_for_update().get(pk=charge_id)
        ticket = tickets.get(pk=ticket_id)
        ticket.charge = charge
        return ticket
    before = transaction.savepoint()
    ticket = tickets.get(pk=ticket_id)
    if ticket.charge_id is None:
        transaction.savepoint_commit(before)
        return ticket
    transaction.savepoint_rollback(before)
    return lock_ticket(ticket_id=ticket_id)


@transaction.atomic
def assess_ticket(*, ticket: Ticket, at: datetime) -> Charge | None:
    """Write down what the stay costs at `at` as its charge, and return it; None when it costs nothing so far.

    Inside the exit grace the price stays the one that was paid.
    """
    ticket = lock_ticket(ticket_id=ticket.pk)
    return _assess(ticket, fee_of(ticket, at), at)


def _assess(ticket: Ticket, fee: Fee, at: datetime) -> Charge | None:
    if ticket.charge is None and fee.total == 0:
        return None
    if ticket.charge is not None and fee.why_free in {"paid", "waived"}:
        return ticket.charge
    charge = assess_charge(charge=ticket.charge, **_terms(ticket, fee, at))
    if ticket.charge_id is None:
        Ticket.objects.filter(pk=ticket.pk).update(charge=charge)
        ticket.charge = charge
    return charge


def charge_of_stay(ticket: Ticket, fee: Fee, at: datetime) -> Charge:
    """Return what a stay costs as the charge that is to be made for it; nothing is written."""
    return new_charge(**_terms(ticket, fee, at))


class _Terms(TypedDict):
    lot: Lot
    label: str
    due: int
    tax_percent: Decimal
    lines: list[dict[str, Any]]
    at: datetime


def _terms(ticket: Ticket, fee: Fee, at: datetime) -> _Terms:
    label = f"Parking {ticket.number}"
    return _Terms(lot=ticket.lot, label=label, due=fee.total, tax_percent=fee.tax_percent, lines=fee.lines, at=at)


@transaction.atomic
def close_ticket(  # noqa: PLR0913 - the facts of one change
    *,
    ticket: Ticket,
    at: datetime,
    reason: str,
    why: str,
    by: User | None = None,
    exit_plate: str | None = None,
    left_at: datetime | None = None,
) -> Ticket:
    """End a stay and free its place; raises TicketStateError when it ended before.

    `left_at` is when the car left, where that was before `at`. What is still owed must have become a debt, or `reason`
    says why not.
    """
    lock_lot(ticket.lot_id)
    ticket = lock_ticket(ticket_id=ticket.pk)
    return _close(ticket, at=at, left_at=left_at or at, reason=reason, why=why, by=by, exit_plate=exit_plate)


def _close(  # noqa: PLR0913 - the facts of one change
    ticket: Ticket, *, at: datetime, left_at: datetime, reason: str, why: str, by: User | None, exit_plate: str | None
) -> Ticket:
    if ticket.status not in (*OPEN, TicketStatus.REVIEW):
        raise TicketStateError(f"Ticket {ticket.number} has ended already.")
    end_stay(ticket, left_at=left_at, reason=reason, exit_plate=exit_plate)
    return change_status(ticket, TicketStatus.CLOSED, at, why, by, "exit_at", "closed_reason", "exit_plate")


def end_stay(ticket: Ticket, *, left_at: datetime, reason: str, exit_plate: str | None) -> None:
    """Set what a stay that ends is to say of its end; nothing is written."""
    ticket.status = TicketStatus.CLOSED
    ticket.exit_at = max(left_at, ticket.entry_at)
    ticket.closed_reason = reason
    ticket.exit_plate = exit_plate


@transaction.atomic
def leave_owing(  # noqa: PLR0913 - the facts of one change
    *,
    ticket: Ticket,
    plate: str,
    at: datetime,
    cause: str,
    why: str,
    by: User | None = None,
    exit_plate: str | None = None,
) -> Debt | None:
    """End a stay whose fee stays unpaid: the rest becomes a debt on `plate`; None when nothing was owed.

    The debt shows the plate as it was read and says `cause` as its reason, shortened to fit; `why` goes into the
    stay's history.
    """
    lock_lot(ticket.lot_id)
    ticket = lock_ticket(ticket_id=ticket.pk)
    fee = fee_of(ticket, at)
    charge = _assess(ticket, fee, at)
    owed = charge is not None and charge.balance_amount > 0
    shown = _as_read(plate, ticket.plate, exit_plate)
    debt = record_debt(charge=charge, plate=shown, reason=cause, at=at) if charge is not None and owed else None
    reason = "owed" if owed else fee.why_free or "paid"
    _close(ticket, at=at, left_at=at, reason=reason, why=why, by=by, exit_plate=exit_plate)
    return debt


@transaction.atomic
def review_ticket(*, ticket: Ticket, at: datetime, why: str, by: User | None = None) -> Ticket:
    """Put a stay aside for a person and free its place; nobody is charged for it without one."""
    lock_lot(ticket.lot_id)
    ticket = lock_ticket(ticket_id=ticket.pk)
    if ticket.status not in REVIEWABLE:
        raise TicketStateError(f"Ticket {ticket.number} is not inside.")
    return change_status(ticket, TicketStatus.REVIEW, at, why, by)


@transaction.atomic
def void_ticket(*, ticket: Ticket, at: datetime, why: str, by: User | None = None) -> Ticket:
    """Declare that a stay never was; only entering stays and those in review can be voided."""
    lock_lot(ticket.lot_id)
    ticket = lock_ticket(ticket_id=ticket.pk)
    if ticket.status not in (TicketStatus.ENTERING, TicketStatus.REVIEW):
        raise TicketStateError(f"Ticket {ticket.number} can't be voided now.")
    return change_status(ticket, TicketStatus.VOID, at, why, by)


@transaction.atomic
def activate_ticket(*, ticket: Ticket, at: datetime, why: str, by: User | None = None) -> Ticket:
    """Make an entering stay active, or take one back from review when the car still stands inside.

    Out of review it has no place, as another car may stand there; raises TicketStateError when its plate has
    another open stay.
    """
    lock_lot(ticket.lot_id)
    ticket = lock_ticket(ticket_id=ticket.pk)
    if ticket.status not in (TicketStatus.ENTERING, TicketStatus.REVIEW):
        raise TicketStateError(f"Ticket {ticket.number} is neither entering nor in review.")
    if ticket.status == TicketStatus.REVIEW:
        if _plate_is_inside(ticket):
            raise TicketStateError(f"{ticket.plate} has another open stay here.")
        ticket.spot = ticket.level = ticket.spot_type = None
    return change_status(ticket, TicketStatus.ACTIVE, at, why, by, "spot", "level", "spot_type")


def _as_read(plate: str, *readings: str | None) -> str:
    """Return the first reading that is this plate."""
    return next((one for one in readings if one and normalise(one) == normalise(plate)), plate)


def _plate_is_inside(ticket: Ticket) -> bool:
    if ticket.plate_normalised is None:
        return False
    return Ticket.objects.filter(lot_id=ticket.lot_id, plate_normalised=ticket.plate_normalised).open().exists()


def change_status(ticket: Ticket, status: str, at: datetime, why: str, by: User | None, *fields: str) -> Ticket:
    """Write a locked stay's new state, and `fields` that were set with it; the database keeps its history."""
    ticket.status = status
    ticket.changed_at = at
    ticket.changed_why = why
    ticket.changed_by = by
    ticket.save(update_fields=["status", "changed_at", "changed_why", "changed_by", *fields])
    return ticket
