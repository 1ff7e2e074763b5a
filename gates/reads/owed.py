"""What the stay owes that a read at an exit means."""

from dataclasses import dataclass, replace

from billing.models import Payment
from gates.decision import Decision, PlateRead, earlier_reading, match_stay, stay_of_plate
from gates.reads.charging import with_automatic
from gates.reads.context import LoadedContext
from gates.reads.effects import Leaving
from gates.reads.events import Sighting
from gates.reads.facts import JsonRow
from gates.reads.load import load_full_context, load_money
from gates.reads.loaded_stay import ticket_of
from gates.reads.payments import due_of, with_payments
from tickets.fees import fee_of


@dataclass(frozen=True, slots=True)
class PricedRead:
    """A read's context with what its stay owes, and that stay.

    `own` is the stay of the plate that was read, when the ticket of another one was scanned.
    """

    loaded: LoadedContext
    leaving: Leaving | None = None
    own: Leaving | None = None

    def left_by(self, decision: Decision) -> Leaving | None:
        """Return the stay that a decision about the read is about."""
        own = self.own
        return own if own is not None and decision.ticket_id == own.ticket.pk else self.leaving


def price_read(
    sighting: Sighting, plate_read: PlateRead, loaded: LoadedContext, charged: Payment | None = None
) -> PricedRead:
    """Price the stay that a read at an exit means, and lock its charge when its money counts.

    `charged` is the automatic payment that was waited for.
    """
    found = match_stay(plate_read, loaded.context)
    if found.car is None:
        return PricedRead(loaded)
    row, received_at = loaded.stay(found.car.ticket_id), sighting.moment.received_at
    has_more = any(row[key] is not None for key in ("charge_id", "reservation_id", "held_pass_id"))
    leaving = None if loaded.is_brief and has_more else _priced(row, sighting)
    if leaving is None or (loaded.is_brief and leaving.fee.owed):
        device = sighting.device
        full = load_full_context(sighting.gate, sighting.read, device.pk if device else None, sighting.moment)
        return price_read(sighting, plate_read, full, charged)
    context, due = loaded.context, due_of(leaving.fee)
    earlier = earlier_reading(plate_read, context)
    asked_before = earlier is not None and not earlier.changed_since
    if row["charge_id"] is not None and (asked_before or leaving.fee.why_free != "paid"):
        row, payments = load_money(row, context.unanswered_seconds, received_at)
        leaving = _priced(row, sighting)
        others = [payment for payment in payments if charged is None or payment["id"] != charged.pk]
        due = with_payments(due_of(leaving.fee), others, received_at)
    if charged is not None:
        due = with_automatic(due, charged, leaving.ticket)
    other = stay_of_plate(plate_read, context, found)
    own = None if other is None else _priced(loaded.stay(other.ticket_id), sighting)
    context = replace(context, due=due, plate_owes=own.fee.owed if own else 0)
    return PricedRead(replace(loaded, context=context), leaving, own)


def _priced(row: JsonRow, sighting: Sighting) -> Leaving:
    ticket = ticket_of(row, sighting.gate.lot)
    version = row["charge"]["version"] if row.get("charge") else None
    return Leaving(ticket, fee_of(ticket, sighting.moment.at), version, row.get("place"))
