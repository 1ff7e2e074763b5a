"""The life of a stay, from its opening to its end.

Whatever takes or frees a place holds the lot's lock (`lots.services.lock_lot`) from the start of its transaction;
whatever touches money holds the ticket's row. Functions named after a ticket take these locks; those that get a
`LockedStay` work with what their caller has locked and loaded.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Debt, Tariff
from billing.services import assess_locked, new_charge, record_debt
from common.changes import tell_when_committed
from common.errors import ConflictError
from common.plates import normalise, normalise_reading
from lots.models import Lot
from lots.services import assert_lot_locked, lock_lot
from reservations.services import expect_again
from tickets.fees import Fee, fee_of, tariff_of
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.queries import stays_inside
from tickets.services.locking import LockedStay, lock_as_seen, lock_stay
from tickets.services.opening import Place, plate_region_of

REVIEWABLE = (TicketStatus.ENTERING, TicketStatus.ACTIVE, TicketStatus.PAID)


class TicketStateError(ConflictError):
    """The stay is not in a state in which this can be done."""

    code = "ticket_state"


def lock_ticket(*, ticket_id: int) -> Ticket:
    """Return the stay with its row locked, and its charge; call inside a transaction.

    What else a fee depends on is loaded when it is looked at: PostgreSQL takes longer to plan the join of it all than
    to find each.
    """
    return lock_as_seen(ticket_id, Ticket.objects.only("charge_id").get(pk=ticket_id).charge_id)


@transaction.atomic
def assess_ticket(*, ticket: Ticket, at: datetime) -> Charge | None:
    """Write down what the stay costs at `at` as its charge, and return it; None when it costs nothing so far.

    Inside the exit grace the price stays the one that was paid.
    """
    stay = lock_stay(ticket)
    return assess_stay(stay, fee_of(stay.ticket, at), at)


def assess_stay(stay: LockedStay, fee: Fee, at: datetime) -> Charge | None:
    """Write down the fee of a locked stay, which is as of `at`; otherwise as `assess_ticket`."""
    ticket, charge = stay.ticket, stay.charge
    if charge is None and fee.total == 0:
        return None
    if charge is not None and keeps_charge(charge, fee):
        return charge
    assessed = assess_locked(charge, **_terms(ticket, fee, at))
    if charge is None:
        Ticket.objects.filter(pk=ticket.pk).update(charge=assessed)
        ticket.charge = assessed
    return assessed


def keeps_charge(charge: Charge, fee: Fee) -> bool:
    """Return whether a stay's charge is settled as it is: paid or let off, with nothing left to pay.

    A charge that is only partly paid is assessed again when the car turns out to have left earlier and to owe no more.
    """
    return fee.why_free in {"paid", "waived"} and charge.due_amount <= charge.moved_amount


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
    tariff: Tariff | None


def _terms(ticket: Ticket, fee: Fee, at: datetime) -> _Terms:
    return _Terms(
        lot=ticket.lot,
        label=f"Parking {ticket.number}",
        due=fee.total,
        tax_percent=fee.tax_percent,
        lines=fee.lines,
        at=at,
        tariff=tariff_of(ticket),
    )


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
    stay = lock_stay(ticket)
    return close_stay(stay, at=at, left_at=left_at, reason=reason, why=why, by=by, exit_plate=exit_plate)


def close_stay(  # noqa: PLR0913 - the facts of one change
    stay: LockedStay,
    *,
    at: datetime,
    reason: str,
    why: str,
    by: User | None = None,
    exit_plate: str | None = None,
    left_at: datetime | None = None,
) -> Ticket:
    """End a locked stay; the lot's lock is held, otherwise as `close_ticket`."""
    ticket = stay.ticket
    assert_lot_locked(ticket.lot_id)
    if ticket.status not in (*OPEN, TicketStatus.REVIEW):
        raise TicketStateError(_("Ticket %(number)s has ended already.") % {"number": ticket.number})
    end_stay(ticket, left_at=left_at or at, reason=reason, exit_plate=exit_plate)
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
    left_at: datetime | None = None,
) -> Debt | None:
    """End a stay whose fee stays unpaid: the rest becomes a debt on `plate`; None when nothing was owed.

    The debt shows the plate as it was read and says `cause` as its reason, shortened to fit; `why` goes into the
    stay's history. It is priced as of `at`; the car left at `left_at` where that was later.
    """
    lock_lot(ticket.lot_id)
    stay = lock_stay(ticket)
    fee = fee_of(stay.ticket, at)
    return leave_stay_owing(
        stay, fee, plate=plate, at=at, cause=cause, why=why, by=by, exit_plate=exit_plate, left_at=left_at
    )


def leave_stay_owing(  # noqa: PLR0913 - the facts of one change
    stay: LockedStay,
    fee: Fee,
    *,
    plate: str,
    at: datetime,
    cause: str,
    why: str,
    by: User | None = None,
    exit_plate: str | None = None,
    left_at: datetime | None = None,
) -> Debt | None:
    """End a locked stay with its fee as of `at` unpaid; the lot's lock is held, otherwise as `leave_owing`."""
    charge, debt, reason = assess_stay(stay, fee, at), None, fee.why_free or "paid"
    if charge is not None and charge.balance_amount > 0:
        charge.lot, reason = stay.lot, "owed"
        shown = _as_read(plate, stay.ticket.plate, exit_plate)
        debt = record_debt(charge=charge, plate=shown, region=stay.ticket.plate_region, reason=cause, at=at)
    close_stay(stay, at=left_at or at, reason=reason, why=why, by=by, exit_plate=exit_plate)
    return debt


@transaction.atomic
def review_ticket(*, ticket: Ticket, at: datetime, why: str, by: User | None = None) -> Ticket:
    """Put a stay aside for a person and free its place; nobody is charged for it without one."""
    lock_lot(ticket.lot_id)
    return review_stay(lock_stay(ticket), at=at, why=why, by=by)


def review_stay(stay: LockedStay, *, at: datetime, why: str, by: User | None = None) -> Ticket:
    """Put a locked stay aside; the lot's lock is held, otherwise as `review_ticket`."""
    ticket = stay.ticket
    assert_lot_locked(ticket.lot_id)
    if ticket.status not in REVIEWABLE:
        raise TicketStateError(_("Ticket %(number)s is not inside.") % {"number": ticket.number})
    return change_status(ticket, TicketStatus.REVIEW, at, why, by)


@transaction.atomic
def void_ticket(*, ticket: Ticket, at: datetime, why: str, by: User | None = None) -> Ticket:
    """Declare that a stay never was; only entering stays and those in review can be voided."""
    lock_lot(ticket.lot_id)
    stay = lock_stay(ticket)
    if stay.ticket.status not in (TicketStatus.ENTERING, TicketStatus.REVIEW):
        raise TicketStateError(_("Ticket %(number)s can't be voided now.") % {"number": ticket.number})
    return void_stay(stay, at=at, why=why, by=by)


def void_stay(stay: LockedStay, *, at: datetime, why: str, by: User | None = None) -> Ticket:
    """Declare that a locked stay that has not ended never was; its booking waits for its driver again.

    The lot's lock is held.
    """
    ticket = stay.ticket
    assert_lot_locked(ticket.lot_id)
    if ticket.status not in (*OPEN, TicketStatus.REVIEW):
        raise TicketStateError(_("Ticket %(number)s has ended already.") % {"number": ticket.number})
    if ticket.reservation_id is not None:
        expect_again(reservation_id=ticket.reservation_id)
    return change_status(ticket, TicketStatus.VOID, at, why, by)


@transaction.atomic
def activate_ticket(
    *, ticket: Ticket, at: datetime, why: str, by: User | None = None, place: Place | None = None
) -> Ticket:
    """Make an entering stay active, or take one back from review when the car still stands inside.

    Out of review it has no place, as another car may stand there, unless it is given a free `place`; raises
    TicketStateError when its plate has another open stay.
    """
    lock_lot(ticket.lot_id)
    return activate_stay(lock_stay(ticket), at=at, why=why, by=by, place=place)


def activate_stay(
    stay: LockedStay, *, at: datetime, why: str, by: User | None = None, place: Place | None = None
) -> Ticket:
    """Make a locked stay active; the lot's lock is held, otherwise as `activate_ticket`."""
    ticket = stay.ticket
    assert_lot_locked(ticket.lot_id)
    if ticket.status not in (TicketStatus.ENTERING, TicketStatus.REVIEW):
        raise TicketStateError(_("Ticket %(number)s is neither entering nor in review.") % {"number": ticket.number})
    if ticket.status == TicketStatus.REVIEW:
        admit_plate_again(ticket)
        ticket.spot_id = place.spot_id if place else None
        ticket.level_id = place.level_id if place else None
        ticket.spot_type = place.spot_type if place else None
    return change_status(ticket, TicketStatus.ACTIVE, at, why, by, "spot", "level", "spot_type", "plate_region")


def _as_read(plate: str, *readings: str | None) -> str:
    """Return the first reading that is this plate."""
    known = normalise(plate)
    return next((one for one in readings if one and normalise_reading(one, none_words=frozenset()) == known), plate)


def admit_plate_again(ticket: Ticket) -> None:
    """Set a stay's `plate_region` by its lot's rule of now, as the stay is to be open again.

    Raises TicketStateError when the plate has another open stay there.
    """
    ticket.plate_region = plate_region_of(Lot.objects.get(pk=ticket.lot_id), ticket.region)
    if stays_inside(ticket.lot_id, ticket.plate_normalised, ticket.plate_region):
        raise TicketStateError(_("%(plate)s has another open stay here.") % {"plate": ticket.plate})


def change_status(ticket: Ticket, status: str, at: datetime, why: str, by: User | None, *fields: str) -> Ticket:
    """Write a locked stay's new state, and `fields` that were set with it; the database keeps its history."""
    ticket.status = status
    ticket.changed_at = at
    ticket.changed_why = why
    ticket.changed_by = by
    ticket.save(update_fields=["status", "changed_at", "changed_why", "changed_by", *fields])
    tell_when_committed(ticket.lot_id)
    return ticket
