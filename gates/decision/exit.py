"""The rules of an exit lane, in their order: an exit is never denied, and a car is never trapped."""

from dataclasses import dataclass, replace

from common.plates import skeleton
from common.regions import regions_meet
from gates.decision.context import Context, Due, EarlierAnswer, OpenStay, PaymentKind, PaymentResult, PlateRead
from gates.decision.outcome import (
    Action,
    AddDebt,
    Capture,
    CloseTicket,
    CompleteReservation,
    Concern,
    DebtCause,
    Decision,
    Effect,
    FreeOldSpot,
    FreeSpot,
    Reason,
    Review,
    ReviewTicket,
)
from gates.decision.repeats import answer_again, waited_too_long
from gates.decision.same_car import is_read_well, was_another_asked
from tickets.matching import Match, MatchKind, match

MAX_DECLINES = 2
"""The decline after which an unattended lane opens and the fee becomes a debt."""
_CAUSES = {PaymentKind.PARTIAL: DebtCause.PARTIAL, PaymentKind.UNAVAILABLE: DebtCause.UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class _LeavingCar:
    read: PlateRead
    context: Context
    stay: OpenStay
    kind: MatchKind

    @property
    def must_open(self) -> bool:
        """The car has left already, or has waited too long for an answer, or nothing stops it."""
        return self.read.offline or waited_too_long(self.context) or self.context.lane.held_open

    @property
    def result(self) -> PaymentResult | None:
        return self.context.due.payment or self.context.due.automatic

    @property
    def declines(self) -> int:
        results = (self.context.due.automatic, self.context.due.payment)
        declined = [result for result in results if result is not None and result.kind is PaymentKind.DECLINED]
        return self.context.due.declines_so_far + len(declined)

    @property
    def cause(self) -> DebtCause:
        """Why the fee stays unpaid when the car leaves now."""
        if self.declines >= MAX_DECLINES:
            return DebtCause.DECLINED
        if self.result is not None and self.result.kind in _CAUSES:
            return _CAUSES[self.result.kind]
        return DebtCause.UNPAID if self.read.offline else DebtCause.UNANSWERED

    @property
    def debtor(self) -> str | None:
        """The plate a debt may stand on: the stay's, else one that was read well."""
        well_read = self.read.confidence >= self.context.policy.confidence_threshold
        return self.stay.plate or (self.read.plate if well_read else None)

    @property
    def other_car(self) -> bool:
        """The ticket was scanned, but the camera saw another stay's plate, or one that isn't like the ticket's."""
        if self.kind is not MatchKind.TICKET:
            return False
        seen, own = self.read.plate, self.stay.plate
        if seen is not None and own is not None and skeleton(seen) != skeleton(own):
            return True
        is_own = seen == own and is_read_well(self.read, self.context)
        return not is_own and was_another_asked(self.context, self.stay.ticket_id)

    @property
    def from_elsewhere(self) -> bool:
        """The camera saw the stay's plate, but of another region."""
        return not self.other_car and not regions_meet(self.read.region, self.stay.region)


def match_stay(read: PlateRead, context: Context) -> Match[OpenStay]:
    """Find the stay a read at an exit means: by the scanned number or token, else by plate, and region if it counts."""
    if read.ticket:
        for stay in context.stays:
            if read.ticket in {stay.number, stay.token}:
                return Match(MatchKind.TICKET, car=stay)
    region = context.region_of(read)
    return match(plate=read.plate, candidates=read.candidates, cars=context.stays, region=region)


def decide_exit(read: PlateRead, context: Context) -> Decision:
    """Answer a read at an exit lane that is no repetition."""
    found = match_stay(read, context)
    if found.car is None:
        return _still_standing(read, context) or _unknown_car(read, context, found)
    own = stay_of_plate(read, context, found)
    if own is not None and context.plate_owes > 0:
        return _with_ticket_of_another(read, context, own, scanned=found.car)
    return _settle(_LeavingCar(read, context, found.car, found.kind))


def stay_of_plate(read: PlateRead, context: Context, found: Match[OpenStay]) -> OpenStay | None:
    """Return the stay of exactly the plate that was read well, when the ticket scanned is another one's."""
    if found.kind is not MatchKind.TICKET or not is_read_well(read, context):
        return None
    own = [stay for stay in context.stays if stay.plate is not None and stay.plate == read.plate]
    own = [stay for stay in own if context.meets(read, stay.region)]
    # A plate without its region may be of several, among them the scanned ticket's.
    return own[0] if len(own) == 1 and own[0] != found.car else None


def _with_ticket_of_another(read: PlateRead, context: Context, own: OpenStay, *, scanned: OpenStay) -> Decision:
    """Leave a car that owes and shows another's ticket to a person; unanswered, its own stay leaves owing."""
    departure = _LeavingCar(read, replace(context, due=Due(amount=context.plate_owes)), own, MatchKind.EXACT)
    if departure.must_open:
        return _settle(departure)
    return Decision(
        action=Action.ATTEND,
        reason=Reason.AMBIGUOUS,
        match_kind=MatchKind.AMBIGUOUS,
        concerns=(Concern.PLATE_MISMATCH,),
        suggestions=(own.ticket_id, scanned.ticket_id),
    )


def _still_standing(read: PlateRead, context: Context) -> Decision | None:
    """Open again for a car whose stay has ended but that has not driven on yet."""
    opened = context.last_opening
    if opened is None or read.offline:
        return None
    return answer_again(opened, context)


def _unknown_car(read: PlateRead, context: Context, found: Match[OpenStay]) -> Decision:
    suggestions = tuple(stay.ticket_id for stay in found.suggestions)
    if context.lane.held_open and not read.offline:
        return Decision(
            action=Action.OPEN,
            reason=Reason.HELD_OPEN,
            match_kind=found.kind,
            concerns=(Concern.NO_TICKET, Concern.HELD_OPEN),
            suggestions=suggestions,
        )
    if read.offline or waited_too_long(context):
        return Decision(
            action=Action.OPEN,
            reason=Reason.UNATTENDED,
            effects=(Review(Concern.NO_TICKET),) if read.offline else (),
            match_kind=found.kind,
            concerns=(Concern.NO_TICKET,) if read.offline else (Concern.NO_TICKET, Concern.UNANSWERED),
            suggestions=suggestions,
        )
    reason = Reason.AMBIGUOUS if found.kind is MatchKind.AMBIGUOUS else Reason.NO_TICKET
    return Decision(action=Action.ATTEND, reason=reason, match_kind=found.kind, suggestions=suggestions)


def _settle(car: _LeavingCar) -> Decision:
    due = car.context.due
    if car.read.offline and car.context.now < car.stay.entered_at:
        return _answer(car, Action.OPEN, Reason.UNATTENDED, _to_review(car.stay), Concern.OUT_OF_ORDER)
    if car.stay.promise is not None and car.stay.promised_at == car.context.lane.code and not car.read.offline:
        return _promised_already(car, car.stay.promise)
    if _leaves_elsewhere(car) and not (car.must_open or car.context.lane.attended):
        return _answer(car, Action.ATTEND, Reason.PASSBACK, (), Concern.PROMISED_TWICE)
    if _is_for_a_person(car):
        return _of_old_record(car)
    if due.amount <= 0:
        return _leave(car, due.why_free or Reason.GRACE)
    return _with_fee(car)


def _with_fee(car: _LeavingCar) -> Decision:
    due, result = car.context.due, car.result
    if result is None:
        return _unpaid(car, due.amount, given_up=False)
    if result.kind is PaymentKind.SUCCEEDED and result is due.automatic:
        return _leave(car, Reason.CHARGED, Capture(car.stay.ticket_id, due.amount))
    rest = due.amount - result.captured if result.kind is PaymentKind.PARTIAL else due.amount
    if result.kind is PaymentKind.SUCCEEDED or rest <= 0:
        return _leave(car, Reason.PAID)
    return _unpaid(car, rest, given_up=result.kind is not PaymentKind.DECLINED)


def _promised_already(car: _LeavingCar, promise: EarlierAnswer) -> Decision:
    """Open again for the car that this lane has been opened for: a stay has one promise to leave at a time."""
    again = answer_again(promise, car.context)
    return replace(again, concerns=(*again.concerns, Concern.PLATE_MISMATCH)) if car.other_car else again


def _leaves_elsewhere(car: _LeavingCar) -> bool:
    """Return whether another lane has been opened for this stay and has not reported yet."""
    return car.stay.promised_at not in {None, car.context.lane.code}


def _is_for_a_person(car: _LeavingCar) -> bool:
    """Return whether the stay began with a record from long ago, whose price, were it nothing, no lane may believe."""
    if not car.stay.of_old_record or car.result is not None or car.read.offline or car.context.lane.attended:
        return False
    return car.context.due.amount > 0 or car.context.due.why_free in {None, Reason.GRACE}


def _of_old_record(car: _LeavingCar) -> Decision:
    """Let a person price a stay that began with a record from long ago; unanswered it leaves and owes nothing."""
    if not car.must_open:
        return _answer(car, Action.ATTEND, Reason.OWED, (), Concern.OLD_RECORD)
    held = (Concern.HELD_OPEN,) if car.context.lane.held_open else ()
    reason = Reason.HELD_OPEN if held else Reason.UNATTENDED
    return _answer(car, Action.OPEN, reason, _to_review(car.stay), Concern.OLD_RECORD, *held)


def _unpaid(car: _LeavingCar, amount: int, *, given_up: bool) -> Decision:
    """Ask for the money, or let the car go with a debt when asking has come to its end.

    At an attended desk it never does by itself: the attendant takes cash, another card, or lets the car go. Out of a
    lane that is held open it drives in any case: a person decides whether it owes.
    """
    if car.context.lane.held_open and not car.read.offline:
        return _answer(car, Action.OPEN, Reason.HELD_OPEN, _to_review(car.stay), Concern.HELD_OPEN, amount=amount)
    at_an_end = (given_up or car.declines >= MAX_DECLINES) and not car.context.lane.attended
    if not (at_an_end or car.must_open):
        return _answer(car, Action.PAY, Reason.FEE_DUE, amount=amount)
    if car.debtor is not None:
        debt = AddDebt(car.stay.ticket_id, car.debtor, amount, car.cause)
        return _leave(car, Reason.OWED, debt, amount=amount)
    if car.must_open:  # nobody to owe it: the stay waits in review with what it owes
        return _answer(car, Action.OPEN, Reason.OWED, _to_review(car.stay), Concern.OWED, amount=amount)
    return _answer(car, Action.ATTEND, Reason.OWED, (), Concern.OWED, amount=amount)


def _leave(car: _LeavingCar, reason: Reason, *first: Effect, amount: int = 0) -> Decision:
    stay = car.stay
    effects = [*first, CloseTicket(stay.ticket_id, stay.number, reason)]
    if stay.spot_type is not None:
        effects.append(FreeSpot(stay.ticket_id))
    if stay.reservation_id is not None:
        effects.append(CompleteReservation(stay.reservation_id))
    concerns = [Concern(reason)] if reason in {Reason.OWED, Reason.WAIVED} else []
    if stay.no_grace:
        concerns.append(Concern.REENTERED)
    if _leaves_elsewhere(car):
        concerns.append(Concern.PROMISED_TWICE)
    return _answer(car, Action.OPEN, reason, tuple(effects), *concerns, amount=amount)


def _to_review(stay: OpenStay) -> tuple[Effect, ...]:
    review = ReviewTicket(stay.ticket_id)
    return (review,) if stay.spot_type is None else (review, FreeOldSpot(stay.ticket_id))


def _answer(
    car: _LeavingCar,
    action: Action,
    reason: Reason,
    effects: tuple[Effect, ...] = (),
    *concerns: Concern,
    amount: int = 0,
) -> Decision:
    unanswered = reason in {Reason.OWED, Reason.UNATTENDED} and waited_too_long(car.context)
    limit = car.context.policy.lane_fee_limit
    return Decision(
        action=action,
        reason=reason,
        effects=effects,
        ticket_id=car.stay.ticket_id,
        reservation_id=car.stay.reservation_id,
        match_kind=car.kind,
        amount_due=amount,
        show_fee=limit is None or car.context.due.amount <= limit or car.kind is MatchKind.TICKET,
        ask_again=action is Action.PAY and car.declines > 0,
        concerns=(
            *concerns,
            *((Concern.UNANSWERED,) if unanswered else ()),
            *((Concern.PLATE_MISMATCH,) if car.other_car else ()),
            *((Concern.REGION_MISMATCH,) if car.from_elsewhere else ()),
        ),
    )
