"""The stays of a driver.

A plate proves no ownership, so an account's vehicles show no stays: see `TicketQuerySet.proven_by`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from tickets.fees import Fee, fee_of, leave_by, time_left
from tickets.models import Ticket, TicketQuerySet, TicketStatus
from tickets.next_fee import NextFee, next_fee
from tickets.queries import with_fee_parts

MOST_AT_ONCE = 10
URGENT = timedelta(minutes=5)
PAST = (TicketStatus.CLOSED, TicketStatus.REVIEW)


@dataclass(frozen=True, slots=True)
class PresentStay:
    """An open stay with its fee so far; `place` is the spot or level, as far as the lot knows."""

    ticket: Ticket
    fee: Fee
    length: timedelta
    leave_by: datetime | None
    place: str
    at: datetime

    @property
    def next_fee(self) -> NextFee | None:
        """Return when the fee changes next, and to what; found each time."""
        return next_fee(self.ticket, self.at)

    @property
    def leave_in(self) -> timedelta:
        """Return how long a paid car has to drive out."""
        return time_left(self.leave_by, self.at)

    @property
    def is_urgent(self) -> bool:
        """Return whether a paid car has only minutes left to drive out."""
        return self.leave_by is not None and self.leave_in < URGENT

    @property
    def booked_until(self) -> datetime | None:
        """Return until when the car's booking goes, which can be extended; None without one that goes on."""
        booking = self.ticket.reservation
        return booking.ends_at if booking is not None and booking.is_live else None


@dataclass(frozen=True, slots=True)
class PastStay:
    """A stay that has ended or is in review, and what was paid for it."""

    ticket: Ticket
    length: timedelta | None
    paid_amount: int
    has_receipt: bool


def stays_of(driver: User) -> TicketQuerySet:
    """Return the stays that a driver has proven, without void ones, with what their fee needs."""
    return with_fee_parts().proven_by(driver).exclude(status=TicketStatus.VOID)


def may_keep(driver: User | None, ticket: Ticket) -> bool:
    """Return whether a driver can add a ticket to their stays."""
    return driver is not None and not stays_of(driver).filter(pk=ticket.pk).exists()


def present_stays(stays: TicketQuerySet, at: datetime) -> list[PresentStay]:
    """Return the open stays, latest first, each with its fee at `at`."""
    return [_present(ticket, at) for ticket in stays.open().order_by("-entry_at", "-id")[:MOST_AT_ONCE]]


def past_stays(stays: TicketQuerySet) -> TicketQuerySet:
    """Return the stays that have ended, latest first."""
    return stays.filter(status__in=PAST).order_by("-entry_at", "-id")


def past_stay(ticket: Ticket) -> PastStay:
    """Return an ended stay with what was paid for it."""
    charge = ticket.charge
    return PastStay(
        ticket=ticket,
        length=None if ticket.exit_at is None else ticket.exit_at - ticket.entry_at,
        paid_amount=charge.captured_amount - charge.refunded_amount if charge else 0,
        has_receipt=charge is not None and charge.captured_amount > 0,
    )


def _present(ticket: Ticket, at: datetime) -> PresentStay:
    return PresentStay(
        ticket=ticket,
        fee=fee_of(ticket, at),
        length=max(at - ticket.entry_at, timedelta()),
        leave_by=leave_by(ticket),
        place=_place(ticket),
        at=at,
    )


def _place(ticket: Ticket) -> str:
    words = [ticket.spot.number if ticket.spot else "", ticket.level.name if ticket.level else ""]
    return ", ".join(word for word in words if word)
