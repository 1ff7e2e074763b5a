"""Receivers that mark bookings whose money has changed by itself."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from billing.models import Charge, Payment
from billing.signals import charge_refunded, hold_lost
from reservations.services import mark_unsettled


@receiver(hold_lost)
def note_lost_hold(*, payment: Payment, at: datetime, **_: Any) -> None:
    """Let what a hold was for be looked at again."""
    mark_unsettled(charge_id=payment.charge_id, at=at)


@receiver(charge_refunded)
def note_refunded_booking(*, charge: Charge, at: datetime, **_: Any) -> None:
    """Let a booking be looked at again of which a person has given money back."""
    mark_unsettled(charge_id=charge.pk, at=at)
