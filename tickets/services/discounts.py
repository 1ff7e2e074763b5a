"""Discounts of a stay: given by others' rows, kept with the stay that they lower, so that every fee has them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, PromoUse
from billing.pricing.discounts import MOST_DISCOUNTS
from common.errors import ConflictError, InvalidValueError
from lots.services import assert_lot_locked
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.services.locking import LockedStay


class StayOverError(ConflictError):
    """The stay has ended, or a person has to look at it first: its fee can't be lowered any more."""

    code = "stay_over"


class NotStackableError(ConflictError):
    """The stay has a discount that goes with no other one, this one goes with none, or there are too many."""

    code = "not_stackable"


def require_open(ticket: Ticket) -> None:
    """Raise StayOverError unless a stay's car is inside."""
    if ticket.status not in OPEN:
        seen = ticket.status == TicketStatus.REVIEW
        words = _("An attendant has to look at this stay first.") if seen else _("This stay is over.")
        raise StayOverError(words)


def require_stackable(ticket: Ticket, discount: Mapping[str, Any]) -> None:
    """Raise NotStackableError when a discount doesn't go with those of other kinds, or is one too many to be priced.

    What a booking has that is paid with the stay is one of them.
    """
    if len(ticket.discounts) >= MOST_DISCOUNTS:
        raise NotStackableError(_("This stay has as many discounts as it can have."))
    booking = ticket.reservation
    booked = booking.discounts if booking is not None and booking.charge_id is None else []
    others = [one for one in (*booked, *ticket.discounts) if one["kind"] != discount["kind"]]
    if others and (discount["alone"] or any(one["alone"] for one in others)):
        raise NotStackableError(_("This stay has another discount, and the two can't be combined."))


def require_fitting_code(ticket: Ticket, discount: Mapping[str, Any]) -> None:
    """Raise InvalidValueError for a promo code that a stay has already, else as `require_stackable`."""
    if any(one["kind"] == discount["kind"] for one in ticket.discounts):
        raise InvalidValueError(_("This stay has this code already."), path="promo_code")
    require_stackable(ticket, discount)


def add_discount(stay: LockedStay, discount: Mapping[str, Any], *, at: datetime, why: str, by: User | None) -> Ticket:
    """Let a discount lower the fee of a locked stay from now on; what was paid stays paid. The lot's lock is held."""
    ticket = stay.ticket
    assert_lot_locked(ticket.lot_id)
    return _write(ticket, [*ticket.discounts, dict(discount)], at=at, why=why, by=by)


def remove_discount(stay: LockedStay, key: str, *, at: datetime, why: str, by: User | None) -> Ticket:
    """Take a discount off a locked stay again; the lot's lock is held. Idempotent."""
    ticket = stay.ticket
    assert_lot_locked(ticket.lot_id)
    return _write(ticket, [one for one in ticket.discounts if one["key"] != key], at=at, why=why, by=by)


def keep_code(*, charge: Charge, use: PromoUse, at: datetime) -> None:
    """Let the stay of a locked charge keep a promo code's discount, without which it would cost more later.

    Raises InvalidValueError and NotStackableError when the stay has got others since the code was looked at.
    """
    ticket = Ticket.objects.select_for_update().filter(charge=charge).first()
    if ticket is not None:
        require_fitting_code(ticket, use.as_discount())
        _write(ticket, [*ticket.discounts, use.as_discount()], at=at, why=use.code.shown, by=None)


def _write(ticket: Ticket, discounts: list[dict[str, Any]], *, at: datetime, why: str, by: User | None) -> Ticket:
    """Write them with the time of the change, by which a lane that has asked for the fee asks again."""
    ticket.discounts = discounts
    ticket.changed_at, ticket.changed_why, ticket.changed_by = at, why, by
    ticket.save(update_fields=["discounts", "changed_at", "changed_why", "changed_by"])
    return ticket
