"""Answer out-of-order records: rebuild the car's stays from all its passages and correct the stored ones."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from accounts.vehicles import VehicleType
from gates.decision import Action, Concern, DebtCause, Decision, Direction, Reason, passes_of_car
from gates.models import GateEvent
from gates.offline.surroundings import reading_that_ran_out, surroundings
from gates.offline.timeline import Correction, Crossing, Ending, RebuiltStay, Timeline, corrections, rebuild
from gates.reads.apply import record_event
from gates.reads.context import LoadedContext, plate_read_of
from gates.reads.effects import arrival_of
from gates.reads.events import Sighting, event_of
from gates.reads.reply import build_answer, place_of, repeat_answer
from lots.compatibility import VehicleProfile
from lots.picking import pick_place
from tickets.models import Ticket, TicketStatus
from tickets.services import (
    Place,
    activate_ticket,
    correct_arrival,
    leave_owing,
    open_ticket,
    remember_plate,
    take_back_end,
    void_ticket,
)

WHY = "Corrected by a late record"


def answer_late(sighting: Sighting, loaded: LoadedContext) -> dict[str, Any] | None:
    """Answer a record of a time after which its car has others: the same stays as if it had come in its turn.

    None when something else than records alone made those stays; then the ordinary rules hold. The lot's lock is held.
    """
    read, gate, at = sighting.read, sighting.gate, sighting.moment.at
    if read.plate is None:
        return None
    around = surroundings(gate, read.plate, read.body.region, at)
    if around is None:
        repeated = reading_that_ran_out(gate, read.plate, at)
        return None if repeated is None else _repeated(sighting, repeated)
    timeline = rebuild(
        (*around.crossings, _crossing(sighting)),
        dedupe=timedelta(seconds=gate.lot.dedupe_seconds),
        reentry=timedelta(minutes=gate.lot.reentry_minutes),
        left_before=around.left_before,
        missed_before=around.missed_before,
    )
    changed, matched = corrections(timeline, around.stays)
    tickets = {place: stay.ticket_id for place, stay in matched.items() if stay is not None}
    for ticket_id in tickets.values():
        remember_plate(ticket=_ticket(ticket_id), plate=read.readable_plate or "")
    _correct(changed, timeline, sighting, loaded, tickets)
    return _recorded(sighting, timeline, tickets)


def _crossing(sighting: Sighting) -> Crossing:
    body = sighting.read.body
    return Crossing(
        key=None,
        event_id=body.event_id,
        at=sighting.moment.at,
        seq=body.seq,
        gate=sighting.gate.pk,
        direction=Direction(sighting.gate.direction),
    )


def _correct(
    changed: list[Correction], timeline: Timeline, sighting: Sighting, loaded: LoadedContext, tickets: dict[int, int]
) -> None:
    """Carry corrections out; what is wrong is put aside first, so that no two stays of the car are ever open."""
    for correction in changed:
        if correction.stored is not None and _is_put_aside(correction):
            ticket = take_back_end(ticket=_ticket(correction.stored.ticket_id), at=sighting.moment.at, why=WHY)
            if correction.rebuilt is None:
                void_ticket(ticket=ticket, at=sighting.moment.at, why=WHY)
    for correction in changed:
        if correction.rebuilt is not None:
            ticket = _corrected(correction, correction.rebuilt, sighting, loaded)
            tickets[timeline.stays.index(correction.rebuilt)] = ticket.pk


def _is_put_aside(correction: Correction) -> bool:
    """Return whether a stored stay ended otherwise, or never was."""
    stored, rebuilt = correction.stored, correction.rebuilt
    if stored is None or stored.ending is Ending.MISSED:
        return False
    if rebuilt is None or stored.ending is Ending.LEFT:
        return True
    return rebuilt.ending is Ending.MISSED


def _corrected(correction: Correction, rebuilt: RebuiltStay, sighting: Sighting, loaded: LoadedContext) -> Ticket:
    """Change one stay to the rebuilt one, and return it as it was found."""
    if correction.stored is None:
        ticket = _opened(rebuilt, sighting, loaded)
    else:
        ticket = _ticket(correction.stored.ticket_id)
        if not correction.stored.same_arrival(rebuilt):
            ticket = correct_arrival(ticket=ticket, entry_at=rebuilt.entered_at, no_grace=rebuilt.no_grace)
    if rebuilt.left_at is not None:  # by the rules of a record: what it costs is owed
        seen = sighting.read.readable_plate
        owed_by = ticket.plate or seen or ""
        cause = DebtCause.UNPAID
        leave_owing(ticket=ticket, plate=owed_by, at=rebuilt.left_at, cause=cause, why=WHY, exit_plate=seen)
    elif rebuilt.ending is Ending.INSIDE and ticket.status == TicketStatus.REVIEW:
        place = _free_place(sighting, _vehicle_of(ticket))
        activate_ticket(ticket=ticket, at=sighting.moment.at, why=WHY, place=place)
    return ticket


def _free_place(sighting: Sighting, vehicle: VehicleProfile) -> Place | None:
    found = pick_place(lot=sighting.gate.lot, vehicle=vehicle, gate_level=sighting.gate.level)
    return Place(level_id=found.level_id, spot_type=found.spot_type, spot_id=found.spot_id) if found else None


def _vehicle_of(ticket: Ticket) -> VehicleProfile:
    vehicle_type = VehicleType(ticket.vehicle_type)
    return VehicleProfile(vehicle_type, electric=ticket.electric, permit=ticket.permit)


def _opened(rebuilt: RebuiltStay, sighting: Sighting, loaded: LoadedContext) -> Ticket:
    """Open a stay; one that is over by now has no spot of its own, only the type that it would have been given.

    A record of an entry has the pass that was valid then.
    """
    inside, vehicle = rebuilt.ending is Ending.INSIDE, loaded.vehicle
    held, full = passes_of_car(plate_read_of(sighting.read, vehicle), loaded.context, None)
    held = held or full
    place = _free_place(sighting, vehicle)
    if place is not None and not inside:
        place = replace(place, spot_id=None)
    return open_ticket(
        lot=sighting.gate.lot,
        arrival=arrival_of(sighting.read.body, vehicle),
        place=place,
        at=rebuilt.entered_at,
        why=WHY,
        status=TicketStatus.ACTIVE if inside else TicketStatus.REVIEW,
        no_grace=rebuilt.no_grace,
        held_pass_id=held.pass_id if held else None,
    )


def _recorded(sighting: Sighting, timeline: Timeline, tickets: Mapping[int, int]) -> dict[str, Any]:
    """Write the event down and return its answer."""
    first = timeline.repeats.get(None)
    if first is not None and first.key is not None:
        return _repeated(sighting, GateEvent.objects.get(pk=first.key))
    stay = timeline.stay_of(None)
    ticket = None if stay is None else _ticket(tickets[timeline.stays.index(stay)])
    decision = _decision(sighting, timeline, stay, ticket)
    answer = build_answer(
        event_id=sighting.read.body.event_id,
        gate=sighting.gate,
        decision=decision,
        ticket=ticket,
        fee=None,
        at=sighting.moment.at,
        place=place_of(ticket) if ticket else None,
    )
    record_event(event_of(sighting, decision, answer, ticket_id=ticket.pk if ticket else None))
    return answer


def _repeated(sighting: Sighting, known: GateEvent) -> dict[str, Any]:
    decision = Decision(action=Action(known.action), reason=Reason(known.reason), ticket_id=known.ticket_id)
    answer = repeat_answer(known.answer, event_id=sighting.read.body.event_id, replayed=False)
    record_event(event_of(sighting, decision, answer, ticket_id=known.ticket_id, first=known))
    return answer


def _decision(sighting: Sighting, timeline: Timeline, stay: RebuiltStay | None, ticket: Ticket | None) -> Decision:
    if stay is None or ticket is None:
        return Decision(action=Action.OPEN, reason=Reason.UNATTENDED, concerns=(Concern.NO_TICKET,))
    if sighting.gate.direction == Direction.EXIT:
        reason = Reason(ticket.closed_reason)
        concerns = (Concern.OWED,) if reason is Reason.OWED else ()
        return Decision(action=Action.OPEN, reason=reason, ticket_id=ticket.pk, concerns=concerns)
    place = timeline.stays.index(stay)
    if place and timeline.stays[place - 1].ending is Ending.MISSED:
        return Decision(action=Action.OPEN, reason=Reason.REENTRY, ticket_id=ticket.pk, concerns=(Concern.MISSED_EXIT,))
    return Decision(action=Action.OPEN, reason=Reason.OK, ticket_id=ticket.pk)


def _ticket(ticket_id: int) -> Ticket:
    return Ticket.objects.select_related("lot", "level", "spot__zone").get(pk=ticket_id)
