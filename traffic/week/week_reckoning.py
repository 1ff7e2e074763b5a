"""Reconciles the week: each promise kept, or its breach explained, and each car charged what its driver was told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from billing.models import Charge
from reservations.models import Reservation
from tickets.models import Ticket, TicketStatus
from traffic.field.ledger import Pricing, pricing_of
from traffic.week.week_cars import CarOfWeek
from traffic.week.week_plan import Conduct

STATES = {
    Conduct.CANCELS: "cancelled",
    Conduct.CANCELS_LATE: "cancelled",
    Conduct.STAYS_AWAY: "no_show",
}
"""How a booking ends whose car does not come in; the others are completed."""


@dataclass(slots=True)
class WeekReckoning:
    """The result; amounts in minor units. `breaches` are promises that were not kept, with the reason."""

    lives: Counter[Conduct] = field(default_factory=Counter)
    came_in: Counter[Conduct] = field(default_factory=Counter)
    refused: int = 0
    charged: int = 0
    breaches: list[str] = field(default_factory=list)
    discrepancies: list[str] = field(default_factory=list)

    @property
    def reconciles(self) -> bool:
        """Return whether everything is as it was told."""
        return not self.discrepancies


def reckon_week(cars: Sequence[CarOfWeek]) -> WeekReckoning:
    """Compare what each driver was told with what is on record."""
    reckoning, pricing = WeekReckoning(), pricing_of({car.plan.lot for car in cars})
    for car in cars:
        reckoning.lives[car.plan.conduct] += 1
        reckoning.came_in[car.plan.conduct] += bool(car.ticket)
        problems = list(car.problems)
        if car.plan.conduct is Conduct.WALKS_IN:
            problems += _walk_in(car, pricing, reckoning)
        elif car.booking is None:
            reckoning.refused += 1
        else:
            problems += _booked(car, reckoning)
        reckoning.discrepancies += [f"{car.plan.plate} ({car.plan.conduct}): {problem}" for problem in problems]
    return reckoning


def _booked(car: CarOfWeek, reckoning: WeekReckoning) -> Iterator[str]:
    booking = Reservation.objects.select_related("charge").get(pk=car.booking.pk if car.booking else 0)
    stays = list(Ticket.objects.select_related("charge").filter(reservation=booking).exclude(status=TicketStatus.VOID))
    if car.refusals:
        if booking.place_lost_at is None and car.lot.counts_spots:
            yield f"was refused ({car.refusals[0]}), and nobody was told before"
        reckoning.breaches.append(f"{car.plan.plate} ({car.plan.lot}, booking {booking.code}): {car.refusals[0]}")
    state = STATES.get(car.plan.conduct, "completed") if car.ticket or not car.refusals else "no_show"
    if car.plan.conduct is Conduct.AFTER_ALL and not car.ticket:
        state = "no_show"
    if booking.status != state:
        yield f"booking {booking.code} is {booking.status} instead of {state}"
    if [stay.number for stay in stays] != [car.ticket][: bool(car.ticket)]:
        yield f"has the stays {[stay.number for stay in stays]} instead of {car.ticket or 'none'}"
    charged = sum(map(_charged, [booking.charge, *(stay.charge for stay in stays)]))
    reckoning.charged += charged
    told = car.told
    if booking.place_lost_at is not None and not car.ticket:  # then it is free to cancel, and not to come
        told = 0
        if not car.refusals:
            reckoning.breaches.append(f"{car.plan.plate} ({car.plan.lot}, booking {booking.code}): no place was left")
    if charged != told:
        yield f"booking {booking.code} costs {charged} instead of {told}"


def _walk_in(car: CarOfWeek, pricing: Pricing, reckoning: WeekReckoning) -> Iterator[str]:
    if not car.ticket or car.came_at is None or car.asked_at is None:
        return
    stay = Ticket.objects.select_related("charge").get(number=car.ticket)
    charged, cost = _charged(stay.charge), pricing(car.plan.lot, car.came_at, car.asked_at)
    reckoning.charged += charged
    if (stay.status, charged) != (TicketStatus.CLOSED, cost):
        yield f"{stay.number} is {stay.status} and costs {charged} instead of {cost}"


def _charged(charge: Charge | None) -> int:
    """Return what was taken and not given back, with what is still owed."""
    return charge.captured_amount - charge.refunded_amount + charge.balance_amount if charge else 0
