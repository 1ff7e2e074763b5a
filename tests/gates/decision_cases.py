"""Reads `decisions.jsonl`: the gate rules as data, turned into reads and contexts. What a case omits is empty."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gates.decision import (
    Action,
    Agreement,
    Block,
    Booking,
    Context,
    Due,
    EarlierAnswer,
    Effect,
    HeldPass,
    Lane,
    LotPolicy,
    OpenStay,
    PaymentKind,
    PaymentResult,
    PlateRead,
    Reading,
    Reason,
    Replay,
)
from lots.compatibility import SpotType, VehicleProfile
from lots.gate_rules import Direction, LowConfidence

NOW = datetime(2026, 3, 2, 8, 15, 4, tzinfo=UTC)
FILE = Path(__file__).parent.parent / "data" / "decisions.jsonl"
PAYMENTS = {
    "succeeds": PaymentKind.SUCCEEDED,
    "declines": PaymentKind.DECLINED,
    "partial": PaymentKind.PARTIAL,
    "times_out": PaymentKind.UNAVAILABLE,
}
GIVEN = {
    "free", "upcoming_unheld", "lot", "gate", "blocked", "prepay", "open_tickets", "reservations", "passes", "same_event",
    "same_plate_same_gate_s_ago", "earlier", "since", "left_min_ago", "fee", "why_free", "automatic", "payment",
    "declines_so_far", "agreed", "attend_unanswered_s", "pay_unanswered_s", "readings", "opened_s_ago", "plate_owes",
    # How far the device's clock is off, in seconds; the context is as of the time that is believed.
    "clock_s",
    # These explain the fee to the reader; the fee given is already the one that is left.
    "paid_before", "exit_grace", "reservation_prepaid",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    name: str
    read: PlateRead
    context: Context
    action: Action
    reason: Reason
    effects: list[str]
    clock_seconds: float = 0
    charge: int = 0


def load_cases() -> list[Case]:
    return [_case(json.loads(line)) for line in FILE.read_text().splitlines()]


def effect_name(effect: Effect, written: str) -> str:
    """Name an effect the way the case does: with the ticket's number where the case gives one."""
    return f"{effect.name} {effect.number}" if " " in written else effect.name


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def _case(row: dict[str, Any]) -> Case:
    unknown = set(row["given"]) - GIVEN
    assert not unknown, f"{row['id']}: {unknown} is not understood"
    return Case(
        row["id"],
        _read(row["read"]),
        _context(row),
        Action(row["action"]),
        Reason(row["reason"]),
        row["effects"],
        row["given"].get("clock_s", 0),
        row.get("charge", 0),
    )


def _read(read: dict[str, Any]) -> PlateRead:
    return PlateRead(
        plate=read.get("plate"),
        region=read.get("region"),
        confidence=read.get("confidence", 0.0),
        candidates=tuple(candidate["plate"] for candidate in read.get("candidates", [])),
        ticket=read.get("ticket"),
        vehicle_ref=read.get("vehicle_ref"),
        vehicle=VehicleProfile(electric=read.get("electric", False), permit=read.get("permit", False)),
        offline=read.get("offline", False),
    )


def _context(row: dict[str, Any]) -> Context:
    given = row["given"]
    left = given.get("left_min_ago")
    return Context(
        lane=Lane(code="here", direction=Direction(row["direction"]), **given.get("gate", {})),
        now=NOW,
        policy=_policy(given.get("lot", {})),
        replay=_replay(row),
        readings=_readings(row),
        last_opening=_last_opening(given),
        blocked=frozenset(
            [*map(_block, given.get("blocked", [])), *(Block(plate, prepay=True) for plate in given.get("prepay", []))]
        ),
        stays=tuple(_stay(index, ticket, given) for index, ticket in enumerate(given.get("open_tickets", []), 1)),
        bookings=tuple(_booking(index, booking) for index, booking in enumerate(given.get("reservations", []), 1)),
        passes=tuple(_held_pass(index, held) for index, held in enumerate(given.get("passes", []), 1)),
        free=_counts(given.get("free", {})),
        promised=_counts(given.get("upcoming_unheld", {})),
        left_at=None if left is None else NOW - minutes(left),
        due=_due(given),
        plate_owes=given.get("plate_owes", 0),
        agreement=Agreement(**given["agreed"]) if "agreed" in given else None,
        unanswered_seconds=given.get("attend_unanswered_s", given.get("pay_unanswered_s")),
    )


def _policy(lot: dict[str, Any]) -> LotPolicy:
    return LotPolicy(**{**lot, "low_confidence": LowConfidence(lot.get("low_confidence", "ticket"))})


def _replay(row: dict[str, Any]) -> Replay | None:
    kind = row["given"].get("same_event")
    if kind is None:
        return None
    first = EarlierAnswer(event=7, at=NOW, action=Action.OPEN, reason=Reason.OK)
    return Replay(answer=first if kind == "same_body" else None)


def _readings(row: dict[str, Any]) -> tuple[Reading, ...]:
    given = row["given"]
    if "readings" in given:
        return tuple(_reading(index, found) for index, found in enumerate(given["readings"], 1))
    seconds = given.get("same_plate_same_gate_s_ago")
    if seconds is None:
        return ()
    action = Action(given.get("earlier", "open"))
    reason = Reason.FEE_DUE if action is Action.PAY else Reason.OK
    at = NOW - timedelta(seconds=seconds)
    plate = row["read"]["plate"]
    return (Reading(event=7, at=at, action=action, reason=reason, plate=plate, changed_since="since" in given),)


def _reading(index: int, found: dict[str, Any]) -> Reading:
    known = {name: found[name] for name in ("confidence", "vehicle_ref", "passed", "undone") if name in found}
    return Reading(
        event=index,
        at=NOW - timedelta(seconds=found["s_ago"]),
        action=Action.OPEN,
        reason=Reason(found.get("reason", "ok")),
        ticket_id=found["ticket"],
        plate=found["plate"],
        **known,
    )


def _last_opening(given: dict[str, Any]) -> EarlierAnswer | None:
    if "opened_s_ago" not in given:
        return None
    return _paid(NOW - timedelta(seconds=given["opened_s_ago"]))


def _paid(at: datetime) -> EarlierAnswer:
    return EarlierAnswer(event=7, at=at, action=Action.OPEN, reason=Reason.PAID, ticket_id=1)


def _stay(index: int, ticket: dict[str, Any], given: dict[str, Any]) -> OpenStay:
    booked = given.get("why_free") == "reservation" or "reservation_prepaid" in given
    return OpenStay(
        ticket_id=index,
        number=ticket.get("number", ""),
        plate=ticket["plate"],
        region=ticket.get("region"),
        entered_at=NOW - minutes(ticket.get("min_ago", 90)),
        entry_gate="here" if ticket.get("gate") == "same" else "other",
        others_since=ticket.get("others_since", True),
        spot_type=SpotType(ticket.get("spot_type", "regular")),
        reservation_id=1 if booked else None,
        pass_id=ticket.get("pass"),
        of_old_record=ticket.get("old_record", False),
        promised_at=ticket.get("promised_at"),
        promise=_paid(NOW - minutes(1)) if "promised_at" in ticket else None,
    )


def _block(block: str | dict[str, str]) -> Block:
    return Block(block) if isinstance(block, str) else Block(**block)


def _booking(index: int, booking: dict[str, Any]) -> Booking:
    start = NOW + minutes(booking["starts_in_min"])
    return Booking(
        reservation_id=index,
        plate=booking["plate"],
        region=booking.get("region"),
        start=start,
        end=start + minutes(120),
        spot_free=not booking.get("spot_occupied", False),
        prepaid=booking.get("prepaid", False),
    )


def _held_pass(index: int, held: dict[str, Any]) -> HeldPass:
    since = held.get("elsewhere_min_ago")
    told = {name: value for name, value in held.items() if name not in {"elsewhere_min_ago", "types"}}
    return HeldPass(
        pass_id=index,
        types=tuple(map(SpotType, held.get("types", ()))),
        elsewhere_at=None if since is None else NOW - minutes(since),
        **told,
    )


def _due(given: dict[str, Any]) -> Due:
    why = given.get("why_free") or given.get("since")
    return Due(
        amount=0 if given.get("since") == "paid" else given.get("fee", 0),
        why_free=None if why is None else Reason(why),
        automatic=_payment(given.get("automatic")),
        payment=_payment(given.get("payment")),
        declines_so_far=given.get("declines_so_far", 0),
    )


def _payment(text: str | None) -> PaymentResult | None:
    if text is None:
        return None
    kind, _, captured = text.partition(" ")
    return PaymentResult(kind=PAYMENTS[kind], captured=int(captured or 0))


def _counts(counts: dict[str, int]) -> dict[SpotType, int]:
    return {SpotType(spot_type): count for spot_type, count in counts.items()}
