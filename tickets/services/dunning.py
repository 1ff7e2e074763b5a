"""Reminding drivers of what their stays left owing, and telling them how their appeal ended."""

import hashlib
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import get_language, override

from accounts.models import User
from billing.models import Debt, DebtAppeal
from billing.services import REMINDER_DAYS, answer_appeal, remind_of_debt
from common.translation import day_said, money_said
from lots.calendar import zone_of
from lots.displays import language_for, languages_for
from notifications.services import queue_message
from tickets.links import ticket_link
from tickets.models import StayProof, Ticket

BATCH = 500

logger = structlog.get_logger(__name__)


def remind_debtors(*, at: datetime) -> int:
    """Send the reminders that are due to the owners who are known, and return how many debts were reminded of."""
    missing = Q()
    for number, days in enumerate(REMINDER_DAYS, start=1):
        missing |= Q(created_at__lte=at - timedelta(days=days), reminded__lt=number)
    is_known = Exists(StayProof.objects.filter(ticket__charge=OuterRef("charge")))
    is_disputed = Exists(DebtAppeal.objects.open().filter(debt=OuterRef("pk")))
    due = Debt.objects.open().annotate(reminded=Count("reminders")).filter(missing, is_known, ~is_disputed)
    sent = 0
    for debt in due.select_related("charge__lot__operator", "charge__ticket__lot__operator").order_by("pk")[:BATCH]:
        try:
            sent += _remind(debt, at)
        except Exception:
            # One debt must not keep the others from being reminded of; the next run tries again.
            logger.exception("debt_not_reminded", debt=debt.pk)
    return sent


@transaction.atomic
def answer_debt_appeal(*, appeal: DebtAppeal, accept: bool, answer: str, by: User, at: datetime) -> DebtAppeal:
    """Answer an appeal and mail the answer; otherwise as `billing.services.answer_appeal`."""
    answered = answer_appeal(appeal=appeal, accept=accept, answer=answer, by=by, at=at)
    ticket = Ticket.objects.select_related("lot__operator").filter(charge=answered.debt.charge_id).first()
    debt = answered.debt
    with override(languages_for([answered.email], [debt.charge.lot_id])[answered.email, debt.charge.lot_id]):
        context = {
            "language": get_language(),
            "operator": debt.operator.name,
            "lot": debt.charge.lot.name,
            "day": day_said(debt.created_at.astimezone(zone_of(debt.charge.lot))),
            "accepted": accept,
            "answer": answer,
            "link": ticket_link(ticket.token) if ticket else "",
        }
    queue_message(
        key=f"debt_appeal:{answered.pk}",
        operator=debt.operator,
        recipient=answered.email,
        template="debt_appeal",
        context=context,
        at=at,
    )
    return answered


@transaction.atomic
def _remind(debt: Debt, at: datetime) -> bool:
    reminder = remind_of_debt(debt=debt, at=at)
    if reminder is None:
        return False
    debt.charge.refresh_from_db()
    ticket: Ticket = debt.charge.ticket
    for owner in _owners(ticket):
        address = owner.email.lower()
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        with override(language_for(owner, ticket.lot)):
            context = _reminding(debt, ticket, number=reminder.number, fee=reminder.fee_amount)
        queue_message(
            key=f"debt_reminder:{debt.pk}:{reminder.number}:{digest}",
            operator=ticket.lot.operator,
            recipient=address,
            template="debt_reminder",
            context=context,
            at=at,
        )
    return True


def _reminding(debt: Debt, ticket: Ticket, *, number: int, fee: int) -> dict[str, object]:
    return {
        "language": get_language(),
        "operator": ticket.lot.operator.name,
        "lot": ticket.lot.name,
        "plate": debt.plate,
        "ticket": ticket.number,
        "day": day_said((ticket.exit_at or debt.created_at).astimezone(zone_of(ticket.lot))),
        "number": number,
        "owed": money_said(debt.charge.balance_amount, debt.charge.currency),
        "fee": money_said(fee, debt.charge.currency) if fee else "",
        "is_last": number == len(REMINDER_DAYS),
        "link": ticket_link(ticket.token),
    }


def _owners(ticket: Ticket) -> list[User]:
    """Return those who have proven the stay; a plate in somebody's list of vehicles proves nothing."""
    found = {proof.driver.email.lower(): proof.driver for proof in ticket.proofs.select_related("driver")}
    return [found[address] for address in sorted(found)]
