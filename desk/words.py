"""The result of an attendant's last act, and what happened at a lane, as the desk shows them."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Payment, PaymentState
from billing.services import PAID_TWICE
from common.translation import money_said
from gates.decision import Action, Concern, Reason
from gates.models import HOLD_ENDED, HOLD_OPEN, EventKind, GateEvent
from gates.services import UNDO_WITHIN, DeskExit
from lots.gate_rules import Direction
from lots.models import Gate, Lot
from tickets.models import Ticket, TicketStatus
from tickets.to_pay import stay_owes

KEY = "desk_last"
SHOWN_FOR = timedelta(minutes=5)
_CONCERNS: dict[str, str | Promise] = {
    Concern.BLOCKED: gettext_lazy("on the blocklist"),
    Concern.PREPAY: gettext_lazy("has to prepay, owes for three stays"),
    Concern.CLOSED: gettext_lazy("outside opening hours"),
    Concern.NO_SPOT: gettext_lazy("no spot free"),
    Concern.POOL_FULL: gettext_lazy("beyond the spaces of its pass"),
    Concern.LOW_CONFIDENCE: gettext_lazy("plate not readable"),
    Concern.PASSBACK: gettext_lazy("already inside"),
    Concern.MISSED_EXIT: gettext_lazy("earlier exit missed"),
    Concern.BROKEN_PROMISE: gettext_lazy("booked spot occupied"),
    Concern.OUT_OF_ORDER: gettext_lazy("records out of order"),
    Concern.PLATE_MISMATCH: gettext_lazy("another plate than at entry"),
    Concern.UNANSWERED: gettext_lazy("nobody answered"),
    Concern.NO_TICKET: gettext_lazy("no stay found"),
    Concern.OWED: gettext_lazy("left owing"),
    Concern.WAIVED: gettext_lazy("fee waived"),
    Concern.BY_HAND: gettext_lazy("opened by hand"),
    Concern.HELD_OPEN: gettext_lazy("gate held open"),
    Concern.UNDONE: gettext_lazy("exit undone"),
}

_WAITS_FOR: dict[str, str | Promise] = {
    Reason.FEE_DUE: gettext_lazy("has to pay"),
    Reason.OWED: gettext_lazy("card failed, no plate"),
    Reason.NO_TICKET: gettext_lazy("no stay found"),
    Reason.AMBIGUOUS: gettext_lazy("several stays match"),
    Reason.LOW_CONFIDENCE: gettext_lazy("plate not readable"),
    Reason.PASSBACK: gettext_lazy("already inside"),
    Reason.FULL: gettext_lazy("booked spot occupied"),
    Reason.PREPAY: gettext_lazy("has to prepay, owes for three stays"),
}
"""What a car at a lane waits for, by the reason of its event."""
_TURNED_AWAY: dict[str, str | Promise] = {
    Reason.FULL: gettext_lazy("full"),
    Reason.POOL_FULL: gettext_lazy("spaces of its pass taken"),
    Reason.CLOSED: gettext_lazy("closed"),
    Reason.BLOCKED: gettext_lazy("blocked plate"),
}


_HELD = {
    HOLD_OPEN: gettext_lazy("held open by %(person)s"),
    HOLD_ENDED: gettext_lazy("hold ended by %(person)s"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One act's outcome: a title, details and the change to give.

    `tone` is ok, warn or stop; `at` is ISO; `number` names the stay, `receipt` is the token of one whose receipt can be
    printed, `slip` the number of a ticket to hand to the driver, `undo` the event id of an exit that can be undone.
    """

    tone: str
    title: str
    detail: str = ""
    change: str = ""
    number: str = ""
    receipt: str = ""
    slip: str = ""
    undo: str = ""
    at: str = ""

    @property
    def when(self) -> datetime:
        """Return the instant of the act."""
        return datetime.fromisoformat(self.at)

    @property
    def until(self) -> datetime:
        """Return when it is no longer shown."""
        return self.when + SHOWN_FOR

    @property
    def undo_until(self) -> datetime:
        """Return until when its exit can be undone."""
        return self.when + UNDO_WITHIN


_FIELDS = {field.name for field in fields(Result)}


def remember(session: SessionBase, lot: Lot, result: Result, *, at: datetime) -> None:
    """Store a result in the session for the pages of this lot."""
    session[KEY] = asdict(result) | {"at": at.isoformat(), "lot": lot.slug}


def forget(session: SessionBase) -> None:
    """Drop the last result."""
    session.pop(KEY, None)


def last_result(session: SessionBase, lot: Lot, *, at: datetime) -> Result | None:
    """Return the last result at this lot, unless it is older than `SHOWN_FOR`."""
    kept = dict(session.get(KEY) or {})
    if kept.pop("lot", None) != lot.slug:
        return None
    result = Result(**{name: value for name, value in kept.items() if name in _FIELDS})
    if at >= result.until:
        return None
    return result if at < result.undo_until else replace(result, undo="")


def said_of_exit(done: DeskExit, *, waived: bool = False) -> Result:
    """Return the result of an exit."""
    car = done.ticket.plate or done.ticket.number
    if done.left:
        return replace(_left(done, car, waived=waived), undo=str(done.exit_id or ""))
    return Result("warn", *said_of_failure(done.payment, car), number=done.ticket.number)


def _left(done: DeskExit, car: str, *, waived: bool) -> Result:
    payment, currency, number = done.payment, done.ticket.lot.currency, done.ticket.number
    if done.debt is not None:
        owed = money_said(done.debt.amount, currency)
        debtor = _("It is a debt of %(plate)s now.") % {"plate": done.debt.plate}
        return Result(
            "warn", _("%(car)s may leave, %(owed)s stays owed") % {"car": car, "owed": owed}, debtor, number=number
        )
    if done.decision.reason is Reason.OWED:
        return Result(
            "warn",
            _("%(car)s may leave") % {"car": car},
            _("The fee stays owed; the stay is in review."),
            number=number,
        )
    if payment is None:
        detail = _("The fee was waived.") if waived else _("Nothing was owed.")
        return Result("ok", _("%(car)s may leave") % {"car": car}, detail, number=number)
    if payment.failure == PAID_TWICE:
        return _paid_twice(_("%(car)s may leave") % {"car": car}, payment, number)
    return Result("ok", _("%(car)s may leave") % {"car": car}, *_taken(payment), number, receipt=done.ticket.token)


def said_of_debt(ticket: Ticket, payment: Payment) -> Result:
    """Return the result of taking a debt."""
    car, number = ticket.plate or ticket.number, ticket.number
    if payment.failure == PAID_TWICE:
        return _paid_twice(_("%(car)s had paid for %(number)s") % {"car": car, "number": number}, payment, number)
    if payment.failure or payment.state != PaymentState.CAPTURED:
        title, detail = said_of_failure(payment, car, _("Take cash or try another card; until then it stays owed."))
        return Result("warn", title, detail, number=number)
    taken, change = _taken(payment)
    title = _("%(car)s has paid what it owed for %(number)s") % {"car": car, "number": number}
    return Result("ok", title, taken, change, number, receipt=ticket.token)


def _paid_twice(title: str, payment: Payment, number: str) -> Result:
    returned = money_said(payment.refunded_amount, payment.charge.currency)
    return Result(
        "warn",
        title,
        _("It was paid meanwhile: %(returned)s goes back to this card.") % {"returned": returned},
        "",
        number,
    )


def _taken(payment: Payment) -> tuple[str, str]:
    """Return what was taken and how, and the change to give back."""
    currency = payment.charge.currency
    taken = money_said(payment.captured_amount, currency)
    if payment.tendered_amount:
        tendered = money_said(payment.tendered_amount, currency)
        said = _("%(taken)s of %(tendered)s in cash.") % {"taken": taken, "tendered": tendered}
        if payment.kept_amount:
            kept = money_said(payment.kept_amount, currency)
            said = " ".join([said, _("%(kept)s of the change was not given.") % {"kept": kept}])
    else:
        said = _("%(taken)s by %(method)s.") % {"taken": taken, "method": payment.get_method_display().lower()}
    return said, money_said(payment.change_amount, currency) if payment.change_amount else ""


def said_of_failure(payment: Payment | None, what: str, choice: str = "") -> tuple[str, str]:
    """Return a title and sentences: why a card did not pay for something, and what to do now (`choice`)."""
    choice = choice or _("Take cash, try another card, or let it go owing.")
    failure = payment.failure if payment else ""
    if failure == "declined":
        return _("Card declined for %(what)s") % {"what": what}, " ".join([_("Nothing was taken."), choice])
    if payment and failure == "partial":
        taken = money_said(payment.captured_amount, payment.charge.currency)
        title = _("The card paid only %(taken)s for %(what)s") % {"taken": taken, "what": what}
        return title, " ".join([_("The rest is still to pay."), choice])
    title = _("The card terminal did not answer for %(what)s") % {"what": what}
    if payment and payment.state == PaymentState.PENDING:
        return title, " ".join([_("The result is not known; if it takes the money after all, that counts."), choice])
    return title, " ".join([_("Nothing was taken."), choice])


def said_of_entry(event: GateEvent) -> Result:
    """Return the result of letting a car in: where it parks, and the ticket to hand over when it has no plate."""
    ticket, spot = event.ticket, event.answer.get("spot")
    place = f"{spot['number']}, {spot['level_name']}" if spot and spot["number"] else spot and spot["level_name"]
    number = ticket.number if ticket else ""
    slip = number if not event.plate else ""
    words = [_("Give the driver this ticket: it is needed to find the stay.")] if slip else []
    words += [_("Ticket %(number)s.") % {"number": number}] if number and not slip else []
    words += [] if place else [_("No spot is free for it.")]
    if Concern.MISSED_EXIT in event.flags:
        words.append(_("It was inside already: its earlier stay is in review."))
    if Concern.BLOCKED in event.flags:
        words.append(_("Its plate is on the blocklist."))
    if Concern.PREPAY in event.flags:
        words.append(_("It owes for three stays and has not prepaid."))
    car = event.plate or _("A car without a plate")
    title = _("%(car)s is in: spot %(place)s") if place else _("%(car)s is in")
    title %= {"car": car, "place": place}
    tone = "warn" if set(event.flags) - {Concern.LOW_CONFIDENCE} else "ok"
    return Result(tone, title, " ".join(words), number=number, slip=slip)


def said_of_end(ticket: Ticket) -> Result:
    """Return the result of ending a stay that is not there any more."""
    car = ticket.plate or ticket.number
    if ticket.status == TicketStatus.VOID:
        return Result("ok", _("The stay of %(car)s is void") % {"car": car}, number=ticket.number)
    owed = ticket.charge.balance_amount if ticket.charge else 0
    title = _("The stay of %(car)s is ended") % {"car": car}
    if not owed:
        return Result("ok", title, _("Nothing is owed."), number=ticket.number)
    amount = money_said(owed, ticket.lot.currency)
    return Result("warn", title, _("%(amount)s is a debt of the plate now.") % {"amount": amount}, number=ticket.number)


def said_of_opening(event: GateEvent) -> Result:
    """Return the result of opening a gate by hand."""
    return Result(
        "ok", _("%(gate)s is open") % {"gate": event.gate}, _("Recorded in your name: %(note)s") % {"note": event.note}
    )


def said_of_hold(gate: Gate) -> Result:
    """Return the result of holding a gate open; somebody else may have done so before."""
    values = {"gate": gate, "person": gate.held_open_by, "why": gate.held_open_why}
    return Result(
        "warn",
        _("%(gate)s is held open") % values,
        _("Every car passes and is recorded. In the name of %(person)s: %(why)s") % values,
    )


def said_of_hold_end(gate: Gate) -> Result:
    """Return the result of ending the hold of a gate."""
    return Result("ok", _("%(gate)s is not held open any more") % {"gate": gate}, _("Its reads decide again."))


def said_of_plate(ticket: Ticket, *, before: str | None) -> Result:
    """Return the result of correcting a plate."""
    was = _("It was read as %(plate)s.") % {"plate": before} if before else _("It had no plate.")
    booked = _("It is on its booking now.") if ticket.reservation_id else ""
    title = _("The plate is %(plate)s now") % {"plate": ticket.plate}
    return Result("ok", title, " ".join(filter(None, [was, booked])), number=ticket.number)


def said_of_undo(event: GateEvent, ticket: Ticket, at: datetime) -> Result:
    """Return the result of taking an exit back."""
    owed = stay_owes(ticket, at).owed
    words = [_("%(owed)s is to pay.") % {"owed": money_said(owed, ticket.lot.currency)}] if owed else []
    words += [_("What was paid stays paid.")] if ticket.status == TicketStatus.PAID else []
    lost = Concern.NO_SPOT in event.flags
    words += [_("Its spot is taken by now, so it has none.")] if lost else []
    title = _("%(car)s is inside again") % {"car": ticket.plate or ticket.number}
    return Result("warn" if lost else "ok", title, " ".join(words), number=ticket.number)


def said_of_event(event: GateEvent, *, direction: str) -> str:
    """Return what happened at a lane of this direction: `drove in`, `let out by the attendant`, `turned away: full`."""
    if event.kind == EventKind.UNDO:
        return _("exit undone by the attendant")
    if event.action in {Action.PAY, Action.ATTEND}:
        return _("asked: %(what)s") % {"what": waits_for(event)}
    if event.kind == EventKind.HOLD:
        return str(_HELD[event.action]) % {"person": event.person}
    if event.action == Action.DENY:
        return _("turned away: %(why)s") % {"why": _TURNED_AWAY.get(event.reason, event.reason)}
    if event.action != Action.OPEN:
        return event.action.replace("_", " ")
    return _said_of_opening(event, direction)


def _said_of_opening(event: GateEvent, direction: str) -> str:
    if event.ticket_id is None:
        return _("opened by hand") if event.person_id else _("let through")
    if event.reason == Reason.OWED:
        return _("left owing")
    if direction == Direction.ENTRY:
        return _("let in by the attendant") if event.person_id else _("drove in")
    return _("let out by the attendant") if event.person_id else _("drove out")


def waits_for(event: GateEvent) -> str:
    """Return what the car of an event waits for."""
    return str(_WAITS_FOR.get(event.reason, _("needs an attendant")))


def said_of_flags(event: GateEvent) -> str:
    """Return what about an event a person should look at."""
    return ", ".join(str(_CONCERNS.get(flag, str(flag).replace("_", " "))) for flag in event.flags)
