"""Writes the payments, receipts and debts of the demo's past stays."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

from accounts.models import Operator
from billing.documents.issuing import issue_receipts
from billing.models import Charge, Debt, Payment, PaymentMethod, PaymentState, SimulatedCardPayment
from common.errors import NotFoundError
from common.plates import normalise
from lots.models import Lot
from traffic.demo.backfill import Visit
from traffic.demo.drawers import put_into_drawers
from traffic.demo.personas import People

SMALLEST_NOTE = 1000
PROVIDER = "simulated"
DECLINES = 2
DOCUMENTS_AT_ONCE = 25


def pay_for(  # noqa: PLR0913 - what the rows are made of
    operator: Operator, visits: Iterable[Visit], *, people: People, till: Lot, at: datetime, random: Random
) -> None:
    """Write the payments and receipts of paid visits, in order of time, and the debts of the others.

    What was paid at a desk is in the shifts of the lot that has the `till`.
    """
    charged = [visit for visit in visits if visit.ticket.charge is not None]
    unpaid = [visit for visit in charged if not visit.paid_at]
    paid = [_payment(visit, people, random) for visit in charged if visit.paid_at]
    paid.sort(key=lambda payment: payment.created_at)
    put_into_drawers(till, paid, attendant=people.attendant, at=at)
    tried = [*paid, *(decline for visit in unpaid for decline in _declines(visit))]
    Payment.objects.bulk_create(sorted(tried, key=lambda payment: payment.created_at), batch_size=1000)
    SimulatedCardPayment.objects.bulk_create([at_provider(payment) for payment in paid if payment.provider])
    _document(paid)
    for visit in unpaid:
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


def at_provider(payment: Payment) -> SimulatedCardPayment:
    """Return what the provider stores about a payment, so that it can be refunded."""
    return SimulatedCardPayment(
        reference=payment.idempotency_key,
        amount=payment.amount,
        approved_amount=payment.captured_amount,
        created_at=payment.created_at,
    )


def _document(payments: Sequence[Payment]) -> None:
    """Issue the receipts in order of time, a batch at the time of its last payment."""
    for start in range(0, len(payments), DOCUMENTS_AT_ONCE):
        batch = payments[start : start + DOCUMENTS_AT_ONCE]
        issue_receipts(batch, at=batch[-1].created_at)


def _declines(visit: Visit) -> list[Payment]:
    charge = _charge(visit)
    times = [visit.stay.exit_at - timedelta(seconds=30 * turn) for turn in range(DECLINES, 0, -1)]
    return [
        Payment(
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
        for at in times
    ]


def _leave_debt(operator: Operator, visit: Visit) -> None:
    charge, plate = _charge(visit), visit.stay.car.plate
    Debt.objects.create(
        operator=operator,
        charge=charge,
        plate=plate,
        plate_normalised=normalise(plate) or "",
        amount=charge.due_amount,
        reason="card declined twice",
        created_at=visit.stay.exit_at,
    )


def _charge(visit: Visit) -> Charge:
    if visit.ticket.charge is None:
        raise NotFoundError("A visit without a charge has nothing to pay.")
    return visit.ticket.charge
