"""What the desk says about the last thing done; it stays in sight until the next."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from billing.models import Payment, PaymentState
from billing.services import PAID_TWICE
from common.money import format_money
from gates.decision import Action, Concern, Reason
from gates.models import GateEvent
from gates.services import DeskExit
from lots.gate_rules import Direction
from lots.models import Lot
from tickets.models import Ticket

KEY = "desk_last"
SHOWN_FOR = timedelta(minutes=5)
_CONCERNS = {
    Concern.BLOCKED: "on the blocklist",
    Concern.CLOSED: "outside opening hours",
    Concern.NO_SPOT: "no spot free",
    Concern.LOW_CONFIDENCE: "plate not readable",
    Concern.PASSBACK: "already inside",
    Concern.MISSED_EXIT: "earlier exit missed",
    Concern.BROKEN_PROMISE: "booked spot occupied",
    Concern.OUT_OF_ORDER: "records out of order",
    Concern.PLATE_MISMATCH: "another plate than at entry",
    Concern.UNANSWERED: "nobody answered",
    Concern.NO_TICKET: "no stay found",
    Concern.OWED: "left owing",
    Concern.WAIVED: "fee waived",
    Concern.BY_HAND: "opened by hand",
}

WAITS_FOR: dict[str, str] = {
    Reason.FEE_DUE: "has to pay",
    Reason.OWED: "card failed, no plate",
    Reason.NO_TICKET: "no stay found",
    Reason.AMBIGUOUS: "several stays fit",
    Reason.LOW_CONFIDENCE: "plate not readable",
    Reason.PASSBACK: "already inside",
    Reason.FULL: "booked spot occupied",
}
"""What a car that stands at a lane waits for."""


@dataclass(frozen=True, slots=True)
class Result:
    """One act's outcome: what happened, the rest of it, and an amount to be seen from a step away.

    `tone` is ok, warn or stop; `at` is ISO; `number` names the stay it was about, `receipt` is the token of one whose
    receipt can be printed, `slip` the number of a ticket that the driver has to be given.
    """

    tone: str
    title: str
    detail: str = ""
    change: str = ""
    number: str = ""
    receipt: str = ""
    slip: str = ""
    at: str = ""

    @property
    def when(self) -> datetime:
        """Return the instant of the act."""
        return datetime.fromisoformat(self.at)

    @property
    def until(self) -> datetime:
        """Return when nobody looks for it any more."""
        return self.when + SHOWN_FOR


_FIELDS = {field.name for field in fields(Result)}


def remember(session: SessionBase, lot: Lot, result: Result, *, at: datetime) -> None:
    """Keep a result for the pages of this lot."""
    session[KEY] = asdict(result) | {"at": at.isoformat(), "lot": lot.slug}


def forget(session: SessionBase) -> None:
    """Drop the last result."""
    session.pop(KEY, None)


def last_result(session: SessionBase, lot: Lot, *, at: datetime) -> Result | None:
    """Return what was done at this lot a few minutes ago at most."""
    kept = dict(session.get(KEY) or {})
    if kept.pop("lot", None) != lot.slug:
        return None
    result = Result(**{name: value for name, value in kept.items() if name in _FIELDS})
    return result if at < result.until else None


def said_of_exit(done: DeskExit, *, waived: bool = False) -> Result:
    """Say how an exit went."""
    car = done.ticket.plate or done.ticket.number
    if done.left:
        return _left(done, car, waived=waived)
    return Result("warn", *said_of_failure(done.payment, car), number=done.ticket.number)


def _left(done: DeskExit, car: str, *, waived: bool) -> Result:
    payment, currency, number = done.payment, done.ticket.lot.currency, done.ticket.number
    if done.debt is not None:
        owed = format_money(done.debt.amount, currency)
        debtor = f"It is a debt of {done.debt.plate} now."
        return Result("warn", f"{car} may leave, {owed} stays owed", debtor, number=number)
    if done.decision.reason is Reason.OWED:
        return Result("warn", f"{car} may leave", "The fee stays owed; the stay waits in review.", number=number)
    if payment is None:
        detail = "The fee was waived." if waived else "Nothing was owed."
        return Result("ok", f"{car} may leave", detail, number=number)
    if payment.failure == PAID_TWICE:
        return _paid_twice(f"{car} may leave", payment, number)
    return Result("ok", f"{car} may leave", *_taken(payment), number, receipt=done.ticket.token)


def said_of_debt(ticket: Ticket, payment: Payment) -> Result:
    """Say how taking a debt went."""
    car, number = ticket.plate or ticket.number, ticket.number
    if payment.failure == PAID_TWICE:
        return _paid_twice(f"{car} had paid for {number}", payment, number)
    if payment.failure or payment.state != PaymentState.CAPTURED:
        title, detail = said_of_failure(payment, car, "Take cash or try another card; until then it stays owed.")
        return Result("warn", title, detail, number=number)
    taken, change = _taken(payment)
    title = f"{car} has paid what it owed for {number}"
    return Result("ok", title, taken, change, number, receipt=ticket.token)


def _paid_twice(title: str, payment: Payment, number: str) -> Result:
    returned = format_money(payment.refunded_amount, payment.charge.currency)
    return Result("warn", title, f"It was paid meanwhile: {returned} goes back to this card.", "", number)


def _taken(payment: Payment) -> tuple[str, str]:
    """Say what was taken and how, and what to give back."""
    currency = payment.charge.currency
    taken = format_money(payment.captured_amount, currency)
    if payment.tendered_amount:
        said = f"{taken} of {format_money(payment.tendered_amount, currency)} in cash."
    else:
        said = f"{taken} by {payment.get_method_display().lower()}."
    return said, format_money(payment.change_amount, currency) if payment.change_amount else ""


def said_of_failure(
    payment: Payment | None, what: str, choice: str = "Take cash, try another card, or let it go owing."
) -> tuple[str, str]:
    """Say in a title and a sentence why a card did not pay for something, and what can be done now."""
    failure = payment.failure if payment else ""
    if failure == "declined":
        return f"Card declined for {what}", f"Nothing was taken. {choice}"
    if payment and failure == "partial":
        taken = format_money(payment.captured_amount, payment.charge.currency)
        return f"The card paid only {taken} for {what}", f"The rest is still to pay. {choice}"
    title = f"The card terminal did not answer for {what}"
    if payment and payment.state == PaymentState.PENDING:
        return title, f"It has not said what happened; what it takes after all counts. {choice}"
    return title, f"Nothing was taken. {choice}"


def said_of_entry(event: GateEvent) -> Result:
    """Say where a car that was let in is to park; one without a plate has to be given its ticket."""
    ticket, spot = event.ticket, event.answer.get("spot")
    place = f"{spot['number']}, {spot['level_name']}" if spot and spot["number"] else spot and spot["level_name"]
    number = ticket.number if ticket else ""
    slip = number if not event.plate else ""
    words = ["Give the driver this ticket: it is how the stay is found." if slip else number and f"Ticket {number}."]
    words += ["" if place else "No spot is free for it."]
    if Concern.MISSED_EXIT in event.flags:
        words.append("It was inside already: its earlier stay waits in review.")
    if Concern.BLOCKED in event.flags:
        words.append("Its plate is on the blocklist.")
    title = f"{event.plate or 'A car without a plate'} is in" + (f": spot {place}" if place else "")
    tone = "warn" if set(event.flags) - {Concern.LOW_CONFIDENCE} else "ok"
    return Result(tone, title, " ".join(filter(None, words)), number=number, slip=slip)


def said_of_opening(event: GateEvent) -> Result:
    """Say that a gate was opened by hand."""
    return Result("ok", f"{event.gate} is open", f"Recorded in your name: {event.note}")


def said_of_event(event: GateEvent, *, direction: str) -> str:
    """Say what happened at a lane of this direction: `drove in`, `let out by the attendant`, `turned away: full`."""
    if event.action in {Action.PAY, Action.ATTEND}:
        return f"asked: {WAITS_FOR.get(event.reason, 'needs an attendant')}"
    if event.action == Action.DENY:
        return f"turned away: {event.reason.replace('_', ' ')}"
    if event.action != Action.OPEN:
        return event.action.replace("_", " ")
    way = "in" if direction == Direction.ENTRY else "out"
    if event.ticket_id is None:
        return "opened by hand" if event.person_id else "let through"
    if event.reason == Reason.OWED:
        return "left owing"
    return f"let {way} by the attendant" if event.person_id else f"drove {way}"


def said_of_flags(event: GateEvent) -> str:
    """Say what about an event a person should look at."""
    return ", ".join(_CONCERNS.get(flag, str(flag).replace("_", " ")) for flag in event.flags)
