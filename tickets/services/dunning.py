"""Reminding drivers of what their stays left owing, and telling them how their appeal ended."""

import hashlib
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from billing.models import Debt, DebtAppeal
from billing.services import REMINDER_DAYS, answer_appeal, remind_of_debt
from common.translation import day_said, money_said
from lots.calendar import zone_of
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
    context = {
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
    context = {
        "operator": ticket.lot.operator.name,
        "lot": ticket.lot.name,
        "plate": debt.plate,
        "ticket": ticket.number,
        "day": day_said((ticket.exit_at or debt.created_at).astimezone(zone_of(ticket.lot))),
        "number": reminder.number,
        "owed": money_said(debt.charge.balance_amount, debt.charge.currency),
        "fee": money_said(reminder.fee_amount, debt.charge.currency) if reminder.fee_amount else "",
        "is_last": reminder.number == len(REMINDER_DAYS),
        "link": ticket_link(ticket.token),
    }
    for address in _owners(ticket):
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        queue_message(
            key=f"debt_reminder:{debt.pk}:{reminder.number}:{digest}",
            operator=ticket.lot.operator,
            recipient=address,
            template="debt_reminder",
            context=context,
            at=at,
        )
    return True


def _owners(ticket: Ticket) -> list[str]:
    """Return the addresses of those who have proven the stay; a plate in somebody's list of vehicles proves nothing."""
    return sorted({proof.driver.email.lower() for proof in ticket.proofs.select_related("driver")})
