"""What stays do when money moves."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from billing.models import Charge
from billing.signals import charge_refunded, charge_settled
from tickets.documents.receipts import queue_receipts
from tickets.services import mark_paid, owe_again, prove_payers


@receiver(charge_settled)
def note_payment(*, charge: Charge, at: datetime, **_: Any) -> None:
    """Mark the stay of a settled charge as paid, show it to the account that paid, and queue its receipt."""
    mark_paid(charge=charge, at=at)
    prove_payers(charge=charge, at=at)
    queue_receipts(charge=charge, at=at)


@receiver(charge_refunded)
def note_refund(*, charge: Charge, at: datetime, **_: Any) -> None:
    """Make the stay of a refunded charge owe again."""
    owe_again(charge=charge, at=at)
