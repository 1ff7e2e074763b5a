"""Runs the week: the cars and the periodic tasks in the order of their times, as if the clock stood there."""

import heapq
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.timezone import now

from accounts.models import Operator
from billing.documents.worker import issue_due
from billing.queries import holds_to_settle
from billing.services import capture_due_hold, settle_hold
from common.errors import ConflictError
from lots.models import Lot
from notifications.models import Message, MessageState
from reservations.booking_documents import invoice_bookers
from reservations.services import (
    conclude_pending,
    hold_due_spots,
    lapse_unconfirmed,
    mark_no_shows,
    settle_over,
)
from retention.services import end_clocks
from tickets.services import end_exit_graces
from traffic.simulation.sites import own_course
from traffic.week.week_cars import CarOfWeek, WeekClock
from traffic.week.week_plan import DAY, HOUR, draw_week
from traffic.week.week_reckoning import WeekReckoning, reckon_week
from traffic.week.week_site import TIMEZONE, make_week_site

BEAT = timedelta(minutes=5)
AFTER = timedelta(hours=40)
"""How long after the last day the tasks still run: until the last car has left."""


class NotAloneError(ConflictError):
    """There are lots already: their tasks and cars live by another clock."""

    code = "not_alone"


def run_week(
    *, cars: int, seed: int, days: int = 7, first: date | None = None, lived: Callable[[], object]
) -> WeekReckoning:
    """Simulate the days from `first` on, by default the last that are over, and reconcile them.

    `lived` is called after each car. Raises NotAloneError.
    """
    if Operator.objects.exists():
        raise NotAloneError("A week needs an installation of its own: set PARKING_DATA to an empty folder.")
    zone = ZoneInfo(TIMEZONE)
    first = first or (now().astimezone(zone) - days * DAY - AFTER).date()
    begin = datetime.combine(first, time(0), zone).astimezone(ZoneInfo("UTC"))
    clock = WeekClock(begin - HOUR)
    lots = {slug: Lot.objects.get(slug=slug) for slug in make_week_site(cars=cars, days=days, at=clock.now)}
    plans = draw_week(cars, lots=list(lots), begin=begin, days=days, seed=seed)
    with own_course(list(lots)) as course:
        driven = []
        for plan in plans:
            site, random = course.sites[plan.lot], Random(f"{seed}/{plan.serial}")  # noqa: S311 repeatable, no secret
            driven.append(CarOfWeek(plan, lots[plan.lot], site.entries[0], site.exits[0], clock, random))
        _live(clock, [_counted(car, lived) for car in driven], begin, begin + days * DAY + AFTER)
        reckoning = reckon_week(driven)
    end_clocks(at=now())
    # Mails to made-up drivers are sent to nobody.
    Message.objects.filter(operator__slug="week").update(state=MessageState.SENT, sent_at=F("created_at"))
    return reckoning


def _counted(car: CarOfWeek, lived: Callable[[], object]) -> Iterator[datetime]:
    yield from car.lives()
    lived()


def _live(clock: WeekClock, lives: list[Iterator[datetime]], begin: datetime, end: datetime) -> None:
    """Go on with the one who waits for the earliest instant; at the same one the tasks come first."""
    waiting = [(begin, number, life) for number, life in enumerate([_beats(clock, begin, end), *lives])]
    heapq.heapify(waiting)
    while waiting:
        at, number, life = heapq.heappop(waiting)
        clock.now = at
        following = next(life, None)
        if following is not None:
            heapq.heappush(waiting, (following, number, life))


def _beats(clock: WeekClock, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Run the periodic tasks of bookings, holds and documents."""
    at = begin
    while at < end:
        yield at
        _beat(clock.now)
        at += BEAT


def _beat(at: datetime) -> None:
    mark_no_shows(at=at)
    hold_due_spots(at=at)
    lapse_unconfirmed(at=at)
    conclude_pending(at=at)
    settle_over(at=at)
    for payment in holds_to_settle(at).select_related("charge"):
        (capture_due_hold if payment.settling_amount is None else settle_hold)(payment=payment, at=at)
    end_exit_graces(at=at)
    invoice_bookers(at=at)
    while issue_due(at=at):
        pass
