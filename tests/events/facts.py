"""Something of every type."""

import datetime as dt

from billing.models import Debt, Payment, Refund
from events.services import record_silence
from tests.factories import make_charge, make_lot, make_reservation, make_ticket
from tests.passes.sold import granted, offered
from tickets.models import Ticket

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)


def record_every_type() -> None:
    lot = make_lot(spots={"regular": 1})
    stays = Ticket.objects.filter(pk=make_ticket(lot).pk)
    stays.update(status="paid")
    stays.update(status="closed", exit_at=AT + dt.timedelta(days=900), closed_reason="paid")
    for status, when in (("cancelled", "cancelled_at"), ("no_show", "missed_at")):
        bookings = type(booking := make_reservation(lot)).objects.filter(pk=booking.pk)
        bookings.update(plate="ZH 2")
        bookings.update(status=status, **{when: AT})
    charge = make_charge(lot)
    facts = {"charge": charge, "method": "card", "amount": 600, "created_at": AT, "finished_at": AT}
    paid = Payment.objects.create(**facts, state="captured", captured_amount=600, idempotency_key="a")
    Payment.objects.create(**facts, state="failed", idempotency_key="b")
    Refund.objects.create(payment=paid, amount=200, reason="x", idempotency_key="c", created_at=AT)
    owed = {"plate": "ZH 1", "plate_normalised": "ZH1", "amount": 600, "reason": "owed", "created_at": AT}
    Debt.objects.create(operator=lot.operator, charge=charge, **owed)
    Debt.objects.update(settled_at=AT)
    passes = type(held := granted(offered(lot))).objects.filter(pk=held.pk)
    for change in (
        {"status": "suspended", "stopped_at": AT},
        {"status": "active", "stopped_at": None},
        {"valid_until": held.valid_until + dt.timedelta(days=30)},
        {"status": "cancelled", "stopped_at": AT},
        {"status": "expired"},
    ):
        passes.update(**change)
    record_silence(operator_id=lot.operator_id, lot=lot.slug, gate="in-1", since=AT)
