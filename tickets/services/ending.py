"""How a person ends a stay that is not there any more: its car left unseen, or it never was.

No gate opens for it. Always with a reason; the same done again by the same person changes nothing. Functions that get a
`LockedStay` work with what their caller has locked by `lock_with_reason`.
"""

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from reservations.services import complete_reservation
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.services.locking import LockedStay
from tickets.services.resolution import Settlement, assess_as_of, declare_void, lock_with_reason, settle
from tickets.services.stays import TicketStateError, close_stay

ENDABLE = (*OPEN, TicketStatus.REVIEW)


class StayEnding(models.TextChoices):
    """What became of a stay that is not there any more."""

    LEFT_UNSEEN = "left_unseen", gettext_lazy("The car has left, and nobody saw it")
    NEVER_WAS = "never_was", gettext_lazy("It was never a real stay: nothing is charged")


@transaction.atomic
def end_left_unseen(  # noqa: PLR0913 - who, what, when and why
    *, ticket: Ticket, left_at: datetime, agreed: int, settlement: str, at: datetime, why: str, by: User
) -> Ticket:
    """Close a stay whose car left at `left_at`; what is owed by then becomes a debt on its plate or is waived.

    `agreed` is the owed amount in minor units that the person saw. Raises ReasonMissingError, TicketStateError (409),
    ImpossibleExitError, PriceChangedError (409) and, for a debt without a plate, NoPlateToOweError.
    """
    stay = lock_with_reason(ticket, why)
    return end_stay_unseen(stay, left_at=left_at, agreed=agreed, settlement=settlement, at=at, why=why, by=by)


@transaction.atomic
def end_never_was(*, ticket: Ticket, at: datetime, why: str, by: User) -> Ticket:
    """Declare that a stay never was; what its charge still asks for is credited.

    Raises ReasonMissingError and TicketStateError (409), also when money was taken for it.
    """
    return void_unreal_stay(lock_with_reason(ticket, why), at=at, why=why, by=by)


def end_stay_unseen(  # noqa: PLR0913 - who, what, when and why
    stay: LockedStay, *, left_at: datetime, agreed: int, settlement: str, at: datetime, why: str, by: User
) -> Ticket:
    """Close a locked stay whose car left unseen; otherwise as `end_left_unseen`."""
    ticket = stay.ticket
    if _is_ended(ticket, TicketStatus.CLOSED, why, by) and ticket.closed_reason == StayEnding.LEFT_UNSEEN:
        return ticket
    _require_not_ended(ticket)
    charge = assess_as_of(stay, left_at, agreed=agreed, at=at)
    if ticket.reservation_id is not None:
        complete_reservation(reservation_id=ticket.reservation_id)
    close_stay(stay, at=at, left_at=left_at, reason=StayEnding.LEFT_UNSEEN, why=why, by=by)
    if agreed and charge is not None:  # afterwards, so that nobody takes what is waived for paid
        settle(stay, charge, Settlement(settlement), at=at, why=why, by=by)
    return ticket


def void_unreal_stay(stay: LockedStay, *, at: datetime, why: str, by: User) -> Ticket:
    """Void a locked stay that never was; otherwise as `end_never_was`."""
    ticket = stay.ticket
    if _is_ended(ticket, TicketStatus.VOID, why, by):
        return ticket
    _require_not_ended(ticket)
    return declare_void(stay, at=at, why=why, by=by)


def _is_ended(ticket: Ticket, status: TicketStatus, why: str, by: User) -> bool:
    """Return whether this person has ended the stay so already, with the same reason: a form that was sent twice."""
    return (ticket.status, ticket.changed_why, ticket.changed_by_id) == (status, why, by.pk)


def _require_not_ended(ticket: Ticket) -> None:
    if ticket.status not in ENDABLE:
        raise TicketStateError(_("Ticket %(number)s has ended already.") % {"number": ticket.number})
