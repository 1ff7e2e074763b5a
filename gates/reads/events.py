"""What happened at a gate, and the event that is its record: one row, only ever added."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from common.db.rows import new_row
from devices.models import Device
from gates.decision import Concern, Decision
from gates.models import EventKind, GateEvent
from gates.reads.body import Read
from lots.models import Gate

TRUSTED_SKEW = timedelta(seconds=120)
LARGEST_SKEW = 2**31 - 1  # seconds, as its column holds them: 68 years
OLDEST_RECORD = timedelta(seconds=LARGEST_SKEW)
"""Before this no instant can be reckoned with: a record that says so is taken to be as old."""
EXTRAS = {"candidates", "vehicle_type", "vehicle_ref", "region", "image_url", "ticket_number", "dropped"}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a read counts: `at` for the rules, `captured_at` by the device, `skew_seconds` when it was too far off.

    More than 68 years of skew are recorded as 68.
    """

    at: datetime
    captured_at: datetime
    received_at: datetime
    skew_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One car at one gate, seen by a device or by a person who says why in `note`.

    Of a car that is released the device is the barrier that asked.
    """

    gate: Gate
    read: Read
    moment: Moment
    device: Device | None = None
    person: User | None = None
    note: str = ""
    kind: EventKind = EventKind.READ

    @property
    def is_promised(self) -> bool:
        """Return whether the barrier has yet to confirm that the car passes.

        A record of what happened is final, and so is what is read while the gate is held open.
        """
        return self.gate.confirms_passage and not self.read.body.offline and not self.gate.is_held_open


def moment_of(read: Read, received_at: datetime) -> Moment:
    """Return when a read counts."""
    return believed(read.body.captured_at or received_at, received_at, is_record=read.body.offline)


def believed(by_device: datetime, received_at: datetime, *, is_record: bool = False) -> Moment:
    """Return when something counts: by the device's clock, or by the server's when that is over 120 s off.

    A record of what happened may be of any age up to 68 years, but not of what is yet to come.
    """
    # In UTC: PostgreSQL takes offsets below 16 hours only.
    captured = by_device.astimezone(UTC)
    skew = captured - received_at
    if abs(skew) <= TRUSTED_SKEW or (is_record and skew < TRUSTED_SKEW):
        return Moment(max(captured, received_at - OLDEST_RECORD), captured, received_at)
    seconds = round(skew.total_seconds())
    return Moment(received_at, captured, received_at, max(-LARGEST_SKEW, min(seconds, LARGEST_SKEW)))


def event_of(
    sighting: Sighting,
    decision: Decision,
    answer: dict[str, Any],
    *,
    ticket_id: int | None,
    first: GateEvent | None = None,
) -> GateEvent:
    """Return the event of a sighting as it is to be added; `first` is the event it repeats."""
    read, moment, body = sighting.read, sighting.moment, sighting.read.body
    extras = body.model_dump(mode="json", include=EXTRAS)
    event = new_row(
        GateEvent,
        lot_id=sighting.gate.lot_id,
        gate_id=sighting.gate.pk,
        device_id=sighting.device.pk if sighting.device else None,
        person_id=sighting.person.pk if sighting.person else None,
        note=sighting.note,
        kind=EventKind.PERSON if sighting.person else sighting.kind,
        event_id=body.event_id,
        body_hash=read.fingerprint,
        seq=body.seq,
        offline=body.offline,
        captured_at=moment.captured_at,
        at=moment.at,
        received_at=moment.received_at,
        skew_seconds=moment.skew_seconds,
        plate=body.plate,
        plate_normalised=read.plate,
        confidence=body.confidence,
        read={name: value for name, value in extras.items() if value},
        action=decision.action,
        reason=decision.reason,
        flags=[concern.value for concern in (*decision.concerns, *_doubts(sighting))],
        ticket_id=ticket_id,
        first_id=first.pk if first else None,
        answer=answer,
    )
    event.gate = sighting.gate
    return event


def _doubts(sighting: Sighting) -> tuple[Concern, ...]:
    """Return what is odd about a record whose clock was ahead of ours."""
    return (Concern.CLOCK,) if sighting.read.body.offline and sighting.moment.skew_seconds is not None else ()
