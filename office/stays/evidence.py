"""Everything that is known of a stay as one column in the order of time: reads, decisions, money and people."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, pgettext

from billing.models import Credit, Debt, Payment, PaymentState, Refund
from common.translation import money_said
from gates.feed import Activity, activities
from gates.models import GateEvent
from office.stays.stay_history import history_of
from tickets.models import StayAct, StayActKind, Ticket


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line: `kind` says in a word what it is; a gate's event is an `activity`, all others are a `text`."""

    at: datetime
    kind: str
    text: str = ""
    activity: Activity | None = None


def evidence_of(ticket: Ticket, payments: Iterable[Payment], debt: Debt | None) -> list[Evidence]:
    """Return all that is known of a stay, the oldest first; at most six queries."""
    events = GateEvent.objects.filter(ticket=ticket).select_related("lot", "gate", "person", "ticket__charge")
    lines = [Evidence(one.at, gettext("Gate"), activity=one) for one in activities(events.order_by("id"))]
    changes = history_of(
        ticket.changes.select_related("by").order_by("id"),
        ticket.plate_corrections.select_related("by").order_by("id"),
        ended=ticket.closed_reason,
    )
    lines += [Evidence(line.at, gettext("Stay"), line.text) for line in changes]
    acts = ticket.acts.select_related("by").order_by("id")
    lines += [Evidence(act.at, gettext("Person"), _act_said(act)) for act in acts]
    lines += _of_money(ticket, payments, debt)
    return sorted(lines, key=lambda line: line.at)


def _act_said(act: StayAct) -> str:
    before = act.before or gettext("none")
    words = {"before": before, "after": act.after, "person": act.by or gettext("somebody"), "why": act.why}
    if act.kind == StayActKind.MOVED:
        return gettext("moved from %(before)s to %(after)s (%(person)s): %(why)s") % words
    if act.kind == StayActKind.REPRICED:
        return gettext("priced by %(after)s instead of %(before)s (%(person)s): %(why)s") % words
    return gettext("note by %(person)s: %(why)s") % words


def _of_money(ticket: Ticket, payments: Iterable[Payment], debt: Debt | None) -> Iterator[Evidence]:
    charge = ticket.charge
    if charge is None:
        return
    kind, currency = pgettext("kind", "Money"), charge.currency
    for payment in payments:
        yield Evidence(payment.created_at, kind, _payment_said(payment, currency))
    for credit in Credit.objects.filter(charge=charge).select_related("granted_by").order_by("id"):
        said = f"{credit.get_kind_display()}: {money_said(credit.amount, currency)}"
        yield Evidence(credit.created_at, kind, _with_reason(said, credit.granted_by, credit.reason))
    for refund in Refund.objects.filter(payment__charge=charge).select_related("refunded_by").order_by("id"):
        said = gettext("%(amount)s given back") % {"amount": money_said(refund.amount, currency)}
        yield Evidence(refund.created_at, kind, _with_reason(said, refund.refunded_by, refund.reason))
    if debt is not None:
        words = {"amount": money_said(debt.amount, currency), "plate": debt.plate}
        yield Evidence(debt.created_at, kind, gettext("%(amount)s owed by %(plate)s") % words)
        if debt.settled_at is not None:
            yield Evidence(debt.settled_at, kind, gettext("the debt is settled"))


def _payment_said(payment: Payment, currency: str) -> str:
    is_captured = payment.state == PaymentState.CAPTURED
    amount = money_said(payment.captured_amount if is_captured else payment.amount, currency)
    said = f"{payment.get_method_display()}: {amount}"
    if not is_captured:
        said = f"{said}, {payment.get_state_display()}"
    return f"{said} ({payment.taken_by})" if payment.taken_by else said


def _with_reason(said: str, person: object, reason: str) -> str:
    return f"{said} ({person}): {reason}" if person else f"{said}: {reason}"
