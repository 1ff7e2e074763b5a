"""Whether a car at an exit is charged as its driver has agreed to, before the read is decided."""

from common.regions import regions_meet
from gates.decision.context import Agreement, Context, OpenStay, PlateRead
from gates.decision.exit import match_stay
from gates.decision.repeats import repeated_answer


def amount_to_charge(read: PlateRead, context: Context) -> int:
    """Return what the agreed card is to be asked for before this read is decided, in minor units; 0 for nothing.

    Only for a car that is certainly the vehicle which was agreed for. Each arrival is charged once at most: whatever
    came of that is part of `Context.due` from then on.
    """
    agreement, due, stay = context.agreement, context.due, match_stay(read, context).car
    if agreement is None or stay is None or not _can_be_asked(read, context, stay):
        return 0
    is_asked_for = due.automatic is None and due.payment is None and 0 < due.amount <= agreement.limit
    return due.amount if is_asked_for and _holds(agreement, context) and _is_vehicle(read, context, stay) else 0


def _can_be_asked(read: PlateRead, context: Context, stay: OpenStay) -> bool:
    """Return whether this read waits for an answer that money could change."""
    if read.offline or context.lane.held_open or context.lane.attended or repeated_answer(read, context) is not None:
        return False
    return stay.promised_at is None and not stay.of_old_record


def _holds(agreement: Agreement, context: Context) -> bool:
    """Return whether one account alone agreed, which has proven the car, and a camera read it well at the entry."""
    well_read = (agreement.entry_confidence or 0) >= context.policy.confidence_threshold
    return agreement.accounts == 1 and agreement.proven and well_read and not agreement.corrected


def _is_vehicle(read: PlateRead, context: Context, stay: OpenStay) -> bool:
    """Return whether the plate at the exit and that of the stay are exactly the vehicle's."""
    assert context.agreement is not None  # noqa: S101 asked by the only caller
    well_read = read.confidence >= context.policy.confidence_threshold
    return read.plate == stay.plate == context.agreement.plate and well_read and regions_meet(read.region, stay.region)
