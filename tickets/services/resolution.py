"""How a person ends a review: the car left, it still stands inside, or it never was. Always with a reason.

Functions that get a `LockedStay` are shared with `ending`, where a person ends any stay that is not there any more.
"""

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from billing.models import Charge, CreditKind
from billing.services import credit_locked, record_debt
from common.errors import ConflictError, DomainError, FieldError
from lots.services import lock_lot
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus
from tickets.services.locking import LockedStay, lock_stay
from tickets.services.stays import (
    TicketStateError,
    activate_stay,
    assess_stay,
    close_stay,
    void_stay,
)


class ReasonMissingError(DomainError):
    """A person must say why."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("Say why."), errors=[FieldError("why", _("Say why in a few words."))])


class PriceChangedError(ConflictError):
    """The price is no longer the one that was agreed to."""

    code = "price_changed"


class NoPlateToOweError(DomainError):
    """Without a plate nobody can owe the fee."""

    code = "no_plate"


class ImpossibleExitError(DomainError):
    """The car can't have left before it came in, nor later than now."""

    code = "impossible_exit"


class Settlement(models.TextChoices):
    """What becomes of what is still owed when a stay is closed out of review."""

    DEBT = "debt", gettext_lazy("stays owed by the plate")
    WAIVE = "waive", gettext_lazy("is waived")


@transaction.atomic
def close_from_review(  # noqa: PLR0913 - who, what, when and why
    *,
    ticket: Ticket,
    left_at: datetime,
    agreed: int,
    settlement: str,
    at: datetime,
    why: str,
    by: User,
) -> Ticket:
    """Close a stay in review as of `left_at`; what is owed by then becomes a debt on its plate or is waived.

    `agreed` is the owed amount in minor units that the person saw. Raises ReasonMissingError, TicketStateError (409),
    ImpossibleExitError, PriceChangedError (409) and, for a debt without a plate, NoPlateToOweError.
    """
    stay = _in_review(ticket, why)
    charge = assess_as_of(stay, left_at, agreed=agreed, at=at)
    reason = "paid" if charge is not None and charge.captured_amount else "grace"
    if charge is not None and charge.is_waived:
        reason = "waived"
    if agreed and charge is not None:
        reason = settle(stay, charge, Settlement(settlement), at=at, why=why, by=by)
    return close_stay(stay, at=at, left_at=left_at, reason=reason, why=why, by=by)


def assess_as_of(stay: LockedStay, left_at: datetime, *, agreed: int, at: datetime) -> Charge | None:
    """Write down what a locked stay cost until its car left, and return its charge, if it has one.

    Raises ImpossibleExitError, and PriceChangedError (409) unless `agreed` is what is owed of it.
    """
    if not stay.ticket.entry_at <= left_at <= at:
        message = _("The car can't have left before it came in, nor later than now.")
        raise ImpossibleExitError(message, errors=[FieldError("left_at", message)])
    fee = fee_of(stay.ticket, left_at)
    if fee.owed != agreed:
        raise PriceChangedError(_("The price is another one by now. Look at it again before you agree."))
    return assess_stay(stay, fee, left_at)


@transaction.atomic
def return_from_review(*, ticket: Ticket, at: datetime, why: str, by: User) -> Ticket:
    """Take a stay back as parked, since its car still stands inside; it has no spot from then on.

    Raises ReasonMissingError and TicketStateError (409), also when the plate has another open stay there.
    """
    return activate_stay(_in_review(ticket, why), at=at, why=why, by=by)


@transaction.atomic
def void_from_review(*, ticket: Ticket, at: datetime, why: str, by: User) -> Ticket:
    """Declare that a stay in review never was; what its charge still asks for is credited.

    Raises ReasonMissingError and TicketStateError (409), also when money was taken for it: such a stay is closed.
    """
    return declare_void(_in_review(ticket, why), at=at, why=why, by=by)


def declare_void(stay: LockedStay, *, at: datetime, why: str, by: User) -> Ticket:
    """Declare that a locked stay never was; otherwise as `void_from_review`."""
    ticket, charge = stay.ticket, stay.charge
    if charge is not None and charge.captured_amount > charge.refunded_amount:
        raise TicketStateError(
            _("Ticket %(number)s was paid for: close it, or give the money back first.") % {"number": ticket.number}
        )
    void_stay(stay, at=at, why=why, by=by)
    if charge is not None and charge.balance_amount > 0:  # afterwards, so that nobody takes it for paid
        amount = charge.balance_amount
        credit_locked(charge, amount=amount, kind=CreditKind.VOID, reason=why, granted_by=by, at=at, sold=stay)
    return ticket


def lock_with_reason(ticket: Ticket, why: str) -> LockedStay:
    """Lock the lot and a stay that a person changes for `why`; needs a transaction. Raises ReasonMissingError."""
    if not why.strip():
        raise ReasonMissingError
    lock_lot(ticket.lot_id)
    return lock_stay(ticket)


def _in_review(ticket: Ticket, why: str) -> LockedStay:
    stay = lock_with_reason(ticket, why)
    if stay.ticket.status != TicketStatus.REVIEW:
        raise TicketStateError(_("Ticket %(number)s is not in review any more.") % {"number": ticket.number})
    return stay


def settle(  # noqa: PLR0913 - who, what, when and why
    stay: LockedStay, charge: Charge, settlement: Settlement, *, at: datetime, why: str, by: User
) -> str:
    """Make what a locked stay owes a debt or waive it, and return the reason a stay in review closes with.

    Raises NoPlateToOweError for a debt without a plate.
    """
    if settlement is Settlement.WAIVE:
        amount = charge.balance_amount
        credit_locked(charge, amount=amount, kind=CreditKind.WAIVED, reason=why, granted_by=by, at=at, sold=stay)
        return "waived"
    if stay.ticket.plate is None:
        message = _("Nobody can owe this: the stay has no plate. Waive it instead.")
        raise NoPlateToOweError(message, errors=[FieldError("settlement", message)])
    charge.lot = stay.lot
    record_debt(charge=charge, plate=stay.ticket.plate, region=stay.ticket.plate_region, reason=why, at=at)
    return "owed"
