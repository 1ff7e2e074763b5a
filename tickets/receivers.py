"""Receivers that update stays when charges or the rules of their lot change."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from billing.models import Charge, Payment, PaymentState, PromoUse
from billing.signals import automatic_charged, charge_refunded, charge_settled, code_used
from lots.models import Lot
from lots.plate_rule import plate_rule_changed
from tickets.charge_notice import queue_charge_notice
from tickets.services import LockedStay, keep_code, mark_paid, owe_again, prove_payers, tell_cars_by_region


@receiver(charge_settled)
def note_payment(*, charge: Charge, at: datetime, sold: object | None, **_: Any) -> None:
    """Mark the stay of a settled charge as paid, and show it to the account that paid the whole fee."""
    ticket = mark_paid(charge=charge, at=at, stay=sold if isinstance(sold, LockedStay) else None)
    if ticket is not None:
        captured = charge.payments.filter(state=PaymentState.CAPTURED, paid_by__isnull=False)
        prove_payers(ticket=ticket, payments=list(captured.select_related("paid_by")), at=at)


@receiver(code_used)
def note_code(*, charge: Charge, use: PromoUse, at: datetime, **_: Any) -> None:
    """Let the stay of a charge keep the discount of a promo code, for what it costs later."""
    keep_code(charge=charge, use=use, at=at)


@receiver(charge_refunded)
def note_refund(*, charge: Charge, at: datetime, **_: Any) -> None:
    """Return the stay of a refunded charge to owing."""
    owe_again(charge=charge, at=at)


@receiver(automatic_charged)
def tell_driver(*, payment: Payment, at: datetime, **_: Any) -> None:
    """Mail the driver whose card was charged at an exit."""
    queue_charge_notice(payment=payment, at=at)


@receiver(plate_rule_changed)
def note_plate_rule(*, lot: Lot, **_: Any) -> None:
    """Tell the cars inside by their plates as the lot does now."""
    tell_cars_by_region(lot=lot)
