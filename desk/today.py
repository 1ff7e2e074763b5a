"""What happened at a lot today, and the attendant's shift."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from analytics.flags import flag_counted
from billing.models import Payment, PaymentState, Shift
from common.plates import skeleton
from common.time import midnight_of
from gates.models import EventKind, GateEvent
from lots.calendar import local_day, zone_of
from lots.models import Lot
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.services import StayEnding

LATEST = 6


@dataclass(frozen=True, slots=True)
class Today:
    """Counts since the local midnight."""

    came: int
    left: int
    inside: int
    exceptions: int

    def as_list(self) -> list[int]:
        """Return the numbers, for the ETag."""
        return list(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Move:
    """An entry, exit or payment of today; `amount` is what was paid, in minor units."""

    at: datetime
    stay: Ticket
    words: str
    amount: int | None = None

    @property
    def drove_out(self) -> bool:
        """Return whether the payment let the car go at once."""
        return self.amount is not None and self.stay.exit_at == self.at


def day_start(lot: Lot, at: datetime) -> datetime:
    """Return when the lot's local day of an instant began."""
    return midnight_of(local_day(lot, at), zone_of(lot))


def today_at(lot: Lot, *, at: datetime) -> Today:
    """Count the day so far; four queries."""
    since = day_start(lot, at)
    stays = Ticket.objects.filter(lot=lot).exclude(status=TicketStatus.VOID)
    return Today(
        came=stays.filter(entry_at__gte=since).count(),
        left=stays.filter(exit_at__gte=since).count(),
        inside=stays.filter(status__in=OPEN).count(),
        exceptions=exceptions_since(lot, since).count(),
    )


def till_now(attendant: User) -> Shift | None:
    """Return an attendant's unfinished shift with how many `sales` it has, not what they add up to; one query."""
    own = Shift.objects.unfinished().filter(person=attendant)
    return (
        own.annotate(sales=Count("payments", filter=Q(payments__captured_amount__gt=0))).select_related("lot").first()
    )


def exceptions_since(lot: Lot, since: datetime) -> QuerySet[GateEvent]:
    """Return the events since then that a person should look at, newest first."""
    once = Q(first=None) | Q(kind=EventKind.UNDO)
    events = GateEvent.objects.filter(once, lot=lot, gate__lot=lot, at__gte=since).exclude(flags=[])
    return events.select_related("gate", "ticket", "person").order_by("-at", "-id")


def exceptions_of(shift: Shift) -> list[str]:
    """Return what its cashier did out of the ordinary at the lot of a shift, counted, such as fees that were waived."""
    during = {"at__gte": shift.opened_at} | ({"at__lte": shift.counting_at} if shift.counting_at else {})
    flags = GateEvent.objects.filter(lot=shift.lot_id, person=shift.person, **during)
    totals = Counter(flag for of_event in flags.values_list("flags", flat=True) for flag in of_event)
    return [flag_counted(flag, total) for flag, total in totals.most_common()]


def stays_of_day(lot: Lot, since: datetime, *, which: str = "all", text: str = "") -> QuerySet[Ticket]:
    """Return the stays that came or left since then (`came`, `left`, `inside`, or all), the newest first.

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
    shown = F("entry_at") if which in {"came", "inside"} else Coalesce("exit_at", "entry_at")
    return stays.select_related("spot", "level", "charge").order_by(shown.desc(), "-id")


def latest_moves(lot: Lot, since: datetime) -> list[Move]:
    """Return what happened last today, newest first: cars that drove in or out, and money; two queries."""
    paid = Payment.objects.filter(charge__lot=lot, state=PaymentState.CAPTURED, finished_at__gte=since)
    paid = paid.filter(charge__ticket__isnull=False).select_related("charge__ticket").order_by("-finished_at", "-id")
    money = [
        Move(payment.finished_at, payment.charge.ticket, _("paid"), payment.captured_amount)
        for payment in paid[:LATEST]
        if payment.finished_at
    ]
    told = {(move.stay.pk, move.at) for move in money}
    moves = list(money)
    for stay in stays_of_day(lot, since)[:LATEST]:
        moves += [Move(stay.entry_at, stay, _("drove in"))] if stay.entry_at >= since else []
        # A car that pays at the desk leaves at once: one line for both.
        if stay.exit_at and (stay.pk, stay.exit_at) not in told:
            moves.append(Move(stay.exit_at, stay, _left_words(stay)))
    return sorted(moves, key=lambda move: (move.at, move.stay.pk), reverse=True)[:LATEST]


def _left_words(stay: Ticket) -> str:
    ends = {"owed": _("left owing"), "waived": _("left, fee waived"), StayEnding.LEFT_UNSEEN: _("left unseen")}
    return ends.get(stay.closed_reason, _("drove out"))
