"""A stay gets another plate: that of a better reading, or the one that a person typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from common.db.flush import flush
from common.db.rows import new_row, parameters_of
from common.plate_hashes import spellings
from common.plates import skeleton
from gates.decision import CorrectPlate
from gates.models import GateEvent
from gates.reads.statements import ARRIVED, RENAMED, RENAMING, without_event
from lots.services import assert_lot_locked
from tickets.models import PlateCorrection, Ticket
from tickets.services import TicketStateError, plate_region_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """A stay's new plate as written and normalised: by whom (None: its camera), when, why, and with which form.

    Its region, as it was read and as the key that its lot tells cars by; without one the stay keeps its own.
    """

    ticket_id: int
    plate: str
    normalised: str
    at: datetime
    why: str
    region: str | None = None
    region_key: str | None = None
    by_id: int | None = None
    key: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What the car of a plate gets at an entry: its booking, its pass, and no second grace when it has just left.

    The place is where a booking that begins with this stands from then on.
    """

    no_grace: bool
    pass_id: int | None = None
    reservation_id: int | None = None
    spot_id: int | None = None
    level_id: int | None = None


def better_reading(event: GateEvent, effect: CorrectPlate) -> dict[str, Any]:
    """Return the parameters of `RENAMED` for a read that its camera made better; the stay keeps its booking."""
    return _parameters(
        Renaming(
            ticket_id=effect.ticket_id,
            plate=event.plate or effect.plate,
            normalised=effect.plate,
            region=effect.region,
            region_key=plate_region_of(event.gate.lot, effect.region) if effect.region else None,
            at=event.at,
            why=f"read better at {event.gate}",
        ),
        event.gate.lot.operator_id,
    )


def rename_stay(ticket: Ticket, renaming: Renaming, entitled: Entitlement) -> None:
    """Write a locked stay's new plate and what it is entitled to by it; the lot's lock is held.

    A booking that it had not before is marked as arrived. Raises TicketStateError.
    """
    assert_lot_locked(ticket.lot_id)
    arrives = entitled.reservation_id is not None and entitled.reservation_id != ticket.reservation_id
    values = _parameters(renaming, ticket.lot.operator_id, entitled)
    values |= {"stay_spot_id": entitled.spot_id, "stay_level_id": entitled.level_id}
    if flush((without_event((RENAMED, ARRIVED) if arrives else (RENAMED,)), values)) is None:
        raise TicketStateError(_("Ticket %(number)s is not inside any more.") % {"number": ticket.number})


def _parameters(renaming: Renaming, operator_id: int, entitled: Entitlement | None = None) -> dict[str, Any]:
    kept = new_row(
        PlateCorrection,
        ticket_id=renaming.ticket_id,
        to_plate=renaming.plate,
        at=renaming.at,
        by_id=renaming.by_id,
        why=renaming.why,
        key=renaming.key,
    )
    return parameters_of(kept, RENAMING) | {
        "normalised": renaming.normalised,
        "counted_plates": spellings(renaming.normalised, operator_id),
        "skeleton": skeleton(renaming.normalised),
        "region": renaming.region,
        "region_key": renaming.region_key,
        "rematched": entitled is not None,
        "held_pass": entitled.pass_id if entitled else None,
        "booking": entitled.reservation_id if entitled else None,
        "no_grace": entitled.no_grace if entitled else None,
    }
