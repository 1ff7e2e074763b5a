"""An exit at the desk that was a mistake, taken back by who let the car go, or an admin, within a minute."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Role, User
from billing.models import Charge, Credit, CreditKind
from billing.services import assess_locked, cancel_debt_of, reverse_credit_locked
from common.errors import ConflictError, ForbiddenError
from gates.decision import Action, Concern
from gates.models import EventKind, GateEvent
from gates.reads import ReadBody, read_of
from gates.services.desk.acts import ActConflictError
from lots.access import has_role_at
from lots.gate_rules import Direction
from lots.models import Lot
from lots.services import lock_lot
from reservations.services import resume_reservation
from tickets.models import Ticket
from tickets.services import LockedStay, lock_stay, reopen_stay

UNDO_WITHIN = timedelta(seconds=60)
_WORD = "undone"


class TooLateToUndoError(ConflictError):
    """The car has driven out, or the time to take its exit back is over."""

    code = "too_late_to_undo"


class UndoneBeforeError(ConflictError):
    """The exit has been undone already."""

    code = "undone_before"


def exit_to_undo(ticket: Ticket, *, by: User, at: datetime) -> GateEvent | None:
    """Return the exit of a stay that a person may still take back; None when there is none."""
    opening = _openings().filter(ticket=ticket).order_by("-id").first()
    if opening is None or not _may_undo(opening, by) or _why_not(opening, at) is not None:
        return None
    return opening


@transaction.atomic
def undo_exit(*, ticket: Ticket, exit_id: UUID, by: User, at: datetime, key: UUID) -> GateEvent:
    """Take back an exit at the desk: its stay is open again as it was, and the undoing is recorded at the gate.

    `exit_id` is the event id of that exit. A debt that it made is cancelled, what it waived is taken back, and money
    that was taken stays: then the stay is paid. A place that is taken by now is lost, which is flagged. Idempotent by
    the key.

    Raises ForbiddenError for another attendant, TooLateToUndoError (409), UndoneBeforeError (409), ActConflictError
    (409), and TicketStateError (409) for a stay that another person has dealt with, or whose plate has another one.
    """
    lock_lot(ticket.lot_id)
    opening = _openings().filter(ticket=ticket, event_id=exit_id).first()
    if opening is None:
        raise ActConflictError(_("This is not an exit that a person let out."))
    if not _may_undo(opening, by):
        raise ForbiddenError(_("Only who let the car out can undo that, or an admin."))
    done = opening.repeats.filter(kind=EventKind.UNDO).first()
    if done is not None and done.event_id == key:
        return done
    refusal = _why_not(opening, at)
    if refusal is not None:
        raise refusal
    stay = lock_stay(ticket)
    flags = [Concern.UNDONE.value] if stay.ticket.is_open else _reopen(stay, opening, by, at)
    return _record(opening, stay.ticket, flags, by=by, at=at, key=key)


def _openings() -> QuerySet[GateEvent]:
    exits = GateEvent.objects.filter(kind=EventKind.PERSON, action=Action.OPEN, gate__direction=Direction.EXIT)
    return exits.select_related("gate__lot__operator", "person")


def _may_undo(opening: GateEvent, by: User) -> bool:
    return opening.person_id == by.pk or has_role_at(by, Role.ADMIN, opening.gate.lot)


def _why_not(opening: GateEvent, at: datetime) -> ConflictError | None:
    """Return why an exit can't be taken back at `at`, by the server's clock."""
    if opening.repeats.filter(kind=EventKind.UNDO).exists():
        return UndoneBeforeError(_("This exit has been undone already."))
    if opening.repeats.filter(kind=EventKind.PASSAGE, action="passed").exists():
        return TooLateToUndoError(_("The car has driven out: the barrier has reported it."))
    if at - opening.received_at > UNDO_WITHIN:
        seconds = int(UNDO_WITHIN.total_seconds())
        return TooLateToUndoError(_("An exit can be undone for %(seconds)s seconds only.") % {"seconds": seconds})
    return None


def _reopen(stay: LockedStay, opening: GateEvent, by: User, at: datetime) -> list[str]:
    """Open a stay again whose exit was final, with what it owed; return what is to be flagged."""
    had_place = stay.ticket.level_id is not None
    if stay.charge is not None:
        _take_back_money(stay.charge, stay.lot, opening, at)
    ticket = reopen_stay(stay, at=at, why=f"{_WORD} at {opening.gate}", by=by)
    if ticket.reservation_id is not None:
        resume_reservation(reservation_id=ticket.reservation_id)
    lost = had_place and ticket.level_id is None
    return [Concern.UNDONE.value, *([Concern.NO_SPOT.value] if lost else [])]


def _take_back_money(charge: Charge, lot: Lot, opening: GateEvent, at: datetime) -> None:
    """Take back what the exit did to a locked charge, except money."""
    waived = Credit.objects.standing().filter(kind=CreditKind.WAIVED, granted_by=opening.person_id)
    for credit in waived.filter(charge=charge, created_at=opening.at):
        reverse_credit_locked(charge, credit, reason=_WORD, at=at)
    cancel_debt_of(charge, at)
    if charge.created_at == opening.at and not charge.credited_amount and not charge.payments.exists():
        # Nothing was assessed or asked for before: it is again as if it had never been.
        assess_locked(charge, lot=lot, label=charge.label, due=0, tax_percent=charge.tax_percent, lines=(), at=at)


def _record(  # noqa: PLR0913 - the facts of one row
    opening: GateEvent, ticket: Ticket, flags: list[str], *, by: User, at: datetime, key: UUID
) -> GateEvent:
    return GateEvent.objects.create(
        lot_id=opening.lot_id,
        gate=opening.gate,
        person=by,
        kind=EventKind.UNDO,
        event_id=key,
        body_hash=read_of(ReadBody(event_id=key)).fingerprint,
        captured_at=at,
        at=at,
        received_at=at,
        plate=opening.plate,
        plate_normalised=opening.plate_normalised,
        action=_WORD,
        reason=_WORD,
        flags=flags,
        ticket=ticket,
        first=opening,
        answer={"event_id": str(key), "of_event": str(opening.event_id), "outcome": _WORD, "replayed": False},
    )
