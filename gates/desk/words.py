"""What the desk says about the last thing done; it stays in sight until the next."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase

from billing.services import PAID_TWICE
from common.money import format_money
from gates.decision import Concern, Reason
from gates.models import GateEvent
from gates.services import DeskExit
from lots.models import Lot
from tickets.models import TicketStatus

KEY = "desk_last"
_CONCERNS = {
    Concern.BLOCKED: "on the blocklist",
    Concern.CLOSED: "outside opening hours",
    Concern.NO_SPOT: "no place free",
    Concern.LOW_CONFIDENCE: "plate not readable",
    Concern.PASSBACK: "already inside",
    Concern.MISSED_EXIT: "earlier exit missed",
    Concern.BROKEN_PROMISE: "booked spot taken",
    Concern.OUT_OF_ORDER: "records out of order",
    Concern.PLATE_MISMATCH: "another plate than at entry",
    Concern.UNANSWERED: "nobody answered",
    Concern.NO_TICKET: "no stay found",
    Concern.OWED: "left owing",
    Concern.WAIVED: "fee waived",
    Concern.BY_HAND: "opened by hand",
}


@dataclass(frozen=True, slots=True)
class Result:
    """One act's outcome: what happened, the rest of it, and an amount to be seen from a step away.

    `tone` is ok, warn or stop; `at` is ISO; `number` names the stay it was about, `receipt` is the token of one whose
    receipt can be printed.
    """

    tone: str
    title: str
    detail: str = ""
    change: str = ""
    number: str = ""
    receipt: str = ""
    at: str = ""

    @property
    def when(self) -> datetime:
        """Return the instant of the act."""
        return datetime.fromisoformat(self.at)


def remember(session: SessionBase, lot: Lot, result: Result, *, at: datetime) -> None:
    """Keep a result for the pages of this lot."""
    session[KEY] = asdict(result) | {"at": at.isoformat(), "lot": lot.slug}


def last_result(session: SessionBase, lot: Lot) -> Result | None:
    """Return what was last done at this lot."""
    kept = dict(session.get(KEY) or {})
    return Result(**kept) if kept.pop("lot", None) == lot.slug else None


def said_of_exit(done: DeskExit, *, waived: bool = False) -> Result:
    """Say how an exit went."""
    car = done.ticket.plate or done.ticket.number
    if done.left:
        return _left(done, car, waived=waived)
    if done.decision.reason is Reason.OWED:
        detail = "There is no plate that could owe it. Take cash or another card, or let it out for a reason."
        return Result("stop", f"The card did not pay for {car}", detail, number=done.ticket.number)
    detail = "Ask for another card or for cash. After a second decline the car leaves and the fee stays owed."
    return Result("warn", f"Card declined for {car}", detail, number=done.ticket.number)


def _left(done: DeskExit, car: str, *, waived: bool) -> Result:
    payment, currency, number = done.payment, done.ticket.lot.currency, done.ticket.number
    if done.debt is not None:
        return Result("warn", f"{car} may leave, {_owed(done)}", _why_owed(done), number=number)
    if done.decision.reason is Reason.OWED:
        waits = (
            "the stay waits in review" if done.ticket.status == TicketStatus.REVIEW else "it is a debt once it passes"
        )
        return Result("warn", f"{car} may leave", f"The fee stays owed; {waits}.", number=number)
    if payment is None:
        detail = "The fee was waived." if waived else "Nothing was owed."
        return Result("ok", f"{car} may leave", detail, number=number)
    taken = format_money(payment.captured_amount, currency)
    if payment.failure == PAID_TWICE:
        returned = format_money(payment.refunded_amount, currency)
        return Result(
            "warn", f"{car} may leave", f"It was paid meanwhile: {returned} goes back to this card.", "", number
        )
    detail = f"{taken} by {payment.get_method_display().lower()}."
    change = format_money(payment.change_amount, currency) if payment.change_amount else ""
    if payment.tendered_amount:
        detail = f"{taken} of {format_money(payment.tendered_amount, currency)} in cash."
    return Result("ok", f"{car} may leave", detail, change, number, receipt=done.ticket.token)


def _owed(done: DeskExit) -> str:
    assert done.debt is not None  # noqa: S101 - asked by the only caller
    return f"{format_money(done.debt.amount, done.ticket.lot.currency)} stays owed"


def _why_owed(done: DeskExit) -> str:
    """Say why the money was not taken, and who owes it now."""
    debtor = f"It is a debt of {done.ticket.plate} now." if done.ticket.plate else ""
    failure = done.payment.failure if done.payment else ""
    why = {
        "declined": "The card was declined a second time.",
        "timeout": "The card terminal did not answer.",
        "unavailable": "The card terminal can’t be reached.",
        "partial": "The card paid only a part.",
    }.get(failure, "The card terminal has not said what happened." if done.payment else "")
    return f"{why} {debtor}".strip()


def said_of_entry(event: GateEvent) -> Result:
    """Say where a car that was let in is to park."""
    car = event.plate or "A car without a plate"
    spot = event.answer.get("spot")
    place = f"{spot['number']}, {spot['level_name']}" if spot and spot["number"] else spot and spot["level_name"]
    number = event.ticket.number if event.ticket else ""
    words = [f"Ticket {number}." if number else "", "" if place else "No place is free for it."]
    if Concern.MISSED_EXIT in event.flags:
        words.append("It was inside already: its earlier stay waits in review.")
    if Concern.BLOCKED in event.flags:
        words.append("Its plate is on the blocklist.")
    title = f"{car} is in" + (f": spot {place}" if place else "")
    return Result("warn" if event.flags else "ok", title, " ".join(filter(None, words)), number=number)


def said_of_opening(event: GateEvent) -> Result:
    """Say that a gate was opened by hand."""
    return Result("ok", f"{event.gate} is open", f"Recorded in your name: {event.note}")


def said_of_flags(event: GateEvent) -> str:
    """Say what about an event a person should look at."""
    return ", ".join(_CONCERNS.get(flag, str(flag).replace("_", " ")) for flag in event.flags)
