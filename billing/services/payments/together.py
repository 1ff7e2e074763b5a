"""Several charges paid in one go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment, PaymentMethod, PaymentState
from billing.services.debts import NothingOwedError
from billing.services.payments.by_provider import take_by_provider
from billing.services.payments.in_hand import take_in_hand
from billing.services.payments.order import Order
from common.errors import ConflictError

IN_HAND = frozenset({PaymentMethod.CASH, PaymentMethod.TERMINAL})


class OwedChangedError(ConflictError):
    """One of the charges owes another amount than was agreed to."""

    code = "owed_changed"


def pay_together(  # noqa: PLR0913 - the facts of several rows
    *,
    owed: Sequence[tuple[Charge, int]],
    method: str,
    idempotency_key: str,
    together: UUID,
    at: datetime,
    token: str = "",
    taken_by: User | None = None,
    receipt_email: str = "",
) -> list[Payment]:
    """Take what each charge owes (minor units), in the order of their keys, and return the payments.

    Cash and terminal payments are one transaction, all of them or none; it locks all charges first. A card is charged
    for one after the other, outside any transaction, up to the first that does not pay in full: look at the last
    payment. All keep the key `together`, by which they share a receipt. The same idempotency key gives the first
    answers. Raises OwedChangedError when one owes another amount by now.
    """
    orders = [
        Order(
            charge=charge,
            method=method,
            amount=amount,
            idempotency_key=f"{idempotency_key}-{charge.pk}",
            at=at,
            token=token,
            tendered=None,
            taken_by=taken_by,
            paid_by=None,
            receipt_email=receipt_email,
            by_number=False,
            together=together,
        )
        for charge, amount in sorted(owed, key=lambda one: one[0].pk)
    ]
    if method in IN_HAND:
        with transaction.atomic():
            lock_charges([order.charge.pk for order in orders])
            return [take_in_hand(order) for order in orders if _require_agreed(order)]
    payments: list[Payment] = []
    for order in orders:
        _require_agreed(order)
        payments.append(take_by_provider(order))
        if payments[-1].state != PaymentState.CAPTURED or payments[-1].failure:
            break
    return payments


def lock_charges(keys: Sequence[int]) -> list[Charge]:
    """Return charges as they are now, locked in the order of their keys; needs a transaction."""
    return list(Charge.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def _require_agreed(order: Order) -> bool:
    """Check that the charge owes what was agreed to, unless the key has taken it before."""
    if order.earlier_payment() is None:
        balance = Charge.objects.get(pk=order.charge.pk).balance_amount
        if balance <= 0:
            raise NothingOwedError(_("One of them has been paid meanwhile. What is still owed is shown now."))
        if balance != order.amount:
            raise OwedChangedError(_("Another amount is owed by now. It is shown; take that instead."))
    return True
