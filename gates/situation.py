"""Load everything a decision is made from, by one statement a read; `gates.statements` explains them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from common.db.flush import Row, Step, flush
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
from gates.models import EventKind
from gates.reads.body import Read, shown_vehicle
from lots.calendar import is_open, local_day
from lots.compatibility import SpotType
from lots.models import Gate
from lots.picking import PickedPlace, pick_parameters
from tickets.numbers import InvalidNumberError, parse_reference

WAITING_WINDOW = timedelta(minutes=15)
"""How far back an unanswered `pay` or `attend` still belongs to the car that stands in the lane."""
STANDING_WINDOW = timedelta(minutes=5)
"""How long a car may stand in an opened exit lane and still be let out by the same answer."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A decision's context, and what making it true needs of the same moment.

    `lane` and `device` are the versions of the remembered rows. `is_glance` says that only a glance was needed for the
    decision; a stay's money and place were not loaded. `is_late` tells a record whose plate has others of its time or a
    later one, or a stay that such a record has turned a repeated read into. At an entry `place` is what the car as it
    was shown would be given, and `tariff_id` what would price its stay. At an exit `inside` are the stays that the read
    may mean, as `gates.statements` loads them.
    """

    context: Context
    lane: str
    device: str
    is_glance: bool = False
    is_late: bool = False
    has_permit: bool = False
    place: PickedPlace | None = None
    tariff_id: int | None = None
    inside: tuple[dict[str, Any], ...] = ()


Ask: TypeAlias = Callable[[Step], Row | None]


def load_situation(gate: Gate, read: Read, device_id: int | None, at: datetime, ask: Ask = flush) -> Situation:
    """Load what a decision about `read` at `gate` needs, as of the effective time `at`.

    `ask` sends the first statement, with others before it when the caller has some.
    """
    parameters = _parameters(gate, read, device_id, at)
    # Of a car that was recorded on its way out something will be known: it can't be asked to pay, so it owes.
    known = read.body.offline and gate.direction == Direction.EXIT
    if known or read.plate is None or read.body.ticket_number:
        return _whole_situation(gate, read, at, parameters, ask)
    glance = _entry_glance if gate.direction == Direction.ENTRY else _exit_glance
    return glance(gate, at, parameters, ask) or _whole_situation(gate, read, at, parameters, flush)


def load_whole_situation(gate: Gate, read: Read, device_id: int | None, at: datetime, ask: Ask = flush) -> Situation:
    """Load all of it, whatever a glance says; otherwise as `load_situation`."""
    return _whole_situation(gate, read, at, _parameters(gate, read, device_id, at), ask)


def scanned(read: Read) -> str | None:
    """Return the scanned ticket number in its one form, or the token as it is."""
    text = read.body.ticket_number
    if not text:
        return None
    try:
        return parse_reference(text)
    except InvalidNumberError:
        return text.strip()


def _entry_glance(gate: Gate, at: datetime, parameters: dict[str, Any], ask: Ask) -> Situation | None:
    """Return the situation of a car of which nothing is known, when there is a place for it."""
    asked = statements.glance_at_entry(
        gate.lot.allocation, counts_spots=gate.lot.counts_spots, offline=parameters["offline"]
    )
    facts = asked.read(ask((asked.statement, parameters)))
    if facts["more"] or facts["place"] is None:
        return None
    place = PickedPlace(**facts["place"])
    # Nobody else is expected, so it is enough to know that there is one.
    free = {SpotType(place.spot_type): 1}
    context = Context(lane=_lane(gate), now=at, policy=_policy(gate, at), free=free, left_at=facts["left_at"])
    return Situation(context, facts["lane"], facts["device"], is_glance=True, place=place, tariff_id=facts["tariff"])


def _exit_glance(gate: Gate, at: datetime, parameters: dict[str, Any], ask: Ask) -> Situation | None:
    """Return the situation of a car that is inside and of which nothing else is known."""
    asked = statements.glance_at_exit(offline=parameters["offline"])
    facts = asked.read(ask((asked.statement, parameters)))
    if facts["more"] or not facts["stays"]:
        return None
    context = Context(lane=_lane(gate), now=at, policy=_policy(gate, at), stays=tuple(map(_stay, facts["stays"])))
    return Situation(context, facts["lane"], facts["device"], is_glance=True, inside=tuple(facts["stays"]))


def _whole_situation(gate: Gate, read: Read, at: datetime, parameters: dict[str, Any], ask: Ask) -> Situation:
    load = _entry_situation if gate.direction == Direction.ENTRY else _exit_situation
    return load(gate, read, at, parameters, ask)


def _entry_situation(gate: Gate, read: Read, at: datetime, parameters: dict[str, Any], ask: Ask) -> Situation:
    asked = statements.entry(gate.lot.allocation, counts_spots=gate.lot.counts_spots)
    facts = asked.read(ask((asked.statement, parameters)))
    context = Context(
        lane=_lane(gate),
        now=at,
        policy=_policy(gate, at),
        replay=_replay(facts["replay"], read),
        earlier=_earlier(facts["earlier"]),
        blocked=frozenset({read.plate} if facts["blocked"] and read.plate else ()),
        stays=tuple(map(_stay, facts["stays"] or ())),
        bookings=tuple(map(_booking, facts["bookings"] or ())),
        free=_by_type(facts["free"]),
        promised=_by_type(facts["promised"]),
        left_at=facts["left_at"],
        unanswered_seconds=facts["waiting"],
    )
    return Situation(
        context,
        facts["lane"],
        facts["device"],
        is_late=facts["late"] or (parameters["offline"] and any(not stay.entry_event for stay in context.stays)),
        has_permit=facts["permit"],
        place=PickedPlace(**facts["place"]) if facts["place"] else None,
        tariff_id=facts["tariff"],
    )


def _exit_situation(gate: Gate, read: Read, at: datetime, parameters: dict[str, Any], ask: Ask) -> Situation:
    facts = statements.EXIT.read(ask((statements.EXIT.statement, parameters)))
    stays = facts["stays"]
    if not stays and read.plate:
        stays = statements.STAYS_NEAR.read(flush((statements.STAYS_NEAR.statement, parameters)))["stays"]
    context = Context(
        lane=_lane(gate),
        now=at,
        policy=_policy(gate, at),
        replay=_replay(facts["replay"], read),
        earlier=_earlier(facts["earlier"]),
        last_opening=_earlier(facts["opening"]),
        stays=tuple(map(_stay, stays or ())),
        unanswered_seconds=facts["waiting"],
    )
    return Situation(context, facts["lane"], facts["device"], is_late=facts["late"], inside=tuple(stays or ()))


def _parameters(gate: Gate, read: Read, device_id: int | None, at: datetime) -> dict[str, Any]:
    lot = gate.lot
    number = scanned(read)
    plates = [plate for plate in (read.plate, *read.candidates) if plate]
    picking = pick_parameters(lot, shown_vehicle(read), gate.level) if gate.direction == Direction.ENTRY else {}
    return picking | {
        "device": device_id,
        "event": read.body.event_id,
        "gate": gate.pk,
        "lot": lot.pk,
        "operator": lot.operator_id,
        "plate": read.plate,
        "skeleton": skeleton(read.plate) if read.plate else None,
        "skeletons": [skeleton(plate) for plate in plates],
        "number": number,
        "offline": read.body.offline and not read.body.ticket_number,
        "at": at,
        "day": at.date(),
        "local_day": local_day(lot, at),
        "dedupe": timedelta(seconds=lot.dedupe_seconds),
        "waiting": WAITING_WINDOW,
        "standing": STANDING_WINDOW,
        "early": timedelta(minutes=lot.early_minutes),
        "protect": timedelta(minutes=lot.protect_minutes),
    }


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
    if found is None:
        return None
    # What a barrier told of a passage under this id is no read's answer.
    same = found["kind"] == EventKind.READ and found["fingerprint"] == read.fingerprint.hex()
    return Replay(answer=_earlier(found) if same else None)


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
