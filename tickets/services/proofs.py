"""Whose stay it is: an account's proofs, each written once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from billing.models import Charge, PaymentState
from tickets.models import ProofKind, StayProof, Ticket


@transaction.atomic
def prove_stay(*, ticket: Ticket, driver: User, kind: ProofKind, at: datetime) -> StayProof:
    """Show a stay to an account from now on; an earlier proof of the same account stands.

    The caller has made sure of the proof: the account gave the ticket's number or token, or paid the whole fee.
    """
    proof = StayProof(ticket=ticket, driver=driver, kind=kind, proven_at=at)
    StayProof.objects.bulk_create([proof], ignore_conflicts=True)
    return StayProof.objects.get(ticket=ticket, driver=driver)


def prove_payers(*, charge: Charge, at: datetime) -> None:
    """Show the stay of a settled charge to the account that paid its whole fee; a part of it proves nothing.

    What was waived counts as not paid, or a cent and an attendant's kindness would be a proof. Belongs into the
    transaction that settled the charge.
    """
    captured = charge.payments.filter(state=PaymentState.CAPTURED, paid_by__isnull=False).order_by().values("paid_by")
    whole = captured.annotate(paid=Sum("captured_amount")).filter(paid__gte=charge.due_amount)
    payers = list(User.objects.filter(pk__in=whole.values("paid_by")))
    # Most money comes from nobody in particular; that takes one query.
    for ticket in Ticket.objects.filter(charge=charge) if payers else ():
        for payer in payers:
            prove_stay(ticket=ticket, driver=payer, kind=ProofKind.PAYMENT, at=at)
