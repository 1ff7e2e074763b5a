"""What a person amends on a stay: where its car stands, by which tariff it is priced, and what others should know.

Each act has a reason, stays in the stay's history and is done once per form. What changes the stay is refused when the
stay is not any more as the person's page showed it.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Tariff
from common.changes import tell_when_committed
from common.errors import ConflictError, FieldError
from lots.calendar import local_day
from lots.models import Level, Spot, SpotCount, SpotStatus
from reservations.models import Reservation
from tickets.models import OPEN, StayAct, StayActKind, Ticket, TicketStatus
from tickets.regulars import stays_before
from tickets.services.locking import LockedStay
from tickets.services.opening import Place
from tickets.services.resolution import lock_with_reason
from tickets.services.stays import TicketStateError

PRICED_AGAIN = (TicketStatus.ENTERING, TicketStatus.ACTIVE, TicketStatus.REVIEW)


class StayChangedError(ConflictError):
    """Somebody has changed the stay since the person's page was loaded."""

    code = "stay_changed"


class PlaceNotFreeError(ConflictError):
    """Another car stands there, it is held for a booking, or it is out of use."""

    code = "place_not_free"


class SamePriceError(ConflictError):
    """The stay is priced by this tariff already, or not by a tariff of its own."""

    code = "same_price"


class FormUsedError(ConflictError):
    """The form was sent before, for something else."""

    code = "form_used"


def state_of_stay(ticket: Ticket) -> str:
    """Return a short text that differs when a stay's state, plate, place or tariff does."""
    facts = (ticket.status, ticket.changed_at.timestamp(), ticket.plate, ticket.spot_id, ticket.level_id)
    said = " ".join(map(str, (*facts, ticket.spot_type, ticket.tariff_id)))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def require_as_seen(ticket: Ticket, seen: str) -> None:
    """Raise StayChangedError unless a locked stay is as a page showed it; a page that says nothing is not asked."""
    if seen and seen != state_of_stay(ticket):
        raise StayChangedError(
            _("Somebody has changed this stay meanwhile. Look at it again: nothing was done for you.")
        )


@transaction.atomic
def move_stay(  # noqa: PLR0913 - who, what, when and why
    *, ticket: Ticket, place: Place, seen: str, at: datetime, why: str, by: User, key: UUID
) -> Ticket:
    """Give the car of an open stay the free place where it really stands; its price stays that of its first place.

    The place that it had is free from then on. Raises ReasonMissingError, StayChangedError (409), TicketStateError
    (409), PlaceNotFreeError (409) and FormUsedError (409).
    """
    stay = lock_with_reason(ticket, why)
    ticket = stay.ticket
    if _is_done(ticket, key) or _stands_at(ticket, place):
        return ticket
    require_as_seen(ticket, seen)
    if ticket.status not in OPEN:
        raise TicketStateError(_("Ticket %(number)s is not inside any more.") % {"number": ticket.number})
    _require_free(ticket, place, at)
    before = _place_said(ticket)
    ticket.spot_id, ticket.level_id, ticket.spot_type = place.spot_id, place.level_id, place.spot_type
    ticket.save(update_fields=["spot", "level", "spot_type"])
    _keep(stay, StayActKind.MOVED, before, _place_said(ticket), at=at, why=why, by=by, key=key)
    tell_when_committed(ticket.lot_id)
    return ticket


@transaction.atomic
def reprice_stay(*, ticket: Ticket, seen: str, at: datetime, why: str, by: User, key: UUID) -> Ticket:  # noqa: PLR0913
    """Price a stay that is not paid by the tariff that today's price list has for the day of its entry.

    What was paid for it stays paid. Raises ReasonMissingError, StayChangedError (409), TicketStateError (409),
    SamePriceError (409) and FormUsedError (409).
    """
    stay = lock_with_reason(ticket, why)
    ticket = stay.ticket
    if _is_done(ticket, key):
        return ticket
    require_as_seen(ticket, seen)
    if ticket.status not in PRICED_AGAIN:
        raise TicketStateError(
            _("Ticket %(number)s has been paid or has ended. Give money back instead.") % {"number": ticket.number}
        )
    if ticket.reservation_id is not None:
        raise SamePriceError(_("A booked stay is priced by its booking."))
    tariff = tariff_again(ticket)
    if tariff is None:
        raise SamePriceError(_("No other tariff is in force for the day of its entry."))
    before, ticket.tariff = _tariff_said(ticket.tariff), tariff
    ticket.stays_before = stays_before(ticket)
    ticket.save(update_fields=["tariff", "stays_before"])
    _keep(stay, StayActKind.REPRICED, before, _tariff_said(tariff), at=at, why=why, by=by, key=key)
    tell_when_committed(ticket.lot_id)
    return ticket


@transaction.atomic
def note_stay(*, ticket: Ticket, at: datetime, why: str, by: User, key: UUID) -> Ticket:
    """Add a note to a stay in any state. Raises ReasonMissingError and FormUsedError (409)."""
    stay = lock_with_reason(ticket, why)
    if not _is_done(stay.ticket, key):
        _keep(stay, StayActKind.NOTE, "", "", at=at, why=why, by=by, key=key)
    return stay.ticket


def tariff_again(ticket: Ticket) -> Tariff | None:
    """Return the tariff by which a stay would be priced again; None when it is priced by that one already."""
    tariffs = Tariff.objects.filter(lot=ticket.lot_id).valid_on(local_day(ticket.lot, ticket.entry_at))
    tariff = tariffs.first()
    return tariff if tariff is not None and tariff.pk != ticket.tariff_id else None


def _is_done(ticket: Ticket, key: UUID) -> bool:
    """Return whether the form was sent before for this stay. Raises FormUsedError when it was for another."""
    earlier = StayAct.objects.filter(key=key).first()
    if earlier is not None and earlier.ticket_id != ticket.pk:
        raise FormUsedError(_("This form was sent before for another stay. Please start again."))
    return earlier is not None


def _stands_at(ticket: Ticket, place: Place) -> bool:
    return (ticket.spot_id, ticket.level_id, ticket.spot_type) == (place.spot_id, place.level_id, place.spot_type)


def _require_free(ticket: Ticket, place: Place, at: datetime) -> None:
    """Raise PlaceNotFreeError unless a car may be said to stand there; what a sensor sees there is this car."""
    if place.spot_id is None:
        counts = SpotCount.objects.filter(lot=ticket.lot_id, level=place.level_id, spot_type=place.spot_type)
        if not counts.filter(free__gt=0).exists():
            raise _not_free(_("No place of this kind is free there."))
        return
    spot = Spot.objects.get(pk=place.spot_id, lot=ticket.lot_id)
    words = {"number": spot.number}
    if spot.stay is not None:
        number = Ticket.objects.filter(pk=spot.stay).values_list("number", flat=True).first()
        raise _not_free(_("Another stay is in spot %(number)s: %(ticket)s.") % (words | {"ticket": number}))
    if spot.status == SpotStatus.MAINTENANCE:
        raise _not_free(_("Spot %(number)s is out of use.") % words)
    booked = {
        spot.hold,
        *Reservation.objects.live().filter(spot=spot, during__contains=at).values_list("pk", flat=True),
    }
    if booked - {None, ticket.reservation_id}:
        raise _not_free(_("Spot %(number)s is held for a booking.") % words)


def _not_free(message: str) -> PlaceNotFreeError:
    return PlaceNotFreeError(message, errors=[FieldError("place", message)])


def _place_said(ticket: Ticket) -> str:
    """Return the name of a stay's place, as it is called at its lot."""
    if ticket.spot_id is not None:
        return Spot.objects.get(pk=ticket.spot_id).number
    if ticket.level_id is None:
        return ""
    return f"{Level.objects.get(pk=ticket.level_id).name}, {ticket.spot_type}"


def _tariff_said(tariff: Tariff | None) -> str:
    return f"{tariff} ({tariff.revision})" if tariff is not None else ""


def _keep(  # noqa: PLR0913 - the facts of one row
    stay: LockedStay, kind: StayActKind, before: str, after: str, *, at: datetime, why: str, by: User, key: UUID
) -> None:
    longest = StayAct.LONGEST_NAME
    StayAct.objects.create(
        ticket=stay.ticket, kind=kind, before=before[:longest], after=after[:longest], at=at, why=why, by=by, key=key
    )
