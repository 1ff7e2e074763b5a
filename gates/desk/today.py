"""What happened at a lot today, and what an attendant took."""

from dataclasses import asdict, dataclass
from datetime import datetime, time

from django.db.models import Q, QuerySet, Sum

from accounts.models import User
from billing.models import Payment, PaymentMethod, PaymentState
from common.plates import skeleton
from gates.models import GateEvent
from lots.calendar import local_day, zone_of
from lots.models import Lot
from tickets.models import OPEN, Ticket, TicketStatus

LATEST = 6


@dataclass(frozen=True, slots=True)
class Today:
    """Counts since the local midnight; money in minor units, taken by one attendant at this lot."""

    came: int
    left: int
    inside: int
    cash: int
    card: int
    exceptions: int

    def as_list(self) -> list[int]:
        """Return the numbers, to tell whether any has changed."""
        return list(asdict(self).values())


def day_start(lot: Lot, at: datetime) -> datetime:
    """Return when the lot's local day of an instant began."""
    return datetime.combine(local_day(lot, at), time(), zone_of(lot))


def today_at(lot: Lot, attendant: User, *, at: datetime) -> Today:
    """Count the day so far; four queries."""
    since = day_start(lot, at)
    stays = Ticket.objects.filter(lot=lot).exclude(status=TicketStatus.VOID)
    taken = Payment.objects.filter(
        charge__lot=lot, taken_by=attendant, state=PaymentState.CAPTURED, finished_at__gte=since
    ).aggregate(
        cash=Sum("captured_amount", filter=Q(method=PaymentMethod.CASH), default=0),
        card=Sum("captured_amount", filter=~Q(method=PaymentMethod.CASH), default=0),
    )
    return Today(
        came=stays.filter(entry_at__gte=since).count(),
        left=stays.filter(exit_at__gte=since).count(),
        inside=stays.filter(status__in=OPEN).count(),
        cash=taken["cash"],
        card=taken["card"],
        exceptions=exceptions_since(lot, since).count(),
    )


def exceptions_since(lot: Lot, since: datetime) -> QuerySet[GateEvent]:
    """Return the events since then that a person should look at, newest first."""
    events = GateEvent.objects.filter(lot=lot, gate__lot=lot, at__gte=since, first=None).exclude(flags=[])
    return events.select_related("gate", "ticket", "person").order_by("-at", "-id")


def stays_of_day(lot: Lot, since: datetime, *, which: str = "all", text: str = "") -> QuerySet[Ticket]:
    """Return the stays that came or left since then (`came`, `left`, `inside`, or all), newest change first.

    `text` keeps those with it in their plate (confusable characters count as equal) or number.
    """
    chosen = {
        "came": Q(entry_at__gte=since),
        "left": Q(exit_at__gte=since),
        "inside": Q(status__in=OPEN),
    }.get(which, Q(entry_at__gte=since) | Q(exit_at__gte=since))
    stays = Ticket.objects.filter(chosen, lot=lot).exclude(status=TicketStatus.VOID)
    typed = "".join(filter(str.isalnum, text.upper()))
    if typed:
        stays = stays.filter(Q(plate_skeleton__contains=skeleton(typed)) | Q(number__contains=typed.removeprefix("PS")))
    return stays.select_related("spot", "level", "charge").order_by("-changed_at", "-id")


def latest_moves(lot: Lot, since: datetime) -> list[Ticket]:
    """Return the few stays that last changed today."""
    return list(stays_of_day(lot, since)[:LATEST])
