"""Observations of spots by sensors and people: which sighting counts, and for how long."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

TRUSTED_CONFIDENCE = 0.85
"""Below this confidence a sighting needs a second one that agrees."""
FRESH_CONFIDENCE = 0.9
"""Below this confidence a sensor's sighting is shown as stale."""
LOWEST_CONFIDENCE = 0.5
DECAY_PER_MINUTE = 0.1
DEBOUNCE = timedelta(seconds=3)
PRIORITY_LASTS = timedelta(minutes=10)
"""How long a sighting wins over sources of lower priority, and a doubtful one waits for its second."""


class Source(IntEnum):
    """The source of an observation; the number is its priority."""

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
    """The accepted sighting of a spot, and the doubtful one that waits for a second."""

    believed: Observation | None = None
    pending: Observation | None = None


def accept(observed: Observed, new: Observation) -> Observed:
    """Return the belief after a new sighting; the same object when nothing changes.

    It is ignored when it is not newer, within 10 minutes of a source of higher priority, and within 3 seconds of the
    opposite sighting of the same source.
    """
    if observed.believed is not None and _loses(new, observed.believed):
        return observed
    if new.confidence >= TRUSTED_CONFIDENCE or _seconds(observed.pending, new):
        return Observed(believed=new)
    if observed.pending is not None and new.at <= observed.pending.at:
        return observed
    return replace(observed, pending=new)


def confidence_at(sighting: Observation, now: datetime) -> float:
    """Return a sighting's current confidence: a sensor's falls by 0.1 per minute of silence to 0.5, others stay."""
    if sighting.source is not Source.SENSOR:
        return sighting.confidence
    minutes = max(now - sighting.at, timedelta(0)) / timedelta(minutes=1)
    floor = min(sighting.confidence, LOWEST_CONFIDENCE)
    return max(sighting.confidence - DECAY_PER_MINUTE * minutes, floor)


def is_stale(sighting: Observation, now: datetime) -> bool:
    """Return whether a sensor's sighting is stale."""
    return sighting.source is Source.SENSOR and confidence_at(sighting, now) < FRESH_CONFIDENCE


def _loses(new: Observation, believed: Observation) -> bool:
    age = new.at - believed.at
    if age <= timedelta(0):
        return True
    if new.source < believed.source:
        return age <= PRIORITY_LASTS
    return new.source is believed.source and new.occupied is not believed.occupied and age <= DEBOUNCE


def _seconds(pending: Observation | None, new: Observation) -> bool:
    """Return whether a doubtful sighting confirms the waiting one."""
    if pending is None or pending.occupied is not new.occupied:
        return False
    return timedelta(0) < new.at - pending.at <= PRIORITY_LASTS
