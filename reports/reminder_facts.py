"""What a batch of people is to be reminded of on a day; each in one query or two, however many people these are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Sum

from billing.models import Debt, DebtAppeal
from common.time import midnight_of
from lots.models import Lot, SpotCount
from passes.models import Pass
from passes.pass_rules import PassRenewal
from reports.occasions import Occasion
from reservations.models import Reservation, ReservationStatus
from tickets.models import Ticket, proven_halves

ENDS_WITHIN = timedelta(days=7)
"""How long before its last day a pass is mentioned."""
VISITS_OF = timedelta(days=60)
MOST_LOTS = 3


@dataclass(slots=True)
class FactsOfPerson:
    """What one person has on a day."""

    bookings: list[Reservation] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LotNow:
    """A lot and how many places are free there."""

    lot: Lot
    free: int


def facts_of(people: Sequence[int], occasion: Occasion, at: datetime) -> dict[int, FactsOfPerson]:
    """Return the bookings still to come today, the passes that end soon, and the open debts of people; four queries."""
    found: dict[int, FactsOfPerson] = defaultdict(FactsOfPerson)
    for booking in _bookings(people, occasion, at):
        found[booking.driver_id or 0].bookings.append(booking)
    for held in _passes(people, occasion):
        found[held.holder_id or 0].passes.append(held)
    for person, debt in _debts(people):
        found[person].debts.append(debt)
    return found


def usual_lots(people: Sequence[int], at: datetime) -> dict[int, list[LotNow]]:
    """Return the open lots that people visited most in the last 60 days, with what is free there; four queries."""
    visits: dict[int, Counter[int]] = defaultdict(Counter)
    proofs, booked = proven_halves(people)
    since = at - VISITS_OF
    pairs = {
        *proofs.filter(ticket__entry_at__gte=since).values_list("driver", "ticket", "ticket__lot"),
        *booked.filter(entry_at__gte=since).values_list("reservation__driver", "pk", "lot"),
    }
    for person, _ticket, lot_id in pairs:
        visits[person][lot_id] += 1
    open_lots = Lot.objects.public().in_bulk({lot_id for of_person in visits.values() for lot_id in of_person})
    counts = SpotCount.objects.filter(lot__in=open_lots).order_by().values_list("lot").annotate(free=Sum("free"))
    free = dict(counts)
    return {
        person: [
            LotNow(lot, free.get(lot.pk, 0))
            for lot in _most_visited(of_person, [open_lots[one] for one in of_person if one in open_lots])
        ]
        for person, of_person in visits.items()
    }


def _most_visited(visits: Counter[int], lots: Iterable[Lot]) -> list[Lot]:
    still_open = [lot for lot in lots if not lot.is_closed]
    return sorted(still_open, key=lambda lot: (-visits[lot.pk], lot.name, lot.pk))[:MOST_LOTS]


def _bookings(people: Sequence[int], occasion: Occasion, at: datetime) -> Iterable[Reservation]:
    ends = midnight_of(occasion.day + timedelta(days=1), ZoneInfo(occasion.zone))
    today = Reservation.objects.filter(driver__in=people, status=ReservationStatus.CONFIRMED)
    today = today.filter(starts_at__gt=at, starts_at__lt=ends)
    return today.select_related("lot", "spot").order_by("starts_at", "pk")


def _passes(people: Sequence[int], occasion: Occasion) -> Iterable[Pass]:
    ending = Pass.objects.active().filter(holder__in=people, renewal=PassRenewal.NONE)
    soon = ending.filter(valid_until__range=(occasion.day, occasion.day + ENDS_WITHIN))
    return soon.select_related("lot").order_by("valid_until", "pk")


def _debts(people: Sequence[int]) -> Iterable[tuple[int, Debt]]:
    """Yield the open debts of stays that people have proven, except those that they object to, the oldest first."""
    is_disputed = Exists(DebtAppeal.objects.open().filter(debt=OuterRef("charge__debt")))
    owing = Ticket.objects.filter(charge__debt__settled_at__isnull=True, charge__debt__isnull=False)
    owing = owing.exclude(is_disputed).order_by()
    proofs, booked = proven_halves(people)
    pairs = {
        *proofs.filter(ticket__in=owing.values("pk")).values_list("driver", "ticket"),
        *booked.filter(pk__in=owing.values("pk")).values_list("reservation__driver", "pk"),
    }
    debts = Debt.objects.open().filter(charge__ticket__in={ticket for _person, ticket in pairs})
    by_ticket = {debt.charge.ticket.pk: debt for debt in debts.select_related("charge__ticket", "charge__lot")}
    known = [(person, by_ticket[ticket]) for person, ticket in pairs if ticket in by_ticket]
    return sorted(known, key=lambda pair: (pair[1].created_at, pair[1].pk))
