"""Reminders of open debts and their fees, and appeals against debts."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, CreditKind, Debt, DebtAppeal, DebtReminder
from billing.services.charges import credit_locked, lock_charge
from common.errors import ConflictError
from common.money import same_figure

REMINDER_DAYS = (7, 14, 30)
"""After how many days a debt's owner is reminded."""
LATE = timedelta(hours=24)


class AppealOpenError(ConflictError):
    """The debt has an appeal that nobody has answered."""

    code = "appeal_open"


class AppealAnsweredError(ConflictError):
    """The appeal was answered before."""

    code = "appeal_answered"


class DebtSettledError(ConflictError):
    """Nothing is owed any more, so there is nothing to appeal against."""

    code = "debt_settled"


@transaction.atomic
def remind_of_debt(*, debt: Debt, at: datetime) -> DebtReminder | None:
    """Record the reminder that is due for an open debt, with its fee on the charge; None when none is to be sent.

    One that is more than a day late is left out: it is noted, costs nothing, and is never sent. Each comes once. While
    an appeal is open none is due.
    """
    charge = lock_charge(debt.charge)
    current = Debt.objects.open().filter(pk=debt.pk).first()
    if current is None or current.appeals.open().exists():
        return None
    known = set(current.reminders.values_list("number", flat=True))
    sent = None
    for number, days in enumerate(REMINDER_DAYS, start=1):
        due_at = current.created_at + timedelta(days=days)
        if number in known or due_at > at:
            continue
        left_out = at - due_at > LATE
        fee = 0 if left_out else _fee_of(current, charge)
        reminder = DebtReminder.objects.create(
            debt=current, number=number, fee_amount=fee, left_out=left_out, created_at=at
        )
        if not left_out:
            _add_fee(charge, fee, at)
            sent = reminder
    return sent


@transaction.atomic
def appeal_debt(*, debt: Debt, text: str, email: str, at: datetime, made_by: User | None = None) -> DebtAppeal:
    """Record what a driver says against a debt. Raises AppealOpenError (409), DebtSettledError (409)."""
    lock_charge(debt.charge)
    current = Debt.objects.open().filter(pk=debt.pk).first()
    if current is None:
        raise DebtSettledError(_("Nothing is owed for this stay any more."))
    if current.appeals.open().exists():
        raise AppealOpenError(_("You have written to the operator already. They will answer by email."))
    return DebtAppeal.objects.create(debt=current, text=text, email=email, made_by=made_by, made_at=at)


@transaction.atomic
def answer_appeal(*, appeal: DebtAppeal, accept: bool, answer: str, by: User, at: datetime) -> DebtAppeal:
    """Answer an appeal; accepting writes off what is still owed. Raises AppealAnsweredError (409)."""
    charge = lock_charge(appeal.debt.charge)
    appeal = DebtAppeal.objects.select_related("debt__operator").get(pk=appeal.pk)
    appeal.debt.charge = charge
    if appeal.answered_at is not None:
        raise AppealAnsweredError(_("This appeal has been answered by %(name)s.") % {"name": appeal.answered_by})
    appeal.accepted, appeal.answer, appeal.answered_by, appeal.answered_at = accept, answer, by, at
    appeal.save(update_fields=["accepted", "answer", "answered_by", "answered_at"])
    if accept and charge.balance_amount > 0:
        credit_locked(charge, amount=charge.balance_amount, kind=CreditKind.WAIVED, reason=answer, granted_by=by, at=at)
    return appeal


@transaction.atomic
def write_off_debt(*, debt: Debt, agreed: int, reason: str, by: User, at: datetime) -> bool:
    """Credit what a debt owes, unless that is more than was `agreed` to (minor units); return whether it was done."""
    charge = lock_charge(debt.charge)
    if not 0 < charge.balance_amount <= agreed:
        return False
    credit_locked(charge, amount=charge.balance_amount, kind=CreditKind.WAIVED, reason=reason, granted_by=by, at=at)
    return True


def _fee_of(debt: Debt, charge: Charge) -> int:
    """Return the fee of one more reminder: the operator's, as far as all fees of a debt stay within the cap."""
    operator = charge.lot.operator
    if not operator.debt_reminder_fee or operator.debt_fee_cap is None:
        return 0
    fee, cap = (
        same_figure(amount, operator.currency, charge.currency)
        for amount in (operator.debt_reminder_fee, operator.debt_fee_cap)
    )
    charged = int(debt.reminders.aggregate(sum=Sum("fee_amount", default=0))["sum"])
    return max(0, min(fee, cap - charged))


def _add_fee(charge: Charge, fee: int, at: datetime) -> None:
    """Add a fee to a locked charge as a line of its own."""
    if not fee:
        return
    moment = at.isoformat()
    charge.lines = [*charge.lines, {"label": _("Reminder fee"), "from": moment, "to": moment, "amount": fee}]
    charge.due_amount += fee
    charge.save(update_fields=["due_amount", "lines"])
    charge.refresh_from_db(fields=["balance_amount"])
