"""From the row of a stay to the stay itself, with what its fee and an answer about it need."""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from billing.models import Charge, Tariff
from common.db.rows import new_row
from gates.reads.facts import JsonRow
from gates.reads.pass_facts import pass_of
from lots.models import Lot
from tickets.models import Ticket


def ticket_of(row: JsonRow, lot: Lot) -> Ticket:
    """Return a stay with what its fee, if loaded, and an answer about it need."""
    ticket = new_row(
        Ticket,
        id=row["id"],
        lot_id=lot.pk,
        number=row["number"],
        token=row["token"],
        status=row["status"],
        plate_normalised=row["plate"],
        region=row["region"],
        spot_type=row["spot_type"],
        entry_at=datetime.fromisoformat(row["entry_at"]),
        reservation_id=row["reservation_id"],
        held_pass_id=row["held_pass_id"],
    )
    ticket.lot = lot
    if "priced_as" in row:
        ticket.priced_as, ticket.vehicle_type = row["priced_as"], row["vehicle_type"]
        ticket.no_grace, ticket.lost, ticket.stays_before = row["no_grace"], row["lost"], row["stays_before"]
        ticket.multiplier, ticket.discounts = Decimal(row["multiplier"]), row["discounts"]
        ticket.paid_at = datetime.fromisoformat(row["paid_at"]) if row["paid_at"] else None
        ticket.tariff = _tariff(row["tariff_id"]) if row["tariff_id"] is not None else None
    if row.get("held_pass"):
        ticket.held_pass = pass_of(row["held_pass"])
    if row.get("charge"):
        moved = {name: amount for name, amount in row["charge"].items() if name != "version"}
        ticket.charge = Charge(pk=row["charge_id"], **moved)
    return ticket


@lru_cache(maxsize=4096)
def _tariff(tariff_id: int) -> Tariff:
    """Return a tariff that has stays, whose rules therefore never change."""
    return Tariff.objects.get(pk=tariff_id)
