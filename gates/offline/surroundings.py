"""What is on record of a car around a record that came late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from django.db.models import Max, Q, QuerySet

from common.plate_hashes import plate_hashes, spellings
from common.regions import regions_meet
from gates.decision import Action, Direction
from gates.decision.known_car import STANDING
from gates.models import EventKind, GateEvent
from gates.offline.timeline import Crossing, Ending, StoredStay
from lots.models import Gate
from lots.services import assert_lot_locked
from tickets.models import OPEN, PlateCorrection, Ticket, TicketQuerySet, TicketStatus

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


def surroundings(gate: Gate, plate: str, region: str | None, at: datetime) -> Surroundings | None:
    """Load what a late record of `plate` at `at` belongs to; the lot's lock is held.

    None when something else than late records alone made these stays: a live read, a person, a payment or a booking;
    and in a lot that tells cars by their `region`, when it may be of several of them.
    """
    assert_lot_locked(gate.lot_id)
    elsewhere = _regions_elsewhere(gate, plate, region)
    if elsewhere is None:
        return None
    stays = _stays(gate, plate).exclude(region__in=elsewhere)
    events = _openings(gate, plate)
    settled = at - STANDING - timedelta(seconds=gate.lot.dedupe_seconds)
    # By the stays: what was an arrival when it came may repeat an earlier read by now.
    arrived = stays.filter(entry_at__lte=settled)
    since = arrived.exclude(status=TicketStatus.VOID).aggregate(at=Max("entry_at"))["at"]
    if since is not None:
        events = events.filter(at__gte=since)
    own = [event for event in events.select_related("gate") if event.read.get("region") not in elsewhere]
    if not own:  # what makes this record late is of another car
        return None
    entries = [event for event in own if event.gate.direction == Direction.ENTRY]
    # A read that was a repetition when it came may have turned into an arrival since: its stay has its time.
    named = Q(pk__in=[event.ticket_id for event in entries if event.ticket_id])
    began = Q(pk__in=stays.filter(entry_at__in=[event.at for event in entries]).values("pk"))
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
        _left_before(stays, first_at),
        _missed_before(stays, first_at),
    )


def reading_that_ran_out(gate: Gate, plate: str, at: datetime) -> GateEvent | None:
    """Return the read at a gate that a late record of its time repeats, whose plate has run out since."""
    dedupe = timedelta(seconds=gate.lot.dedupe_seconds)
    hashes = plate_hashes(plate, gate.lot.operator_id)
    reads = GateEvent.objects.filter(gate=gate, plate_normalised__in=hashes, kind=EventKind.READ, first=None)
    return reads.filter(at__range=(at - dedupe, at + dedupe)).order_by("-id").first()


def _regions_elsewhere(gate: Gate, plate: str, region: str | None) -> frozenset[str] | None:
    """Return the regions, as they were read, of other cars with this plate; None when it may be of several of them."""
    if not gate.lot.plates_by_region:
        return frozenset()
    stays = _stays(gate, plate).order_by().values_list("region", flat=True)
    told = {one for one in (*stays, *_openings(gate, plate).values_list("read__region", flat=True)) if one}
    own = {one for one in told if regions_meet(region, one)}
    if not all(regions_meet(one, other) for one, other in combinations(own, 2)):
        return None
    return frozenset(told - own)


def _left_before(stays: TicketQuerySet, at: datetime) -> datetime | None:
    left: datetime | None = stays.filter(exit_at__lte=at, status=TicketStatus.CLOSED).aggregate(at=Max("exit_at"))["at"]
    return left


def _missed_before(stays: TicketQuerySet, at: datetime) -> datetime | None:
    last = stays.filter(entry_at__lt=at).exclude(status=TicketStatus.VOID).order_by("-entry_at", "-id").first()
    return last.entry_at if last is not None and last.status == TicketStatus.REVIEW else None


def _stays(gate: Gate, plate: str) -> TicketQuerySet:
    return Ticket.objects.filter(lot=gate.lot_id, plate_normalised__in=spellings(plate, gate.lot.operator_id))


def _openings(gate: Gate, plate: str) -> QuerySet[GateEvent]:
    gates = Gate.objects.filter(lot=gate.lot_id).values("pk")
    plates = spellings(plate, gate.lot.operator_id)
    return GateEvent.objects.filter(gate__in=gates, plate_normalised__in=plates, action=Action.OPEN).order_by()


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
