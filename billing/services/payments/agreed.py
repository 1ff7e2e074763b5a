"""Automatic payments: the row that is committed before the saved method of an agreement is charged."""

from datetime import datetime
from uuid import uuid4

from billing.models import AutomaticPayment, Charge, Payment, PaymentMethod, PaymentState
from billing.services.payments.order import Order


def reserve_agreed(*, charge: Charge, agreement: AutomaticPayment, amount: int, at: datetime) -> Payment | None:
    """Write the pending payment of `amount` minor units towards a locked charge; None when nothing is agreed any more.

    Needs a transaction; the agreement is locked after the charge. When that has been committed, `charge_agreed` asks
    for the money. Raises what `Order.amount_to_take` raises.
    """
    locked = AutomaticPayment.objects.select_for_update(of=("self",)).chargeable(at)
    standing = locked.select_related("saved_method").filter(pk=agreement.pk).first()
    if standing is None or standing.saved_method is None or amount > standing.limit_amount:
        return None
    card = standing.saved_method
    order = Order(
        charge=charge,
        method=PaymentMethod.CARD,
        amount=amount,
        idempotency_key=f"automatic-{uuid4()}",
        at=at,
        token=card.reference,
        tendered=None,
        taken_by=None,
        paid_by=None,
        receipt_email="",
        by_number=False,
        saved_method=card,
    )
    taken = order.amount_to_take(charge)
    return order.write(charge, state=PaymentState.PENDING, amount=taken, provider=card.provider, automatic=standing)
