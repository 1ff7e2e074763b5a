"""Writes the payments, receipts and debts of the demo's past stays."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

from accounts.models import Operator
from billing.models import Charge, Debt, Payment, PaymentMethod, PaymentState, Receipt, ReceiptSequence
from common.errors import NotFoundError
from common.plates import normalise
from lots.models import Lot
from traffic.demo.backfill import Visit
from traffic.demo.drawers import put_into_drawers
from traffic.demo.personas import People

SMALLEST_NOTE = 1000
PROVIDER = "simulated"
DECLINES = 2


def pay_for(  # noqa: PLR0913 - what the rows are made of
    operator: Operator, visits: Iterable[Visit], *, people: People, till: Lot, at: datetime, random: Random
) -> None:
    """Write the payments and receipts of paid visits, in order of time, and the debts of the others.

    What was paid at a desk is in the shifts of the lot that has the `till`.
    """
    charged = [visit for visit in visits if visit.ticket.charge is not None]
    paid = sorted((visit for visit in charged if visit.paid_at), key=lambda visit: visit.paid_at or visit.stay.exit_at)
    payments = [_payment(visit, people, random) for visit in paid]
    put_into_drawers(till, payments, attendant=people.attendant, at=at)
    Payment.objects.bulk_create(payments, batch_size=1000)
    _number(operator, payments)
    for visit in charged:
        if not visit.paid_at:
            _leave_debt(operator, visit)


def _payment(visit: Visit, people: People, random: Random) -> Payment:
    charge = _charge(visit)
    at = visit.paid_at or visit.stay.exit_at
    amount = charge.due_amount
    cash = visit.at_desk and random.random() < 0.6  # noqa: PLR2004 most who walk to the desk pay cash
    card_method = PaymentMethod.TERMINAL if visit.at_desk else PaymentMethod.CARD
    return Payment(
        charge=charge,
        method=PaymentMethod.CASH if cash else card_method,
        state=PaymentState.CAPTURED,
        amount=amount,
        captured_amount=amount,
        tendered_amount=-(-amount // SMALLEST_NOTE) * SMALLEST_NOTE if cash else None,
        provider="" if cash else PROVIDER,
        provider_reference="" if cash else f"demo-{uuid4().hex[:16]}",
        idempotency_key=f"demo-{uuid4()}",
        taken_by=people.attendant if visit.at_desk else None,
        created_at=at,
        finished_at=at,
    )


def _number(operator: Operator, payments: Sequence[Payment]) -> None:
    """Give every payment its receipt; the operator is new, so the numbers start at 1."""
    Receipt.objects.bulk_create(
        [
            Receipt(operator=operator, number=number, payment=payment, issued_at=payment.created_at)
            for number, payment in enumerate(payments, 1)
        ],
        batch_size=1000,
    )
    ReceiptSequence.objects.create(operator=operator, last_number=len(payments))


def _leave_debt(operator: Operator, visit: Visit) -> None:
    charge, at, plate = _charge(visit), visit.stay.exit_at, visit.stay.car.plate
    for turn in range(DECLINES):
        _decline(charge, at - timedelta(seconds=30 * (DECLINES - turn)))
    Debt.objects.create(
        operator=operator,
        charge=charge,
        plate=plate,
        plate_normalised=normalise(plate) or "",
        amount=charge.due_amount,
        reason="card declined twice",
        created_at=at,
    )


def _decline(charge: Charge, at: datetime) -> None:
    Payment.objects.create(
        charge=charge,
        method=PaymentMethod.CARD,
        state=PaymentState.FAILED,
        amount=charge.due_amount,
        provider=PROVIDER,
        failure="declined",
        idempotency_key=f"demo-{uuid4()}",
        created_at=at,
        finished_at=at,
    )


def _charge(visit: Visit) -> Charge:
    if visit.ticket.charge is None:
        raise NotFoundError("A visit without a charge has nothing to pay.")
    return visit.ticket.charge
