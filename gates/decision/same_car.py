"""Whether two reads at a gate are of one car: cameras correct themselves while a car rolls up."""

from datetime import datetime, timedelta

from common.plates import skeleton
from gates.decision.context import Context, PlateRead, Reading
from gates.decision.outcome import Action
from tickets.matching import Plated, is_cut_off

NAMED_FOR = timedelta(minutes=5)
"""How long a camera's own name for a car holds."""
LEAST_LEFT = 4
"""How many characters a cut-off plate needs to be taken for the whole one."""


def earlier_reading(read: PlateRead, context: Context) -> Reading | None:
    """Return the earlier read of this car at this gate: the newest of the same plate, else the newest alike.

    One that opened comes first: the car that it opened for still stands there, whatever else was read of it since.
    """
    near = timedelta(seconds=context.policy.dedupe_seconds)
    recent = [
        one
        for one in context.readings
        if abs(context.now - one.at) <= max(near, NAMED_FOR) and not one.undone and context.meets(read, one.region)
    ]
    for one in recent:
        if read.plate is not None and one.plate == read.plate and abs(context.now - one.at) <= near:
            return one
    if read.offline or _is_known(read, context):
        return None
    alike = [one for one in recent if _is_same_car(read, one, context, near)]
    return next((one for one in alike if one.action is Action.OPEN), alike[0] if alike else None)


def is_better(read: PlateRead, reading: Reading) -> bool:
    """Return whether a read tells the plate of its car, or where that is from, better than the surest did before."""
    surest = reading.surest or reading.plate
    if read.plate is None:
        return False
    if read.plate == surest:
        return reading.region is None and read.region is not None
    return surest is None or read.confidence > reading.confidence


def is_read_well(read: PlateRead, context: Context) -> bool:
    """Return whether a read is sure of its plate, or one before it was while the same car stood at this gate."""
    if read.plate is None or read.confidence >= context.policy.confidence_threshold:
        return read.plate is not None
    return any((one.surest or one.plate) == read.plate for one in _sure_readings(context))


def was_another_asked(context: Context, ticket_id: int) -> bool:
    """Return whether this lane has asked for the stay of a well-read plate, other than this one, and still waits."""
    asked = [one for one in _sure_readings(context) if one.action in {Action.PAY, Action.ATTEND} and one.ticket_id]
    return any(one.ticket_id != ticket_id and not one.changed_since for one in asked)


def _sure_readings(context: Context) -> list[Reading]:
    """Return the reads of a plate, surely, whose car may still stand at this gate."""
    least = context.policy.confidence_threshold
    near = [one for one in context.readings if abs(context.now - one.at) <= NAMED_FOR and not one.undone]
    return [one for one in near if one.plate and one.confidence >= least and not _has_driven_on(one, context)]


def _is_same_car(read: PlateRead, reading: Reading, context: Context, near: timedelta) -> bool:
    if reading.offline or _has_driven_on(reading, context):
        return False
    if read.vehicle_ref is not None and read.vehicle_ref == reading.vehicle_ref:
        return True
    return abs(context.now - reading.at) <= near and _are_alike(read.plate, reading.plate)


def _has_driven_on(reading: Reading, context: Context) -> bool:
    if reading.passed:
        return True
    reports = context.lane.confirms_passage and not context.lane.held_open
    return reading.action is Action.OPEN and not reports and _has_had_time(reading.at, context)


def _has_had_time(opened_at: datetime, context: Context) -> bool:
    return context.now - opened_at > timedelta(seconds=context.policy.passing_seconds)


def _are_alike(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    if skeleton(one) == skeleton(other):
        return True
    return min(len(one), len(other)) >= LEAST_LEFT and is_cut_off(one, other)


def _is_known(read: PlateRead, context: Context) -> bool:
    """Return whether the plate exactly is that of a stay, booking or pass: then it is no misreading of another."""
    if read.plate is None:
        return False
    holders: tuple[Plated, ...] = (*context.stays, *context.bookings, *context.passes)
    return any(holder.plate == read.plate and context.meets(read, holder.region) for holder in holders)
