"""Whose stay it is: an account's proofs, each written once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing.models import Payment
from tickets.models import ProofKind, StayProof, Ticket


@transaction.atomic
def prove_stay(*, ticket: Ticket, driver: User, kind: ProofKind, at: datetime) -> StayProof:
    """Show a stay to an account from now on; an earlier proof of the same account stands.

    The caller has made sure of the proof: the account gave the ticket's number or token, or paid the whole fee.
    """
    proof = StayProof(ticket=ticket, driver=driver, kind=kind, proven_at=at)
    StayProof.objects.bulk_create([proof], ignore_conflicts=True)
    return StayProof.objects.get(ticket=ticket, driver=driver)


def prove_payers(*, ticket: Ticket, payments: Sequence[Payment], at: datetime) -> None:
    """Show a stay to the account whose captured `payments` of it make up its whole fee; a part of it proves nothing.

    What was waived counts as not paid, or a cent and an attendant's kindness would be a proof. Belongs into the
    transaction that settled the charge.
    """
    due = ticket.charge.due_amount if ticket.charge else 0
    for payer in {payment.paid_by for payment in payments if payment.paid_by is not None}:
        paid = sum(payment.captured_amount for payment in payments if payment.paid_by_id == payer.pk)
        if paid >= due:
            prove_stay(ticket=ticket, driver=payer, kind=ProofKind.PAYMENT, at=at)
