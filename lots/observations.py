"""What sensors and people saw on a spot: which sighting counts, and how long it is believed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

TRUSTED_CONFIDENCE = 0.85
"""Under this, a sighting waits for a second one that says the same."""
FRESH_CONFIDENCE = 0.9
"""Under this, a sensor's word is shown as stale."""
LOWEST_CONFIDENCE = 0.5
DECAY_PER_MINUTE = 0.1
DEBOUNCE = timedelta(seconds=3)
PRIORITY_LASTS = timedelta(minutes=10)
"""How long a sighting holds against sources of lower priority, and a doubtful one waits for its second."""


class Source(IntEnum):
    """Who saw it; the number is the priority."""

    SYSTEM = 0
    PERSON = 1
    CHECKOUT = 2
    SENSOR = 3


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation of a spot; `confidence` from 0 to 1."""

    occupied: bool
    source: Source
    confidence: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Observed:
    """What is believed of a spot, and the doubtful sighting that waits for a second one."""

    believed: Observation | None = None
    pending: Observation | None = None


def accept(observed: Observed, new: Observation) -> Observed:
    """Return what is believed after a new sighting; the same object when it changes nothing.

    It loses to one that is not older, to a higher priority within 10 minutes, and to the opposite word of the same
    source within 3 seconds.
    """
    if observed.believed is not None and _loses(new, observed.believed):
        return observed
    if new.confidence >= TRUSTED_CONFIDENCE or _seconds(observed.pending, new):
        return Observed(believed=new)
    if observed.pending is not None and new.at <= observed.pending.at:
        return observed
    return replace(observed, pending=new)


def confidence_at(sighting: Observation, now: datetime) -> float:
    """Return how sure a sighting still is: a silent sensor's falls by 0.1 a minute down to 0.5, others keep theirs."""
    if sighting.source is not Source.SENSOR:
        return sighting.confidence
    minutes = max(now - sighting.at, timedelta(0)) / timedelta(minutes=1)
    floor = min(sighting.confidence, LOWEST_CONFIDENCE)
    return max(sighting.confidence - DECAY_PER_MINUTE * minutes, floor)


def is_stale(sighting: Observation, now: datetime) -> bool:
    """Tell whether a sensor's word is to be shown as stale."""
    return sighting.source is Source.SENSOR and confidence_at(sighting, now) < FRESH_CONFIDENCE


def _loses(new: Observation, believed: Observation) -> bool:
    age = new.at - believed.at
    if age <= timedelta(0):
        return True
    if new.source < believed.source:
        return age <= PRIORITY_LASTS
    return new.source is believed.source and new.occupied is not believed.occupied and age <= DEBOUNCE


def _seconds(pending: Observation | None, new: Observation) -> bool:
    """Tell whether a doubtful sighting confirms the one that waits."""
    if pending is None or pending.occupied is not new.occupied:
        return False
    return timedelta(0) < new.at - pending.at <= PRIORITY_LASTS
