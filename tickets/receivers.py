"""Receivers that update stays when charges change."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from billing.models import Charge
from billing.signals import charge_refunded, charge_settled
from tickets.documents.receipts import queue_receipts
from tickets.services import mark_paid, owe_again, prove_payers


@receiver(charge_settled)
def note_payment(*, charge: Charge, at: datetime, **_: Any) -> None:
    """Mark the stay of a settled charge as paid, prove it to the account that paid, and queue its receipt."""
    mark_paid(charge=charge, at=at)
    prove_payers(charge=charge, at=at)
    queue_receipts(charge=charge, at=at)


@receiver(charge_refunded)
def note_refund(*, charge: Charge, at: datetime, **_: Any) -> None:
    """Return the stay of a refunded charge to owing."""
    owe_again(charge=charge, at=at)
