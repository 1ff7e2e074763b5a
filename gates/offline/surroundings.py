"""What is on record of a car around a record that came late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet

from gates.decision import Action, Direction
from gates.models import EventKind, GateEvent
from gates.offline.timeline import STANDING, Crossing, Ending, StoredStay
from lots.models import Gate
from lots.services import assert_lot_locked
from tickets.models import OPEN, PlateCorrection, Ticket, TicketStatus

_ENDINGS = {TicketStatus.CLOSED: Ending.LEFT, TicketStatus.REVIEW: Ending.MISSED} | dict.fromkeys(OPEN, Ending.INSIDE)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The passages of a car from the last arrival that a late record can't change on, and the stays they made.

    `left_before` is when the car last left before the first of these passages, `missed_before` when it came in before
    them and was not seen leaving.
    """

    crossings: tuple[Crossing, ...]
    stays: tuple[StoredStay, ...]
    left_before: datetime | None
    missed_before: datetime | None


def surroundings(gate: Gate, plate: str, at: datetime) -> Surroundings | None:
    """Load what a late record of `plate` at `at` belongs to; the lot's lock is held.

    None when something else than late records alone made these stays: a live read, a person, a payment or a booking.
    """
    assert_lot_locked(gate.lot_id)
    events = _openings(gate, plate)
    settled = at - STANDING - timedelta(seconds=gate.lot.dedupe_seconds)
    # By the stays: what was an arrival when it came may repeat an earlier read by now.
    arrived = Ticket.objects.filter(lot=gate.lot_id, plate_normalised=plate, entry_at__lte=settled)
    since = arrived.exclude(status=TicketStatus.VOID).aggregate(at=Max("entry_at"))["at"]
    if since is not None:
        events = events.filter(at__gte=since)
    own = list(events.select_related("gate"))
    entries = [event for event in own if event.gate.direction == Direction.ENTRY]
    # A read that was a repetition when it came may have turned into an arrival since: its stay has its time.
    named = Q(pk__in=[event.ticket_id for event in entries if event.ticket_id])
    began = Q(lot=gate.lot_id, plate_normalised=plate, entry_at__in=[event.at for event in entries])
    tickets = list(Ticket.objects.filter(named | began).exclude(status=TicketStatus.VOID).select_related("charge"))
    # A car that was misread at the exit left under another plate.
    misread = GateEvent.objects.filter(ticket__in=tickets, action=Action.OPEN).exclude(pk__in=[one.pk for one in own])
    found = [*own, *misread.select_related("gate")]
    if any(event.kind != EventKind.READ or not event.offline for event in found) or any(map(_is_touched, tickets)):
        return None
    if PlateCorrection.objects.filter(ticket__in=tickets, by__isnull=False).exists():
        return None
    first_at = min((event.at for event in found), default=at)
    return Surroundings(
        tuple(map(_crossing, found)),
        tuple(map(_stored, tickets)),
        _left_before(gate, plate, first_at),
        _missed_before(gate, plate, first_at),
    )


def _left_before(gate: Gate, plate: str, at: datetime) -> datetime | None:
    ended = Ticket.objects.filter(lot=gate.lot_id, plate_normalised=plate, exit_at__lte=at)
    left: datetime | None = ended.filter(status=TicketStatus.CLOSED).aggregate(at=Max("exit_at"))["at"]
    return left


def _missed_before(gate: Gate, plate: str, at: datetime) -> datetime | None:
    stays = Ticket.objects.filter(lot=gate.lot_id, plate_normalised=plate, entry_at__lt=at)
    last = stays.exclude(status=TicketStatus.VOID).order_by("-entry_at", "-id").first()
    return last.entry_at if last is not None and last.status == TicketStatus.REVIEW else None


def _openings(gate: Gate, plate: str) -> QuerySet[GateEvent]:
    gates = Gate.objects.filter(lot=gate.lot_id).values("pk")
    return GateEvent.objects.filter(gate__in=gates, plate_normalised=plate, action=Action.OPEN).order_by()


def _is_touched(ticket: Ticket) -> bool:
    charge = ticket.charge
    paid = charge is not None and bool(charge.captured_amount or charge.credited_amount)
    return paid or ticket.lost or ticket.changed_by_id is not None or ticket.reservation_id is not None


def _crossing(event: GateEvent) -> Crossing:
    return Crossing(
        key=event.pk,
        event_id=event.event_id,
        at=event.at,
        seq=event.seq,
        gate=event.gate_id,
        direction=Direction(event.gate.direction),
        ticket_id=event.ticket_id,
    )


def _stored(ticket: Ticket) -> StoredStay:
    return StoredStay(
        ticket_id=ticket.pk,
        entered_at=ticket.entry_at,
        left_at=ticket.exit_at,
        ending=_ENDINGS[TicketStatus(ticket.status)],
        no_grace=ticket.no_grace,
    )
