"""What happened at the gates, newest first, in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from gates.models import EventKind, GateEvent
from lots.gate_rules import Direction

_IN = {
    "ok": "came in",
    "reservation": "came in on a booking",
    "pass": "came in on a pass",
    "reentry": "came in again, the earlier stay is in review",
    "by_hand": "opened by hand",
}
_OUT = {
    "ok": "left",
    "grace": "left, nothing to pay",
    "paid": "left, paid",
    "charged": "left, charged",
    "pass": "left on a pass",
    "reservation": "left, booked",
    "waived": "left, fee waived",
    "owed": "left owing",
    "by_hand": "opened by hand",
    "unattended": "let out, nobody answered",
}
_REFUSED = {
    "full": "turned away, full",
    "closed": "turned away, closed",
    "blocked": "turned away, blocked plate",
}
_ASKED = {
    "fee_due": "asked to pay",
    "passback": "waits: was seen at another gate",
    "low_confidence": "waits: plate read unsurely",
    "no_ticket": "waits: no stay found",
    "ambiguous": "waits: several stays fit",
    "owed": "waits: owes, no plate",
}
_PASSED = {"passed": "drove through", "backed_out": "backed out", "fault": "barrier at fault"}
_TONES = {"open": "ok", "pay": "accent", "deny": "stop", "attend": "warn"}
_WITH_AMOUNT = {"fee_due", "paid", "charged", "owed"}


@dataclass(frozen=True, slots=True)
class Activity:
    """One event as a line: when, where, which car, what happened; `amount` in minor units where money is part of it."""

    id: int
    at: datetime
    zone: str
    lot: str
    gate: str
    direction: str
    plate: str | None
    ticket: str | None
    words: str
    tone: str
    amount: int | None
    currency: str
    note: str
    flags: tuple[str, ...]


def events_of(lot_ids: list[int]) -> QuerySet[GateEvent]:
    """Return the events of lots, newest first, without reads that only repeat another."""
    events = GateEvent.objects.filter(lot__in=lot_ids, first=None).order_by("-id")
    return events.select_related("lot", "gate", "person", "ticket__charge").defer("read", "body_hash")


def recent_activities(lot_ids: list[int], *, limit: int = 20) -> list[Activity]:
    """Return the latest events as lines; one query."""
    return activities(events_of(lot_ids)[:limit])


def activities(events: Iterable[GateEvent]) -> list[Activity]:
    """Put events into words."""
    return [_activity(event) for event in events]


def _activity(event: GateEvent) -> Activity:
    ticket = event.ticket
    return Activity(
        id=event.pk,
        at=event.at,
        zone=event.lot.timezone,
        lot=event.lot.name,
        gate=str(event.gate),
        direction="IN" if event.gate.direction == Direction.ENTRY else "OUT",
        plate=(ticket.plate if ticket else None) or event.plate,
        ticket=ticket.number if ticket else None,
        words=_words(event),
        tone=_TONES.get(event.action, ""),
        amount=_amount(event),
        currency=event.lot.currency,
        note=event.note,
        flags=tuple(event.flags),
    )


def _words(event: GateEvent) -> str:
    if event.kind == EventKind.PASSAGE:
        return _PASSED.get(event.action, event.action)
    if event.action == "open":
        said = _IN if event.gate.direction == Direction.ENTRY else _OUT
        words = said.get(event.reason) or _OUT.get(event.reason) or event.reason
        return f"{_by(event) or words}{_spot(event)}"
    return (_REFUSED if event.action == "deny" else _ASKED).get(event.reason, event.reason.replace("_", " "))


def _by(event: GateEvent) -> str:
    """Say who let the car through when no reading did."""
    way = "in" if event.gate.direction == Direction.ENTRY else "out"
    if event.kind == EventKind.RELEASE:
        return "left, paid at the lane"
    if event.kind != EventKind.PERSON or event.person is None:
        return ""
    money = {"owed": ", still owing", "paid": ", paid", "charged": ", charged"}.get(event.reason, "")
    return f"let {way} by {event.person}{money}"


def _spot(event: GateEvent) -> str:
    spot = event.answer.get("spot") if event.gate.direction == Direction.ENTRY else None
    return f", {spot.get('number') or spot.get('level_name')}" if spot else ""


def _amount(event: GateEvent) -> int | None:
    if event.kind == EventKind.PASSAGE or event.reason not in _WITH_AMOUNT:
        return None
    charge = event.ticket.charge if event.ticket else None
    if event.reason in ("paid", "charged"):
        return charge.captured_amount - charge.refunded_amount if charge else None
    fee = event.answer.get("fee")
    if fee is not None:
        return int(fee["amount"])
    return charge.balance_amount if charge and event.reason == "owed" else None
