"""The stays of a driver, and their sums.

A plate proves no ownership, so an account's vehicles show no stays: see `TicketQuerySet.proven_by`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Func, QuerySet, Sum, Value
from django.db.models.expressions import Combinable

from accounts.models import User
from tickets.fees import Fee, fee_of, leave_by
from tickets.models import Ticket, TicketQuerySet, TicketStatus
from tickets.queries import with_fee_parts

MOST_AT_ONCE = 10
PAST = (TicketStatus.CLOSED, TicketStatus.REVIEW)


@dataclass(frozen=True, slots=True)
class PresentStay:
    """An open stay with its fee so far; `place` is the spot or level, as far as the lot knows."""

    ticket: Ticket
    fee: Fee
    length: timedelta
    leave_by: datetime | None
    place: str


@dataclass(frozen=True, slots=True)
class PastStay:
    """A stay that has ended or is in review, and what was paid for it."""

    ticket: Ticket
    length: timedelta | None
    paid_amount: int


@dataclass(frozen=True, slots=True)
class MonthSum:
    """A month's ended stays in one currency."""

    currency: str
    stays: int
    length: timedelta
    paid_amount: int


def stays_of(driver: User) -> TicketQuerySet:
    """Return the stays that a driver has proven, without void ones, with what their fee needs."""
    return with_fee_parts().proven_by(driver).exclude(status=TicketStatus.VOID)


def may_keep(driver: User | None, ticket: Ticket) -> bool:
    """Return whether a driver can add a ticket to their stays."""
    return driver is not None and not stays_of(driver).filter(pk=ticket.pk).exists()


def present_stays(stays: TicketQuerySet, at: datetime) -> list[PresentStay]:
    """Return the open stays, latest first, each with its fee at `at`."""
    return [_present(ticket, at) for ticket in stays.open().order_by("-entry_at", "-id")[:MOST_AT_ONCE]]


def past_stays(stays: TicketQuerySet) -> QuerySet[Ticket]:
    """Return the stays that have ended, latest first."""
    return stays.filter(status__in=PAST).order_by("-entry_at", "-id")


def past_stay(ticket: Ticket) -> PastStay:
    """Return an ended stay with what was paid for it."""
    charge = ticket.charge
    return PastStay(
        ticket=ticket,
        length=None if ticket.exit_at is None else ticket.exit_at - ticket.entry_at,
        paid_amount=charge.captured_amount - charge.refunded_amount if charge else 0,
    )


def month_sums(stays: TicketQuerySet, at: datetime) -> list[MonthSum]:
    """Return the sums per currency of the stays that ended in the month of `at`, on the clock of their lot."""
    length = ExpressionWrapper(F("exit_at") - F("entry_at"), output_field=DurationField())
    ended = stays.filter(exit_at__isnull=False).annotate(month=_month(F("exit_at")), this_month=_month(Value(at)))
    sums = ended.filter(month=F("this_month")).order_by("lot__currency").values("lot__currency")
    paid = Sum(F("charge__captured_amount") - F("charge__refunded_amount"), default=0)
    return [
        MonthSum(row["lot__currency"], row["stays"], row["length"], row["paid"])
        for row in sums.annotate(stays=Count("id"), length=Sum(length), paid=paid)
    ]


def _month(instant: Combinable) -> Func:
    local = Func(F("lot__timezone"), instant, function="timezone", output_field=DateTimeField())
    return Func(Value("month"), local, function="date_trunc", output_field=DateTimeField())


def _present(ticket: Ticket, at: datetime) -> PresentStay:
    return PresentStay(
        ticket=ticket,
        fee=fee_of(ticket, at),
        length=max(at - ticket.entry_at, timedelta()),
        leave_by=leave_by(ticket),
        place=_place(ticket),
    )


def _place(ticket: Ticket) -> str:
    words = [ticket.spot.number if ticket.spot else "", ticket.level.name if ticket.level else ""]
    return ", ".join(word for word in words if word)
