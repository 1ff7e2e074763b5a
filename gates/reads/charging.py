"""Charge what a driver has agreed to at an exit: the row first, then the provider, then the read is decided again.

The read's transaction writes the pending payment and ends; no lock is held while the provider is asked.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils.timezone import now

from billing.models import AutomaticPayment, Payment, PaymentState
from billing.providers.waiting_places import waiting_places
from billing.queries import PROVIDER_SECONDS
from billing.services import charge_agreed, reserve_agreed
from gates.decision import Action, Agreement, Direction, Due, PaymentKind, PaymentResult, PlateRead, amount_to_charge
from gates.models import EventKind, GateEvent
from gates.reads.context import LoadedContext
from gates.reads.effects import Leaving, PlaceLostError
from gates.reads.events import Moment
from gates.reads.payments import card_result
from lots.services import assert_lot_locked
from tickets.fees import fee_of
from tickets.models import PlateCorrection, Ticket
from tickets.queries import prover_of
from tickets.services import assess_stay, lock_stay

LONGEST_WAIT = timedelta(seconds=PROVIDER_SECONDS + 0.3)
"""How long after a payment began another read of its car waits for it; the read that began it is answered by then."""
LOOKS_EVERY_SECONDS = 0.03


@dataclass(frozen=True, slots=True)
class Charging:
    """A committed payment that a read waits for; `is_ours`: this read has to ask the provider for it."""

    payment: Payment
    is_ours: bool


def begin_charging(read: PlateRead, loaded: LoadedContext, leaving: Leaving, moment: Moment) -> Charging | None:
    """Write the pending payment of a car that was agreed for, or return the one that another read has begun or made.

    None when this read is to be decided without. The lot's lock is held; the caller ends its transaction before the
    payment is asked for. Raises PlaceLostError when the stay or its fee has changed since it was loaded.
    """
    ticket = leaving.ticket
    if not leaving.fee.owed:
        payment = _just_charged(ticket, moment)
        return Charging(payment, is_ours=False) if payment is not None else None
    agreed = AutomaticPayment.objects.standing().filter(plate_normalised=ticket.plate_normalised)
    chargeable = agreed.chargeable(moment.received_at).filter(currency=ticket.lot.currency).first()
    if chargeable is None:
        return None
    agreement = _agreement(chargeable, accounts=agreed.count(), ticket=ticket)
    amount = amount_to_charge(read, replace(loaded.context, agreement=agreement))
    if not amount:
        return None
    running = _running(ticket)
    if running is not None:
        return Charging(running, is_ours=False)
    payment = _reserve(ticket, chargeable, amount, moment)
    return None if payment is None else Charging(payment, is_ours=True)


def finish_charging(charging: Charging, *, at: datetime) -> Payment:
    """Ask the provider, or wait for the read that does; must not be called inside a transaction.

    The payment stays pending when the provider has not answered in time, or is not waited for as it hangs.
    """
    if charging.is_ours:
        return charge_agreed(payment=charging.payment, at=at)
    payment = charging.payment
    seconds = (payment.created_at + LONGEST_WAIT - now()).total_seconds()
    until = time.monotonic() + min(seconds, LONGEST_WAIT.total_seconds())
    with waiting_places().waiting_for(payment.provider) as may_wait:
        while may_wait and payment.state == PaymentState.PENDING and time.monotonic() < until:
            time.sleep(LOOKS_EVERY_SECONDS)
            payment.refresh_from_db(fields=["state"])
    return payment


def with_automatic(due: Due, payment: Payment, ticket: Ticket) -> Due:
    """Add to what a stay owes how charging its driver ended; a payment of another stay says nothing of it."""
    payment = Payment.objects.get(pk=payment.pk)
    kept = payment.captured_amount - payment.refunded_amount
    if payment.charge_id != ticket.charge_id or (payment.state == PaymentState.CAPTURED and not kept):
        return due  # somebody else has paid meanwhile, and what was charged went back
    if kept:
        kind = PaymentKind.PARTIAL if due.amount else PaymentKind.SUCCEEDED
        return replace(due, amount=due.amount + kept, automatic=PaymentResult(kind=kind, captured=kept), payment=None)
    return replace(due, automatic=card_result(payment.state, payment.failure, timedelta.max))


def _agreement(agreed: AutomaticPayment, *, accounts: int, ticket: Ticket) -> Agreement:
    """Return what a decision needs to know of an agreement for a stay."""
    return Agreement(
        plate=agreed.plate_normalised,
        limit=agreed.limit_amount - _charged_before(ticket),
        accounts=accounts,
        proven=prover_of(ticket) == agreed.driver_id,
        entry_confidence=_entry_confidence(ticket),
        corrected=PlateCorrection.objects.filter(ticket=ticket.pk).exists(),
    )


def _charged_before(ticket: Ticket) -> int:
    """Return what automatic payments have brought for a stay and not given back: the limit is for all of it."""
    charged = Payment.objects.filter(charge=ticket.charge_id, automatic__isnull=False)
    captured = charged.aggregate(sum=Sum("captured_amount"))["sum"] or 0
    refunded = charged.aggregate(sum=Sum("refunds__amount"))["sum"] or 0
    return int(captured - refunded)


def _entry_confidence(ticket: Ticket) -> float | None:
    """Return how surely the camera at the entry read the plate that the stay has; None when no camera did."""
    reads = GateEvent.objects.filter(ticket=ticket.pk, kind=EventKind.READ, action=Action.OPEN, first=None)
    entry = reads.filter(gate__direction=Direction.ENTRY).order_by("id").first()
    if entry is None or entry.plate_normalised != ticket.plate_normalised:
        return None
    return 1.0 if entry.confidence is None else entry.confidence


def _running(ticket: Ticket) -> Payment | None:
    """Return the automatic payment of a stay that its provider has not answered yet."""
    payments = Payment.objects.filter(charge=ticket.charge_id, automatic__isnull=False, state=PaymentState.PENDING)
    return payments.order_by("-created_at", "-id").first() if ticket.charge_id is not None else None


def _just_charged(ticket: Ticket, moment: Moment) -> Payment | None:
    """Return the payment that another read of a car has made, while no exit has been opened for that yet."""
    charged = Payment.objects.filter(
        charge=ticket.charge_id,
        automatic__isnull=False,
        state=PaymentState.CAPTURED,
        created_at__gte=moment.received_at - LONGEST_WAIT,
    )
    payment = charged.order_by("-created_at", "-id").first() if ticket.charge_id is not None else None
    exits = GateEvent.objects.filter(ticket=ticket.pk, action=Action.OPEN, gate__direction=Direction.EXIT)
    if payment is None or exits.filter(received_at__gte=payment.created_at).exists():
        return None
    return payment


def _reserve(ticket: Ticket, agreed: AutomaticPayment, amount: int, moment: Moment) -> Payment | None:
    assert_lot_locked(ticket.lot_id)
    stay = lock_stay(ticket)
    fee = fee_of(stay.ticket, moment.at)
    if not stay.ticket.is_open or fee.owed != amount:
        raise PlaceLostError
    charge = assess_stay(stay, fee, moment.at)
    assert charge is not None  # noqa: S101 what owes has a charge
    return reserve_agreed(charge=charge, agreement=agreed, amount=amount, at=moment.received_at)
