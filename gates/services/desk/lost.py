"""Lost tickets whose stay is not found."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError
from common.plates import normalise
from gates.decision import Action, Concern, Decision, Direction, Reason
from gates.reads import ReadBody, Sighting, moment_of, read_of
from gates.services.desk.acts import Act, ActConflictError, earlier_act, lock_lane, record_act
from lots.models import Gate
from tickets.models import Ticket
from tickets.queries import stays_inside
from tickets.remembered import Remembered, find_remembered
from tickets.services import Arrival, open_ticket


class StayFoundError(ConflictError):
    """The stay of the lost ticket is known, so its own fee is due."""

    code = "stay_found"


class StaysAlikeError(ConflictError):
    """Stays that may be the lost ticket's have not been ruled out by a person."""

    code = "stays_alike"

    def __init__(self, alike: Remembered) -> None:
        super().__init__(_("The car may be inside with its own ticket. Look at the cars above first."))
        self.alike = alike


@transaction.atomic
def open_lost_ticket(  # noqa: PLR0913 - who, what, where, when, and what was looked at
    *,
    gate: Gate,
    plate: str | None,
    region: str = "",
    by: User,
    at: datetime,
    key: UUID,
    around: datetime | None = None,
    ruled_out: Collection[str] = (),
) -> Ticket:
    """Open a stay at the lost-ticket fee, for a driver at an exit whose own stay is not found.

    `around` is when the driver says they came, `ruled_out` the numbers of the stays of which a person has said that
    they are not the car's. Idempotent by the key. Raises StayFoundError when a car with this plate is inside that may
    be from this region, StaysAlikeError for cars that may be meant (`tickets.remembered`) and are not ruled out,
    WrongLaneError, ActConflictError.
    """
    gate = lock_lane(gate, Direction.EXIT)
    earlier = earlier_act(key=key, gate=gate, by=by, act=Act.LOSE_TICKET)
    if earlier is not None and earlier.ticket is not None:
        if earlier.plate != plate:
            raise ActConflictError(_("This form was sent before for another car. Please start again."))
        return earlier.ticket
    _require_not_found(gate, plate, region, around, ruled_out)
    read = read_of(ReadBody(event_id=key, plate=plate, region=region or None))
    why = "ticket lost, no entry found"
    arrival = Arrival(plate=plate, region=region)
    ticket = open_ticket(lot=gate.lot, arrival=arrival, place=None, at=at, why=why, lost=True, by=by)
    decision = Decision(
        action=Action.ATTEND, reason=Reason.NO_TICKET, ticket_id=ticket.pk, concerns=(Concern.NO_TICKET,)
    )
    record_act(Sighting(gate, read, moment_of(read, at), person=by, note="ticket lost"), decision, ticket)
    return ticket


def _require_not_found(
    gate: Gate, plate: str | None, region: str, around: datetime | None, ruled_out: Collection[str]
) -> None:
    normalised = normalise(plate)
    known = next(iter(stays_inside(gate.lot_id, normalised, region)), None)
    if known is not None:
        raise StayFoundError(
            _("%(plate)s is inside with ticket %(number)s. Take that stay instead.")
            % {"plate": known.plate, "number": known.number}
        )
    found = find_remembered(gate.lot_id, plate=normalised, around=around)
    # One with exactly this plate is of a car from elsewhere.
    if not found.is_certain and any(stay.number not in ruled_out for stay in found.stays):
        raise StaysAlikeError(found)
