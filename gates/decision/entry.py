"""The rules of an entry lane, in their order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from common.regions import regions_meet
from gates.decision.context import Booking, Context, HeldPass, OpenStay, PlateRead
from gates.decision.known_car import (
    expected_booking,
    has_just_left,
    is_standing,
    owes_prepayment,
    passes_of_car,
    stays_of_car,
)
from gates.decision.outcome import (
    Action,
    ActivateReservation,
    Concern,
    Decision,
    Effect,
    FreeOldSpot,
    OpenTicket,
    Reason,
    Review,
    ReviewTicket,
    TakeOtherSpot,
    TakeReservedSpot,
    TakeSpot,
)
from lots.compatibility import SpotType, spot_types_for
from lots.gate_rules import LowConfidence
from tickets.matching import MatchKind

PASSBACK = timedelta(minutes=2)
"""A plate seen at two entry gates within this time is a passed-back ticket or a copied plate."""
YOUNG = timedelta(hours=24)
"""Up to this age a stay whose exit was missed takes grace and free minutes from the one that follows it."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    read: PlateRead
    context: Context
    booking: Booking | None
    held_pass: HeldPass | None
    full_pass: HeldPass | None  # one whose pool has no room
    inside: OpenStay | None  # the stay this plate already has here
    several: tuple[OpenStay, ...] = ()  # those it may be, of cars from elsewhere with the same plate

    @property
    def walk_in(self) -> bool:
        return self.booking is None and self.entered_by is None

    @property
    def closed(self) -> bool:
        return self.walk_in and (self.context.policy.closed or self.context.lane.closed)

    @property
    def beyond_pool(self) -> bool:
        """A garage that was cut off let it in on its full pass; a person, or a lane held open, lets in a walk-in."""
        lane = self.context.lane
        return self.full_pass is not None and self.read.offline and not lane.attended and not lane.held_open

    @property
    def entered_by(self) -> HeldPass | None:
        return self.full_pass if self.beyond_pool else self.held_pass

    @property
    def passed_back(self) -> bool:
        return self.entered_by is not None and self.entered_by.elsewhere_at is not None

    @property
    def blocked(self) -> bool:
        return self.context.is_blocked(self.read)

    @property
    def must_prepay(self) -> bool:
        return not self.blocked and owes_prepayment(self.read, self.context)

    @property
    def from_elsewhere(self) -> bool:
        """Something of this plate is from another region, in a lot that doesn't tell cars by it."""
        regions = [one.region for one in (self.inside, self.booking, self.entered_by) if one is not None]
        if any(not regions_meet(self.read.region, region) for region in regions):
            return True
        blocks = self.context.blocks_of(self.read)
        return bool(blocks) and not any(regions_meet(self.read.region, block.region) for block in blocks)

    @property
    def poorly_read(self) -> bool:
        if self.several:  # with its region it would be one of them, or another car
            return self.read.offline
        weak = self.read.plate is None or self.read.confidence < self.context.policy.confidence_threshold
        return weak and self.walk_in and self.inside is None

    @property
    def types(self) -> tuple[SpotType, ...]:
        return spot_types_for(self.read.vehicle)

    def count(self, numbers: Mapping[SpotType, int]) -> int:
        return sum(numbers.get(spot_type, 0) for spot_type in self.types)

    @property
    def free(self) -> int:
        """The free spots that fit, with the one its missed exit gives back unless another car waits for that."""
        missed = self.inside
        given_back = missed is not None and missed.spot_type in self.types and not missed.awaited
        return self.count(self.context.free) + given_back


def decide_entry(read: PlateRead, context: Context) -> Decision:
    """Answer a read at an entry lane that is no repetition; one that is held open takes every car in."""
    usual = _decide(read, context)
    if not context.lane.held_open or usual.action is Action.OPEN:
        return usual
    entered = _decide(replace(read, offline=True), context)  # as a record of what happened
    return replace(entered, concerns=tuple(dict.fromkeys((Concern.HELD_OPEN, *usual.concerns, *entered.concerns))))


def _decide(read: PlateRead, context: Context) -> Decision:
    inside, several = stays_of_car(read, context)
    arrival = _Arrival(
        read, context, expected_booking(read, context), *passes_of_car(read, context, inside), inside, several
    )
    refused = None if read.offline else _refusal(arrival)
    return refused or _already_inside(arrival) or _unpaid(arrival) or _entering(arrival)


def _entering(arrival: _Arrival) -> Decision:
    return _with_booking(arrival) or _with_pass(arrival) or _walk_in(arrival)


def _refusal(arrival: _Arrival) -> Decision | None:
    if arrival.closed:
        return Decision(action=Action.DENY, reason=Reason.CLOSED)
    if arrival.blocked:
        elsewhere = (Concern.REGION_MISMATCH,) if arrival.from_elsewhere else ()
        return Decision(action=Action.DENY, reason=Reason.BLOCKED, concerns=(Concern.BLOCKED, *elsewhere))
    if arrival.poorly_read and arrival.context.policy.low_confidence is LowConfidence.ATTEND:
        return Decision(action=Action.ATTEND, reason=Reason.LOW_CONFIDENCE, concerns=(Concern.LOW_CONFIDENCE,))
    return None


def _unpaid(arrival: _Arrival) -> Decision | None:
    """Leave a car that has to prepay, and has not, to a person; whatever entitles it otherwise."""
    if arrival.read.offline or not arrival.must_prepay:
        return None
    elsewhere = (Concern.REGION_MISMATCH,) if arrival.from_elsewhere else ()
    return Decision(action=Action.ATTEND, reason=Reason.PREPAY, concerns=(Concern.PREPAY, *elsewhere))


def _already_inside(arrival: _Arrival) -> Decision | None:
    """Answer a car that already has a stay here and is no missed exit."""
    stay, context = arrival.inside, arrival.context
    if stay is None:
        return _one_of_several(arrival)
    age = abs(context.now - stay.entered_at)
    if is_standing(stay, arrival.read, context):
        late = age > timedelta(seconds=context.policy.dedupe_seconds) and not arrival.read.offline
        again = Decision(action=Action.OPEN, reason=stay.entry_reason, repeats=stay.entry_event)
        return _about(arrival, stay, replace(again, concerns=(Concern.REPEATED,) if late else ()))
    if arrival.read.offline:
        return _late_record(arrival, stay)
    if stay.entry_gate != context.lane.code and age <= PASSBACK:
        passback = Decision(action=Action.ATTEND, reason=Reason.PASSBACK, concerns=(Concern.PASSBACK,))
        return _about(arrival, stay, passback)
    return None


def _one_of_several(arrival: _Arrival) -> Decision | None:
    """Leave it to a person which of several cars this is, or whether it is yet another.

    A record opens a numbered stay: the exit of none of them was surely missed.
    """
    if not arrival.several or arrival.read.offline:
        return None
    suggested = tuple(stay.ticket_id for stay in arrival.several)
    return Decision(
        action=Action.ATTEND, reason=Reason.AMBIGUOUS, match_kind=MatchKind.AMBIGUOUS, suggestions=suggested
    )


def _late_record(arrival: _Arrival, stay: OpenStay) -> Decision | None:
    # A record older than the stay it meets can't have ended that stay: a person sorts it out.
    if arrival.context.now >= stay.entered_at:
        return None
    concern = Concern.OUT_OF_ORDER
    known = Decision(action=Action.OPEN, reason=Reason.REENTRY, effects=(Review(concern),), concerns=(concern,))
    return _about(arrival, stay, known)


def _about(arrival: _Arrival, stay: OpenStay, decision: Decision) -> Decision:
    elsewhere = () if regions_meet(arrival.read.region, stay.region) else (Concern.REGION_MISMATCH,)
    concerns = (*decision.concerns, *elsewhere)
    return replace(decision, ticket_id=stay.ticket_id, match_kind=MatchKind.EXACT, concerns=concerns)


def _with_booking(arrival: _Arrival) -> Decision | None:
    booking = arrival.booking
    if booking is None:
        return None
    key = booking.reservation_id
    if booking.spot_free and not booking.no_show:
        return _open(arrival, Reason.RESERVATION, ActivateReservation(key), TakeReservedSpot(key))
    if arrival.free > 0:
        return _open(arrival, Reason.RESERVATION, ActivateReservation(key), TakeOtherSpot(key, arrival.types))
    if arrival.read.offline:
        return _open(arrival, Reason.RESERVATION, ActivateReservation(key))
    if booking.no_show:
        return None
    return Decision(action=Action.ATTEND, reason=Reason.FULL, reservation_id=key, concerns=(Concern.BROKEN_PROMISE,))


def _with_pass(arrival: _Arrival) -> Decision | None:
    held, full = arrival.entered_by, arrival.full_pass
    if held is None:
        # Only for exactly the pass's plate: one that is read alike may be another car.
        if full is None or not full.refuses or full.plate != arrival.read.plate or arrival.read.offline:
            return None
        return Decision(action=Action.DENY, reason=Reason.POOL_FULL)
    since = held.elsewhere_at
    if since is not None and abs(arrival.context.now - since) <= PASSBACK and not arrival.read.offline:
        return Decision(action=Action.ATTEND, reason=Reason.PASSBACK, concerns=(Concern.PASSBACK,))
    return _on_any_spot(arrival, Reason.PASS, keep=0)


def _walk_in(arrival: _Arrival) -> Decision:
    return _on_any_spot(arrival, Reason.OK, keep=arrival.count(arrival.context.promised))


def _on_any_spot(arrival: _Arrival, reason: Reason, *, keep: int) -> Decision:
    if arrival.read.offline:  # the car is in, even on a promised spot
        keep = 0
    if arrival.free > keep:
        return _open(arrival, reason, TakeSpot(arrival.types, keep))
    if arrival.read.offline:
        return _open(arrival, reason)
    return Decision(action=Action.DENY, reason=Reason.FULL)


def _open(arrival: _Arrival, entitlement: Reason, *effects: Effect) -> Decision:
    """Open for a new stay; a missed exit is cleared away before it."""
    missed = arrival.inside
    reason = entitlement if missed is None else Reason.REENTRY
    booking = arrival.booking if entitlement is Reason.RESERVATION else None
    held_pass = arrival.entered_by if entitlement is Reason.PASS else None
    ticket = OpenTicket(
        plate=None if arrival.several else arrival.read.plate,
        reason=reason,
        reservation_id=booking.reservation_id if booking else None,
        pass_id=held_pass.pass_id if held_pass else None,
        no_grace=_just_left(arrival.context) or _is_young(missed, arrival.context),
    )
    return Decision(
        action=Action.OPEN,
        reason=reason,
        effects=(*_clear_away(missed), ticket, *effects),
        reservation_id=ticket.reservation_id,
        pass_id=ticket.pass_id,
        concerns=_concerns(arrival, effects),
    )


def _clear_away(missed: OpenStay | None) -> tuple[Effect, ...]:
    if missed is None:
        return ()
    review = ReviewTicket(missed.ticket_id)
    return (review,) if missed.spot_type is None else (review, FreeOldSpot(missed.ticket_id))


def _just_left(context: Context) -> bool:
    return has_just_left(context.left_at, at=context.now, reentry_minutes=context.policy.reentry_minutes)


def _is_young(missed: OpenStay | None, context: Context) -> bool:
    """Return whether the car came in less than a day ago and was not seen leaving: it may never have left."""
    return missed is not None and context.now - missed.entered_at < YOUNG


def _concerns(arrival: _Arrival, effects: tuple[Effect, ...]) -> tuple[Concern, ...]:
    has_spot = any(isinstance(effect, TakeSpot | TakeReservedSpot | TakeOtherSpot) for effect in effects)
    return tuple(
        concern
        for concern, present in (
            (Concern.CLOSED, arrival.closed),
            (Concern.BLOCKED, arrival.blocked),
            (Concern.PREPAY, arrival.must_prepay),
            (Concern.LOW_CONFIDENCE, arrival.poorly_read),
            (Concern.MISSED_EXIT, arrival.inside is not None),
            (Concern.REGION_MISMATCH, arrival.from_elsewhere),
            (Concern.POOL_FULL, arrival.beyond_pool and arrival.booking is None),
            (Concern.PASSBACK, arrival.passed_back and arrival.booking is None),
            (Concern.NO_SPOT, not has_spot),
        )
        if present
    )
