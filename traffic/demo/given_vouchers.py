"""Vouchers that an operator gave away, two of which have paid a part of a fee at the desk."""

from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from billing.models import Payment, PaymentMethod, Voucher
from billing.services import take_payment
from billing.services.vouchers import make_vouchers
from gates.services.desk.vouchers import take_voucher
from lots.calendar import local_day, zone_of
from lots.models import Lot
from tickets.queries import find_ticket
from tickets.services import close_ticket
from traffic.demo.backfill import Visit
from traffic.demo.paid_stays import open_stay
from traffic.demo.personas import People
from traffic.demo.planning import Bay, PlannedStay
from traffic.demo.rhythm import Car

MADE, AMOUNT, NOTE = 10, 500, "Ten years of City Garage"
USED_BEFORE = (timedelta(days=9), timedelta(days=4))
GIVEN_BEFORE, VALID_FOR = timedelta(days=20), timedelta(days=180)
PAID_BEFORE = timedelta(minutes=4)


def give_vouchers(lot: Lot, *, people: People, at: datetime, random: Random) -> list[tuple[Visit, list[Payment]]]:
    """Write vouchers, and the stays of which two of them paid a part, each with its payments."""
    vouchers = make_vouchers(
        operator=lot.operator,
        number=MADE,
        amount=AMOUNT,
        valid_until=local_day(lot, at) + VALID_FOR,
        note=NOTE,
        by=people.admin,
        at=at - GIVEN_BEFORE,
    )
    return [
        _used(lot, voucher, at=at - before, people=people, random=random)
        for voucher, before in zip(vouchers, USED_BEFORE, strict=False)
    ]


def _used(lot: Lot, voucher: Voucher, *, at: datetime, people: People, random: Random) -> tuple[Visit, list[Payment]]:
    """Let a car pay by voucher and by card at the desk, and leave."""
    zone, spot = zone_of(lot), lot.spots.filter(spot_type="regular").order_by("ordinal")[2]
    entry_at = datetime.combine(at.astimezone(zone).date(), time(14, random.randrange(60)), zone)
    bay = Bay(spot.ordinal, spot.spot_type, spot.level_id, spot.pk)
    stay = PlannedStay(Car(f"TI {random.randrange(41000, 42000)}"), bay, entry_at, entry_at + timedelta(minutes=150))
    ticket = find_ticket(open_stay(lot, stay, random).number)
    paid_at, by = stay.exit_at - PAID_BEFORE, people.attendant
    key = UUID(int=random.getrandbits(128))
    part = take_voucher(ticket=ticket, code=voucher.code, key=key, by=by, at=paid_at)
    rest = take_payment(
        charge=part.charge,
        method=PaymentMethod.TERMINAL,
        amount=None,
        idempotency_key=f"demo-{key}",
        at=paid_at,
        taken_by=by,
    )
    close_ticket(ticket=ticket, at=stay.exit_at, reason="paid", why="paid at the exit")
    place = {"level_id": bay.level_id, "spot_id": bay.spot_id, "spot_type": bay.spot_type}
    return Visit(stay, find_ticket(ticket.number), end="paid", place=place), [part, rest]
