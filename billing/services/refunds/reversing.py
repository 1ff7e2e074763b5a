"""Taking back refunds that never reached the driver."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Credit, CreditKind, Refund
from billing.services.charges import lock_charge, note_balance
from common.errors import ConflictError


class RefundNotRefusedError(ConflictError):
    """The money was given back, or may still be."""

    code = "refund_not_refused"


class RefundStillDueError(ConflictError):
    """What was refunded has been paid again, so the money has to go back."""

    code = "refund_still_due"


@transaction.atomic
def reverse_refund(*, refund: Refund, by: User, reason: str, at: datetime) -> Refund:
    """Take back a refund that the provider refused, or that nobody handed over, by a negative row. Idempotent.

    The charge is as before the refund: goodwill is credited no more, anything else is no longer owed. Raises
    RefundNotRefusedError, and RefundStillDueError when the driver has paid again meanwhile.
    """
    charge = lock_charge(refund.payment.charge)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    known = Refund.objects.filter(reverses=refund).first()
    if known is not None:
        return known
    if not refund.is_reversible:
        raise RefundNotRefusedError(_("This refund can't be taken back: the money was returned, or still may be."))
    credit = goodwill_of(refund, charge)
    if charge.balance_amount + (credit.amount if credit else 0) < refund.amount:
        raise RefundStillDueError(
            _("The driver has paid again meanwhile, so this money has to go back. Give it back in another way.")
        )
    reversal = write_reversal(refund, credit, by=by, reason=reason, at=at)
    note_balance(charge, at)
    return reversal


def write_reversal(refund: Refund, credit: Credit | None, *, by: User | None, reason: str, at: datetime) -> Refund:
    """Take back a refund of a locked charge, and the goodwill `credit` that was given with it, by negative rows."""
    if credit:  # before the refund's own row: the charge is never overpaid in between
        _reverse_credit(credit, by, reason, at)
    return Refund.objects.create(
        payment=refund.payment,
        amount=-refund.amount,
        reason=reason,
        goodwill=refund.goodwill,
        idempotency_key=f"reverse-{refund.pk}",
        refunded_by=by,
        created_at=at,
        returned_at=at,
        reverses=refund,
    )


def goodwill_of(refund: Refund, charge: Charge) -> Credit | None:
    """Return the credit that was given with a goodwill refund: the one of the same instant and amount."""
    if not refund.goodwill:
        return None
    standing = charge.credits.standing().filter(kind=CreditKind.GOODWILL)
    return standing.filter(amount=refund.amount, created_at=refund.created_at).first()


def _reverse_credit(credit: Credit, by: User | None, reason: str, at: datetime) -> None:
    Credit.objects.create(
        charge_id=credit.charge_id,
        amount=-credit.amount,
        kind=credit.kind,
        reason=reason,
        granted_by=by,
        created_at=at,
        reverses=credit,
    )
