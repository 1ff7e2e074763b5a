"""A stay's changes of state as people say them: `drove in (Entry, camera)`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gates.decision import Reason
from tickets.models import TicketChange, TicketStatus

_AT_GATE = re.compile(rf"(?P<reason>{'|'.join(Reason)}|passed|backed out of)(?: at)? (?P<gate>.+)", re.DOTALL)
_IN = {
    Reason.RESERVATION: "drove in on a booking",
    Reason.PASS: "drove in on a pass",
    Reason.REENTRY: "drove in again",
}
_OUT = {
    Reason.OWED: "drove out without paying",
    Reason.UNATTENDED: "let out, nobody answered",
    Reason.GRACE: "drove out, nothing to pay",
    Reason.RESERVATION: "drove out, booked",
    Reason.PASS: "drove out on a pass",
}
_STATES = {
    TicketStatus.ENTERING: "drove in",
    TicketStatus.ACTIVE: "drove in",
    TicketStatus.PAID: "paid",
    TicketStatus.CLOSED: "drove out",
    TicketStatus.VOID: "not a real stay",
    TicketStatus.REVIEW: "put in review",
}
_REVIEWED = {Reason.REENTRY: "put in review: its exit was missed"}
_ENDS = {
    "grace": "nothing to pay",
    "owed": "left without paying",
    "waived": "written off",
    "unattended": "let out, nobody answered",
    "charged": "paid automatically",
    "reservation": "booked",
    "pass": "on a pass",
}
_CORRECTIONS = {"told anew by a late record", "Corrected by a late record"}
_PLAIN = {"entered", "paid"}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change: when, and what happened where and by whom."""

    at: datetime
    text: str


def history_of(changes: Iterable[TicketChange]) -> list[HistoryLine]:
    """Put the changes of a stay into words, in their order."""
    return [HistoryLine(change.at, _said(change)) for change in changes]


def why_in_review(why: str) -> str:
    """Say why a stay waits for a person's word: `its exit was missed, the plate came in again (IN 2)`."""
    match = _AT_GATE.fullmatch(why)
    if match and match["reason"] == Reason.REENTRY:
        return f"its exit was missed, the plate came in again ({match['gate']})"
    if match:
        return f"{match['reason'].replace('_', ' ')} ({match['gate']})"
    return "corrected by a late record" if why in _CORRECTIONS else why


def closed_as(reason: str) -> str:
    """Say how a stay ended, from the reason it closed with."""
    return _ENDS.get(reason, reason.replace("_", " "))


def _said(change: TicketChange) -> str:
    match = _AT_GATE.fullmatch(change.why)
    reason = match["reason"] if match else ""
    what = _what(change, reason)
    places = [match["gate"]] if match else []
    if change.by is not None:
        places.append(str(change.by))
    elif match:
        places.append("camera")
    where = f" ({', '.join(places)})" if places else ""
    return f"{what}{where}{_note(change, is_told=match is not None)}"


def _what(change: TicketChange, reason: str) -> str:
    status = TicketStatus(change.to_status)
    if status == TicketStatus.ACTIVE and change.from_status:
        if reason == "passed":
            return "passed the barrier"
        return "still to pay" if change.from_status == TicketStatus.PAID else "taken back as parked"
    if status == TicketStatus.VOID and reason == "backed out of":
        return "backed out"
    words = {TicketStatus.CLOSED: _OUT, TicketStatus.REVIEW: _REVIEWED}.get(status, _IN)
    return next((said for known, said in words.items() if known == reason), _STATES[status])


def _note(change: TicketChange, *, is_told: bool) -> str:
    """Return what a person or rule wrote beside the change, unless the words say it already."""
    if change.why in _CORRECTIONS:
        return ", corrected by a late record"
    if is_told or not change.why or change.why in _PLAIN:
        return ""
    return f": {change.why}"
