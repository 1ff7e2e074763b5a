"""What happened at the gates, newest first, as lines that people read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gates.decision import Reason
from gates.models import EventKind, GateEvent
from lots.gate_rules import Direction

_IN = {
    "ok": _("came in"),
    "reservation": _("came in on a booking"),
    "pass": _("came in on a pass"),
    "reentry": _("came in again, the earlier stay is in review"),
    "by_hand": _("opened by hand"),
}
_OUT = {
    "ok": _("left"),
    "grace": _("left, nothing to pay"),
    "paid": _("left, paid"),
    "charged": _("left, charged"),
    "pass": _("left on a pass"),
    "reservation": _("left, booked"),
    "waived": _("left, fee waived"),
    "owed": _("left owing"),
    "by_hand": _("opened by hand"),
    "unattended": _("let out, nobody answered"),
    "held_open": _("drove out while held open"),
}
_REFUSED = {
    "full": _("turned away, full"),
    "closed": _("turned away, closed"),
    "blocked": _("turned away, blocked plate"),
}
_ASKED = {
    "fee_due": _("asked to pay"),
    "prepay": _("waits: has to prepay"),
    "passback": _("waits: was seen at another gate"),
    "low_confidence": _("waits: plate read unsurely"),
    "no_ticket": _("waits: no stay found"),
    "ambiguous": _("waits: several stays match"),
    "owed": _("waits: owes, no plate"),
}
_LET_IN = _("let in by %(person)s")
_LET_OUT = {
    "": _("let out by %(person)s"),
    "owed": _("let out by %(person)s, still owing"),
    "paid": _("let out by %(person)s, paid"),
    "charged": _("let out by %(person)s, charged"),
}
_HELD = {"hold_open": _("held open by %(person)s"), "release": _("hold ended by %(person)s")}
_PASSED = {"passed": _("drove through"), "backed_out": _("backed out"), "fault": _("barrier at fault")}
_TONES = {
    "open": "ok",
    "pay": "accent",
    "deny": "stop",
    "attend": "warn",
    "hold_open": "warn",
    "undone": "warn",
}
_WITH_AMOUNT = {"fee_due", "paid", "charged", "owed"}


@dataclass(frozen=True, slots=True)
class Activity:
    """One event as a line; `amount` is in minor units, where money is part of the event.

    `person` acted, where one did; `skew` is how many seconds the device's clock was ahead, where it was off.
    """

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
    is_about_car: bool
    person: str
    skew: int | None


def events_of(lot_ids: list[int]) -> QuerySet[GateEvent]:
    """Return the events of lots, newest first, without repeated reads and passages."""
    events = GateEvent.objects.filter(Q(first=None) | Q(kind=EventKind.UNDO), lot__in=lot_ids).order_by("-id")
    return events.select_related("lot", "gate", "person", "ticket__charge").defer("read", "body_hash")


def recent_activities(lot_ids: list[int], *, limit: int = 20) -> list[Activity]:
    """Return the latest events as lines; one query."""
    return activities(events_of(lot_ids)[:limit])


def activities(events: Iterable[GateEvent]) -> list[Activity]:
    """Return events as lines."""
    return [_activity(event) for event in events]


def _activity(event: GateEvent) -> Activity:
    ticket = event.ticket
    return Activity(
        id=event.pk,
        at=event.at,
        zone=event.lot.timezone,
        lot=event.lot.name,
        gate=str(event.gate),
        direction=gettext("IN") if event.gate.direction == Direction.ENTRY else gettext("OUT"),
        plate=(ticket.plate if ticket else None) or event.readable_plate,
        ticket=ticket.number if ticket else None,
        words=_words(event),
        tone=_TONES.get(event.action, ""),
        amount=_amount(event),
        currency=event.lot.currency,
        note=event.note,
        flags=tuple(event.flags),
        is_about_car=event.is_about_car,
        person=str(event.person) if event.person else "",
        skew=event.skew_seconds,
    )


def _words(event: GateEvent) -> str:
    if event.kind == EventKind.HOLD:
        return _HELD[event.action] % {"person": event.person}
    if event.kind == EventKind.PASSAGE:
        return str(_PASSED.get(event.action, event.action))
    if event.kind == EventKind.UNDO:
        return gettext("exit undone by %(person)s") % {"person": event.person}
    if event.action == "open":
        said = _IN if event.gate.direction == Direction.ENTRY else _OUT
        words = said.get(event.reason) or _OUT.get(event.reason) or event.reason
        return f"{_by(event) or words}{_spot(event)}"
    others = _REFUSED if event.action == "deny" else _ASKED
    return str(others.get(event.reason, event.reason.replace("_", " ")))


def _by(event: GateEvent) -> str:
    """Return who let the car through, or nothing when a read did."""
    if event.kind == EventKind.RELEASE and event.reason == Reason.PAID:
        return gettext("left, paid at the lane")
    if event.kind != EventKind.PERSON or event.person is None:
        return ""
    if event.reason == Reason.BY_HAND:
        return gettext("opened by %(person)s") % {"person": event.person}
    words = _LET_IN if event.gate.direction == Direction.ENTRY else _LET_OUT.get(event.reason, _LET_OUT[""])
    return words % {"person": event.person}


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
    # What has been paid or taken back since is no longer told as an amount.
    return charge.balance_amount or None if charge and event.reason == "owed" else None
