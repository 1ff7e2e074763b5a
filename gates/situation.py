"""Load everything a decision is made from, by one statement a read; `gates.statements` explains them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.flush import Step, run_together
from common.plates import skeleton
from gates import statements
from gates.decision import (
    Action,
    Booking,
    Context,
    Direction,
    EarlierAnswer,
    Lane,
    LotPolicy,
    LowConfidence,
    OpenStay,
    Reason,
    Replay,
)
from gates.models import Gate
from gates.reading import Read, shown_vehicle
from lots.calendar import is_open, local_day
from lots.compatibility import SpotType
from lots.picking import PickedPlace, pick_parameters
from tickets.numbers import InvalidNumberError, parse_number

WAITING_WINDOW = timedelta(minutes=15)
"""How far back an unanswered `pay` or `attend` still belongs to the car that stands in the lane."""
STANDING_WINDOW = timedelta(minutes=5)
"""How long a car may stand in an opened exit lane and still be let out by the same answer."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A decision's context, and what making it true needs of the same moment.

    `versions` are those of the gate's and the lot's row. At an entry `place` is what the car as it was shown would be
    given, and `tariff_id` what would price its stay. At an exit `inside` are the stays that the read may mean.
    """

    context: Context
    versions: str
    has_permit: bool = False
    place: PickedPlace | None = None
    tariff_id: int | None = None
    inside: tuple[dict[str, Any], ...] = ()


def load_situation(gate: Gate, read: Read, device_id: int | None, at: datetime, *first: Step) -> Situation:
    """Load what a decision about `read` at `gate` needs, as of the effective time `at`, after the steps of `first`."""
    parameters = _parameters(gate, read, device_id, at)
    if gate.direction == Direction.ENTRY:
        return _entry_situation(gate, read, at, parameters, first)
    return _exit_situation(gate, read, at, parameters, first)


def scanned(read: Read) -> str | None:
    """Return the scanned ticket number in its one form, or the token as it is."""
    text = read.body.ticket_number
    if not text:
        return None
    try:
        return parse_number(text)
    except InvalidNumberError:
        return text.strip()


def _entry_situation(
    gate: Gate, read: Read, at: datetime, parameters: dict[str, Any], first: tuple[Step, ...]
) -> Situation:
    parameters |= pick_parameters(gate.lot, shown_vehicle(read), gate.level)
    statement = statements.entry(gate.lot.allocation, counts_spots=gate.lot.counts_spots)
    versions, replay, earlier, waiting, stays, blocked, permit, bookings, free, promised, left_at, tariff_id, place = (
        _fetch(*first, (statement, parameters))
    )
    context = Context(
        lane=_lane(gate),
        now=at,
        policy=_policy(gate, at),
        replay=_replay(replay, read),
        earlier=_earlier(earlier),
        blocked=frozenset({read.plate} if blocked and read.plate else ()),
        stays=tuple(map(_stay, stays or ())),
        bookings=tuple(map(_booking, bookings or ())),
        free=_by_type(free),
        promised=_by_type(promised),
        left_at=left_at,
        unanswered_seconds=waiting,
    )
    picked = PickedPlace(**place) if place else None
    return Situation(context, versions, has_permit=permit, place=picked, tariff_id=tariff_id)


def _exit_situation(
    gate: Gate, read: Read, at: datetime, parameters: dict[str, Any], first: tuple[Step, ...]
) -> Situation:
    versions, replay, earlier, waiting, stays, opening = _fetch(*first, (statements.EXIT, parameters))
    if not stays and read.plate:
        (stays,) = _fetch((statements.STAYS_NEAR, parameters))
    context = Context(
        lane=_lane(gate),
        now=at,
        policy=_policy(gate, at),
        replay=_replay(replay, read),
        earlier=_earlier(earlier),
        last_opening=_earlier(opening),
        stays=tuple(map(_stay, stays or ())),
        unanswered_seconds=waiting,
    )
    return Situation(context, versions, inside=tuple(stays or ()))


def _parameters(gate: Gate, read: Read, device_id: int | None, at: datetime) -> dict[str, Any]:
    lot = gate.lot
    number = scanned(read)
    plates = [plate for plate in (read.plate, *read.candidates) if plate]
    return {
        "device": device_id,
        "event": read.body.event_id,
        "gate": gate.pk,
        "lot": lot.pk,
        "operator": lot.operator_id,
        "plate": read.plate,
        "skeleton": skeleton(read.plate) if read.plate else None,
        "skeletons": [skeleton(plate) for plate in plates],
        "number": number,
        "token": number,
        "at": at,
        "day": at.date(),
        "local_day": local_day(lot, at),
        "dedupe": timedelta(seconds=lot.dedupe_seconds),
        "waiting": WAITING_WINDOW,
        "standing": STANDING_WINDOW,
        "early": timedelta(minutes=lot.early_minutes),
        "protect": timedelta(minutes=lot.protect_minutes),
    }


def _fetch(*steps: Step) -> tuple[Any, ...]:
    row = run_together(*steps)
    assert row is not None  # noqa: S101 a SELECT without FROM has one row
    return row


def _lane(gate: Gate) -> Lane:
    return Lane(code=gate.code, direction=Direction(gate.direction), closed=gate.is_closed)


def _policy(gate: Gate, at: datetime) -> LotPolicy:
    lot = gate.lot
    return LotPolicy(
        closed=not is_open(lot, at),
        low_confidence=LowConfidence(lot.low_confidence),
        confidence_threshold=lot.confidence_threshold,
        dedupe_seconds=lot.dedupe_seconds,
        early_minutes=lot.early_minutes,
        reentry_minutes=lot.reentry_minutes,
        lane_fee_limit=lot.lane_fee_limit,
    )


def _replay(found: dict[str, Any] | None, read: Read) -> Replay | None:
    answer = _earlier(found)
    if found is None or answer is None:
        return None
    return Replay(same_body=found["fingerprint"] == read.fingerprint.hex(), answer=answer)


def _earlier(found: dict[str, Any] | None) -> EarlierAnswer | None:
    if found is None:
        return None
    return EarlierAnswer(
        event=found["id"],
        at=datetime.fromisoformat(found["at"]),
        action=Action(found["action"]),
        reason=Reason(found["reason"]),
        ticket_id=found["ticket_id"],
        changed_since=found.get("changed_since", False),
    )


def _stay(found: dict[str, Any]) -> OpenStay:
    return OpenStay(
        ticket_id=found["id"],
        number=found["number"],
        token=found["token"],
        plate=found["plate"],
        entered_at=datetime.fromisoformat(found["entry_at"]),
        entry_gate=found.get("code") or "",
        others_since=found.get("others_since", False),
        spot_type=SpotType(found["spot_type"]) if found["spot_type"] else None,
        reservation_id=found["reservation_id"],
        entry_reason=Reason(found.get("reason") or Reason.OK),
        entry_event=found.get("event"),
    )


def _booking(found: dict[str, Any]) -> Booking:
    return Booking(
        reservation_id=found["id"],
        plate=found["plate"],
        start=datetime.fromisoformat(found["starts_at"]),
        end=datetime.fromisoformat(found["ends_at"]),
        spot_free=found["spot_free"],
        no_show=found["no_show"],
    )


def _by_type(found: dict[str, int] | None) -> dict[SpotType, int]:
    return {SpotType(spot_type): int(count) for spot_type, count in (found or {}).items()}
