"""A stay's changes of state and plate in words: `drove in (Entry, camera)`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gates.decision import Reason
from gates.offline.reconcile import WHY as CORRECTED
from tickets.models import PlateCorrection, TicketChange, TicketStatus
from tickets.services import StayEnding

_AT_GATE = re.compile(rf"(?P<reason>{'|'.join(Reason)}|passed|backed out of|undone)(?: at)? (?P<gate>.+)", re.DOTALL)
_IN = {
    Reason.RESERVATION: _("drove in on a booking"),
    Reason.PASS: _("drove in on a pass"),
    Reason.REENTRY: _("drove in again"),
}
_OUT = {
    Reason.OWED: _("drove out without paying"),
    Reason.UNATTENDED: _("let out, nobody answered"),
    Reason.GRACE: _("drove out, nothing to pay"),
    Reason.RESERVATION: _("drove out, booked"),
    Reason.PASS: _("drove out on a pass"),
}
_STATES = {
    TicketStatus.ENTERING: _("drove in"),
    TicketStatus.ACTIVE: _("drove in"),
    TicketStatus.PAID: _("paid"),
    TicketStatus.CLOSED: _("drove out"),
    TicketStatus.VOID: _("not a real stay"),
    TicketStatus.REVIEW: _("put in review"),
}
_REVIEWED = {
    Reason.REENTRY: _("put in review: its exit was missed"),
    Reason.HELD_OPEN: _("drove out unpaid while the gate was held open"),
}
_ENDS = {
    "grace": _("nothing to pay"),
    "owed": _("left without paying"),
    "waived": _("written off"),
    "unattended": _("let out, nobody answered"),
    "charged": _("paid automatically"),
    "reservation": _("booked"),
    "pass": _("on a pass"),
    StayEnding.LEFT_UNSEEN: _("left unseen, ended by a person"),
}
_PLAIN = {"entered", "paid"}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change of a stay: when, and what happened, where and by whom."""

    at: datetime
    text: str


def history_of(
    changes: Iterable[TicketChange], corrections: Iterable[PlateCorrection] = (), *, ended: str = ""
) -> list[HistoryLine]:
    """Return a stay's changes of state and plate in words, in their order; `ended` is the reason it was closed with."""
    told = [HistoryLine(change.at, _said(change, ended)) for change in changes]
    told += [HistoryLine(correction.at, _said_of_plate(correction)) for correction in corrections]
    return sorted(told, key=lambda line: line.at)


def why_in_review(why: str) -> str:
    """Return why a stay is in review: `its exit was missed, the plate came in again (IN 2)`."""
    match = _AT_GATE.fullmatch(why)
    if match and match["reason"] == Reason.REENTRY:
        return gettext("its exit was missed, the plate came in again (%(gate)s)") % {"gate": match["gate"]}
    if match and match["reason"] == Reason.HELD_OPEN:
        return gettext("drove out unpaid while %(gate)s was held open") % {"gate": match["gate"]}
    if match:
        return f"{match['reason'].replace('_', ' ')} ({match['gate']})"
    return gettext("corrected by a late record") if why == CORRECTED else why


def closed_as(reason: str) -> str:
    """Return how a stay ended, from the reason it was closed with."""
    return str(_ENDS.get(reason, reason.replace("_", " ")))


def _said(change: TicketChange, ended: str) -> str:
    match = _AT_GATE.fullmatch(change.why)
    reason = match["reason"] if match else ""
    left_unseen = change.to_status == TicketStatus.CLOSED and ended == StayEnding.LEFT_UNSEEN
    what = gettext("ended: left unseen") if left_unseen else _what(change, reason)
    places = [match["gate"]] if match else []
    if change.by is not None:
        places.append(str(change.by))
    elif match:
        places.append(gettext("camera"))
    where = f" ({', '.join(places)})" if places else ""
    return f"{what}{where}{_note(change, is_told=match is not None)}"


def _said_of_plate(correction: PlateCorrection) -> str:
    if not correction.to_plate:
        return gettext("plate corrected; it is not kept any more")
    words = {"before": correction.from_plate, "plate": correction.to_plate, "person": correction.by}
    if correction.by is None:
        return gettext("plate read better: %(plate)s instead of %(before)s (camera)") % words
    said = (
        gettext("plate corrected from %(before)s to %(plate)s (%(person)s)")
        if correction.from_plate
        else gettext("plate added: %(plate)s (%(person)s)")
    )
    return f"{said % words}: {correction.why}" if correction.why else said % words


def _what(change: TicketChange, reason: str) -> str:
    status = TicketStatus(change.to_status)
    if status == TicketStatus.PAID and change.from_status == TicketStatus.CLOSED:
        return gettext("exit undone, paid")
    if status == TicketStatus.ACTIVE and change.from_status:
        if reason == "passed":
            return gettext("passed the barrier")
        if change.from_status == TicketStatus.CLOSED:
            return gettext("exit undone")
        return gettext("still to pay") if change.from_status == TicketStatus.PAID else gettext("back to parked")
    if status == TicketStatus.VOID and reason == "backed out of":
        return gettext("backed out")
    words = {TicketStatus.CLOSED: _OUT, TicketStatus.REVIEW: _REVIEWED}.get(status, _IN)
    return str(next((said for known, said in words.items() if known == reason), _STATES[status]))


def _note(change: TicketChange, *, is_told: bool) -> str:
    """Return what a person or rule wrote about the change, unless the words say it already."""
    if change.why == CORRECTED:
        return gettext(", corrected by a late record")
    if is_told or not change.why or change.why in _PLAIN:
        return ""
    return f": {change.why}"
