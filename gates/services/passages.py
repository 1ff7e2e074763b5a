"""At a gate whose barrier confirms passages a decision is a promise; here it is kept or undone."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from billing.models import Payment
from common.errors import ConflictError, NotFoundError
from devices.models import Device
from gates.decision import MAX_DECLINES, DebtCause
from gates.models import HOLD_OPEN, EventKind, GateEvent
from gates.reads.events import Moment, believed
from gates.reads.load import SILENCE
from lots.models import Gate
from lots.services import lock_lot
from reservations.services import complete_reservation
from tickets.models import Ticket, TicketStatus
from tickets.services import (
    activate_ticket,
    assess_ticket,
    close_ticket,
    leave_owing,
    review_ticket,
    void_ticket,
)


class NotAnOpeningError(ConflictError):
    """The event that a passage refers to did not open this gate."""

    code = "not_an_opening"


class PassageConflictError(ConflictError):
    """The passage's event id was used before for something else."""

    code = "event_conflict"


FAULT = "fault"
_SETTLING = Q(kind=EventKind.PASSAGE, action__in=["passed", "backed_out"]) | Q(kind=EventKind.UNDO)
"""What ends the promise of an opening for good; after a fault a car may still have passed."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What a barrier controller saw after an opening, or at a gate held open: passed, backed_out or fault."""

    event_id: UUID
    of_event: UUID | None
    outcome: str
    at: datetime

    @property
    def fingerprint(self) -> bytes:
        """Return a hash that tells bodies apart; a passage without its own time may be sent again at another."""
        return hashlib.sha256(f"{self.of_event} {self.outcome}".encode()).digest()


@transaction.atomic
def confirm_passage(*, device: Device, gate_id: int, passage: Passage, received_at: datetime) -> dict[str, Any]:
    """Keep or undo the promise of an opening: the stay opens or closes when the car passed, not when it backed out.

    While the gate is held open a passage needs no promise. The same event answers the same again. Raises NotFoundError,
    NotAnOpeningError, PassageConflictError.
    """
    lock_lot(device.lot_id)
    gate = Gate.objects.select_related("lot").get(pk=gate_id)
    earlier = GateEvent.objects.filter(device=device, event_id=passage.event_id).first()
    if earlier is not None:
        if bytes(earlier.body_hash) != passage.fingerprint:
            raise PassageConflictError(_("This event_id was already used for something else."))
        return dict(earlier.answer) | {"replayed": True}
    opening = _opening(gate, passage)
    moment = believed(passage.at, received_at)
    if opening is not None:
        moment = replace(moment, at=max(moment.at, opening.at))
        _settle(opening, passage.outcome, moment.at)
    flags = [FAULT] if passage.outcome == FAULT else []
    return dict(_record(gate, opening, passage, moment, device=device, flags=flags).answer)


def _opening(gate: Gate, passage: Passage) -> GateEvent | None:
    """Return the opening that a passage followed; None for a car that needed none, as the gate is held open.

    Raises NotFoundError, NotAnOpeningError.
    """
    if passage.of_event is None:
        if not _is_held_by(gate, passage.at):
            raise NotAnOpeningError(_("Say which event opened the gate."))
        return None
    named = (
        GateEvent.objects.filter(gate=gate, event_id=passage.of_event).select_related("first").order_by("id").first()
    )
    if named is None:
        raise NotFoundError(_("This gate has no such event."), code="event_not_found")
    opening = named.first or named  # a car that was read again was promised once
    if named.kind not in {EventKind.PASSAGE, EventKind.UNDO} and opening.action == "open":
        return opening
    if not _is_held_by(gate, passage.at):
        raise NotAnOpeningError(_("That event did not open the gate."))
    return None


def _is_held_by(gate: Gate, at: datetime) -> bool:
    """Return whether a gate is held open, or was at this time."""
    if gate.is_held_open:
        return True
    last = GateEvent.objects.filter(gate=gate, kind=EventKind.HOLD, at__lte=at).order_by("-id").first()
    return last is not None and last.action == HOLD_OPEN


def _was_held(opening: GateEvent) -> bool:
    """Return whether the gate was held open when this was read: then it promised nothing."""
    before = GateEvent.objects.filter(gate=opening.gate_id, kind=EventKind.HOLD, pk__lt=opening.pk)
    last = before.order_by("-id").first()
    return last is not None and last.action == HOLD_OPEN


def confirm_silent_passages(*, at: datetime, limit: int = 200) -> int:
    """Count cars as passed whose barrier kept silent, list them as unconfirmed, and return how many."""
    silent = _unconfirmed(at)[:limit]
    for opening in silent:
        _confirm_silent(opening, at)
    return len(silent)


@transaction.atomic
def _confirm_silent(opening: GateEvent, at: datetime) -> None:
    lock_lot(opening.lot_id)
    if _has_report(opening, at):
        return
    _settle(opening, "passed", opening.at)
    passage = Passage(event_id=uuid4(), of_event=opening.event_id, outcome="passed", at=at)
    _record(opening.gate, opening, passage, Moment(at, at, at), device=opening.device, flags=["unconfirmed"])


def _unconfirmed(at: datetime) -> list[GateEvent]:
    """Return openings at confirming gates that no passage has settled in time."""
    openings = GateEvent.objects.filter(
        gate__confirms_passage=True,
        action="open",
        kind__in=[EventKind.READ, EventKind.PERSON, EventKind.RELEASE],
        offline=False,
        first=None,
        at__range=(at - timedelta(days=1), at - SILENCE),
        ticket__isnull=False,
    ).select_related("gate__lot", "device")
    openings = openings.exclude(Exists(GateEvent.objects.filter(_SETTLING, first=OuterRef("pk"))))
    return [opening for opening in openings.order_by("id") if not (_has_report(opening, at) or _was_held(opening))]


def _has_report(opening: GateEvent, at: datetime) -> bool:
    """Return whether a passage was reported or undone; a fault counts until the lane opens and is silent again."""
    told = opening.repeats.filter(kind__in=[EventKind.PASSAGE, EventKind.UNDO]).order_by("id").last()
    if told is None or told.action != FAULT:
        return told is not None
    again = opening.repeats.filter(kind=EventKind.READ, action="open", pk__gt=told.pk).order_by("id").last()
    return again is None or again.at > at - SILENCE


def _is_settled(opening: GateEvent) -> bool:
    """Return whether the car has passed or backed out, or a person undid its exit."""
    return opening.repeats.filter(_SETTLING).exists()


def _settle(opening: GateEvent, outcome: str, at: datetime) -> None:
    ticket = opening.ticket
    if ticket is None or _is_settled(opening):
        return
    # A car whose entry was never confirmed may be leaving already.
    entering = ticket.status == TicketStatus.ENTERING and opening.gate.direction == "entry"
    if outcome == "passed":
        if entering:
            activate_ticket(ticket=ticket, at=at, why=f"passed {opening.gate}")
        elif ticket.is_open and opening.gate.direction == "exit":
            _leave(ticket, opening, at)
    elif outcome == "backed_out":
        why = f"backed out of {opening.gate}"
        if entering:
            void_ticket(ticket=ticket, at=at, why=why)
        elif ticket.is_open and opening.gate.direction == "entry" and _was_held(opening):
            review_ticket(ticket=ticket, at=at, why=why)


def _leave(ticket: Ticket, opening: GateEvent, at: datetime) -> None:
    if ticket.reservation_id is not None:
        complete_reservation(reservation_id=ticket.reservation_id)
    why = f"{opening.reason} at {opening.gate}"
    plate = ticket.plate or opening.readable_plate
    seen = opening.readable_plate
    if opening.reason == "owed" and plate:
        cause = _cause(ticket, opening)
        leave_owing(ticket=ticket, plate=plate, at=opening.at, left_at=at, cause=cause, why=why, exit_plate=seen)
        return
    charge = assess_ticket(ticket=ticket, at=opening.at)
    if charge is not None and charge.balance_amount > 0:  # refunded between the opening and the passage
        if plate is None:
            review_ticket(ticket=ticket, at=at, why=why)
            return
        cause = DebtCause.REFUNDED
        leave_owing(ticket=ticket, plate=plate, at=opening.at, left_at=at, cause=cause, why=why, exit_plate=seen)
        return
    close_ticket(ticket=ticket, at=at, reason=opening.reason, why=why, exit_plate=seen)


def _cause(ticket: Ticket, opening: GateEvent) -> DebtCause:
    """Return why the lane let the car go unpaid, from the payments that were tried by then."""
    tried = Payment.objects.filter(charge=ticket.charge_id, created_at__lte=opening.received_at)
    failures = list(tried.order_by("-created_at", "-id").values_list("failure", flat=True)[:MAX_DECLINES])
    if failures.count("declined") >= MAX_DECLINES:
        return DebtCause.DECLINED
    last = failures[0] if failures else "declined"
    if last == "declined":
        return DebtCause.UNANSWERED
    return DebtCause.PARTIAL if last == "partial" else DebtCause.UNAVAILABLE


def _record(  # noqa: PLR0913 - the facts of one row
    gate: Gate,
    opening: GateEvent | None,
    passage: Passage,
    moment: Moment,
    *,
    device: Device | None,
    flags: list[str],
) -> GateEvent:
    return GateEvent.objects.create(
        lot_id=gate.lot_id,
        gate=gate,
        device=device,
        person=opening.person if opening and not device else None,
        kind=EventKind.PASSAGE,
        event_id=passage.event_id,
        body_hash=passage.fingerprint,
        captured_at=moment.captured_at,
        at=moment.at,
        received_at=moment.received_at,
        skew_seconds=moment.skew_seconds,
        plate=opening.plate if opening else None,
        plate_normalised=opening.plate_normalised if opening else None,
        action=passage.outcome,
        reason=passage.outcome,
        flags=flags,
        ticket_id=opening.ticket_id if opening else None,
        first=opening,
        answer={
            "event_id": str(passage.event_id),
            "of_event": str(passage.of_event) if passage.of_event else None,
            "outcome": passage.outcome,
            "replayed": False,
        },
    )
