"""How a stay begins.

Whatever takes a place holds the lot's lock (`lots.services.lock_lot`) from the start of its transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.vehicles import VehicleType
from billing.models import Tariff
from common.db.rows import new_row
from common.plates import normalise, skeleton
from common.regions import region_key
from lots.calendar import local_day
from lots.compatibility import SpotType
from lots.models import Lot
from lots.services import assert_lot_locked
from reservations.models import Reservation
from tickets.models import Ticket, TicketStatus
from tickets.numbers import new_number
from tickets.regulars import stays_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a car stands: a spot, or in a lot that only counts cars a level and type alone."""

    level_id: int
    spot_type: str
    spot_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is known of a car that comes in; the plate is as read, and so is where it is from."""

    plate: str | None = None
    region: str | None = None
    vehicle_type: str = VehicleType.REGULAR
    electric: bool = False
    permit: bool = False


def open_ticket(  # noqa: PLR0913 - the facts of one row
    *,
    lot: Lot,
    arrival: Arrival,
    place: Place | None,
    at: datetime,
    why: str,
    status: str = TicketStatus.ACTIVE,
    no_grace: bool = False,
    lost: bool = False,
    reservation: Reservation | None = None,
    by: User | None = None,
) -> Ticket:
    """Open a stay at `place`; the lot's lock is held.

    The price is that of the place's type, by the tariff valid on the local day of entry; that of a `lost` ticket is
    the fee for one.
    """
    assert_lot_locked(lot.pk)
    ticket = new_stay(lot=lot, arrival=arrival, place=place, at=at, why=why, status=status, no_grace=no_grace)
    ticket.lost = lost
    ticket.tariff = Tariff.objects.filter(lot=lot).valid_on(local_day(lot, at)).first()
    ticket.stays_before = stays_before(ticket)
    ticket.reservation = reservation
    ticket.changed_by = by
    ticket.save(force_insert=True)
    return ticket


def new_stay(  # noqa: PLR0913 - the facts of one row
    *, lot: Lot, arrival: Arrival, place: Place | None, at: datetime, why: str, status: str, no_grace: bool
) -> Ticket:
    """Return a stay with a number and token of its own as it is to be opened, its tariff yet to be set."""
    plate = normalise(arrival.plate)
    region = (arrival.region or "") if plate else ""
    ticket = new_row(
        Ticket,
        lot_id=lot.pk,
        number=new_number(secrets.randbelow),
        token=secrets.token_urlsafe(16),
        status=status,
        plate=arrival.plate if plate else None,
        plate_normalised=plate,
        plate_skeleton=skeleton(plate) if plate else None,
        region=region,
        plate_region=plate_region_of(lot, region),
        vehicle_type=arrival.vehicle_type,
        electric=arrival.electric,
        permit=arrival.permit,
        spot_id=place.spot_id if place else None,
        level_id=place.level_id if place else None,
        spot_type=place.spot_type if place else None,
        priced_as=place.spot_type if place else SpotType.REGULAR,
        entry_at=at,
        no_grace=no_grace,
        changed_at=at,
        changed_why=why,
    )
    ticket.lot = lot
    return ticket


def plate_region_of(lot: Lot, region: str | None) -> str:
    """Return the key by which a lot tells cars of one plate: that of their region, or '' where it doesn't."""
    return region_key(region) if lot.plates_by_region else ""
