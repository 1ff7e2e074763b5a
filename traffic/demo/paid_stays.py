"""Writes single stays of the past that were paid by card at their exit."""

from datetime import datetime
from random import Random
from typing import Any
from uuid import uuid4

from billing.models import Charge, Payment, PaymentMethod, PaymentState
from lots.models import Lot
from tickets.fees import Fee, fee_of
from tickets.models import Ticket, TicketStatus
from traffic.demo.backfill import Visit, new_ticket
from traffic.demo.planning import PlannedStay
from traffic.demo.settlement import at_provider


def open_stay(lot: Lot, stay: PlannedStay, random: Random, **fields: Any) -> Ticket:
    """Write the ticket of a car that has come in."""
    ticket = new_ticket(lot, stay, random, **fields)
    ticket.save(force_insert=True)
    return ticket


def pay_and_leave(ticket: Ticket, stay: PlannedStay, *, ending: str, **payment: Any) -> tuple[Visit, Payment]:
    """Write what a stay costs, its payment, and that the car has left."""
    exit_at, fee = stay.exit_at, fee_of(ticket, stay.exit_at)
    charge = _charge(ticket, fee, exit_at)
    paid = Payment.objects.create(
        charge=charge,
        method=PaymentMethod.CARD,
        state=PaymentState.CAPTURED,
        amount=fee.total,
        captured_amount=fee.total,
        provider="simulated",
        provider_reference=f"demo-{uuid4().hex[:16]}",
        created_at=exit_at,
        finished_at=exit_at,
        **{"idempotency_key": f"demo-{uuid4()}"} | payment,
    )
    at_provider(paid).save()
    for status, why in ((TicketStatus.PAID, "paid"), (TicketStatus.CLOSED, f"{ending} at the exit")):
        ticket.status, ticket.changed_at, ticket.changed_why = status, exit_at, why
        ticket.charge, ticket.paid_at = charge, exit_at
        if status == TicketStatus.CLOSED:
            ticket.exit_at, ticket.exit_plate, ticket.closed_reason = exit_at, ticket.plate, ending
        ticket.save()
    place = {"level_id": stay.bay.level_id, "spot_id": stay.bay.spot_id, "spot_type": stay.bay.spot_type}
    return Visit(stay, ticket, end=ending, place=place), paid


def _charge(ticket: Ticket, fee: Fee, at: datetime) -> Charge:
    return Charge.objects.create(
        lot=ticket.lot,
        label=f"Parking {ticket.number}",
        currency=fee.currency,
        due_amount=fee.total,
        tax_percent=fee.tax_percent,
        lines=fee.lines,
        created_at=at,
        assessed_at=at,
        settled_at=at,
    )
