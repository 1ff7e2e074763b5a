"""One car of the week: what its driver is told and does, and what the lanes answer."""

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from billing.services import PayBy
from common.errors import DomainError
from gates.reads.receive import receive_read
from lots.models import Lot
from reservations.booked_time import BookedTime
from reservations.models import Reservation, ReservationStatus
from reservations.offering import offer_booking
from reservations.policy import BookingPolicy
from reservations.services import (
    BookingChange,
    BookingWish,
    NoAvailabilityError,
    book,
    cancel_booking,
    change_booking,
    confirm_address,
    preview_change,
)
from tickets.models import Ticket
from tickets.paying import pay_ticket
from traffic.client import KeyedLane
from traffic.week.week_plan import HOUR, MINUTE, Conduct, Misreading, WeekCar

CARD = "tok_ok"
WELL, BADLY = 0.95, 0.65
SECOND_LOOK = timedelta(seconds=5)
TO_PAY = timedelta(minutes=1)


class WeekClock:
    """The time of the week."""

    def __init__(self, now: datetime) -> None:
        self.now = now


@dataclass(slots=True)
class CarOfWeek:
    """A car with what it was `told` that its way costs (minor units), and what became of it.

    `refusals` say why the lane did not open at a time at which the car was promised a place.
    """

    plan: WeekCar
    lot: Lot
    entry: KeyedLane
    exit: KeyedLane
    clock: WeekClock
    random: Random
    booking: Reservation | None = None
    shown: BookingPolicy | None = None
    told: int = 0
    ticket: str = ""
    came_at: datetime | None = None
    asked_at: datetime | None = None
    refusals: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def lives(self) -> Iterator[datetime]:
        """Live, and yield until when nothing happens; the clock is there when it goes on."""
        plan = self.plan
        if plan.conduct is Conduct.WALKS_IN:
            yield plan.start
            if (yield from self._enters()):
                yield from self._leaves(plan.end)
            return
        yield plan.booked_at
        if not self._books():
            return
        if plan.conduct in {Conduct.CANCELS, Conduct.CANCELS_LATE}:
            yield from self._cancels()
            return
        if plan.conduct is Conduct.CHANGES:
            yield plan.booked_at + 10 * MINUTE
            self._changes(BookingChange(start=plan.start + HOUR, end=plan.end + HOUR))
        if plan.conduct is Conduct.STAYS_AWAY:
            self.told = self._shown.no_show_fee
            return
        yield from self._comes()
        if not self.ticket:
            self.told = self._shown.no_show_fee
            return
        if plan.conduct is Conduct.EXTENDS:
            yield self._booked.ends_at - 15 * MINUTE
            self._changes(BookingChange(end=self._booked.ends_at + HOUR))
        yield from self._leaves(self._booked.ends_at + self._beyond())

    @property
    def _booked(self) -> Reservation:
        assert self.booking is not None  # noqa: S101 it has booked
        return self.booking

    @property
    def _shown(self) -> BookingPolicy:
        assert self.shown is not None  # noqa: S101 it has booked
        return self.shown

    def _books(self) -> bool:
        """Look at the offer, then book it; return whether there was a place."""
        at, time = self.clock.now, BookedTime(self.plan.start, self.plan.end)
        offer = offer_booking(self.lot, "regular", time, at=at)
        wish = BookingWish(time=time, plate=self.plan.plate)
        email = f"driver-{self.plan.serial}@example.com"
        try:
            booking = book(lot=self.lot, wish=wish, at=at, email=email, pay_by=PayBy(token=CARD))
        except NoAvailabilityError:
            if offer.available:
                self.problems.append(f"was offered {offer.available} places and got none")
            return False
        if not offer.available:
            self.problems.append("was offered no place and got one")
        self.booking, self.shown, self.told = booking, offer.policy, offer.price.total
        if booking.status == ReservationStatus.PENDING:
            self.booking = confirm_address(booking=booking, at=at)
        return True

    def _cancels(self) -> Iterator[datetime]:
        late = self.plan.conduct is Conduct.CANCELS_LATE
        yield self._booked.starts_at - 20 * MINUTE if late else self._shown.cancel_free_until
        self.told = self._shown.late_cancel_fee if late else 0
        cancel_booking(booking=self._booked, at=self.clock.now)

    def _changes(self, change: BookingChange) -> None:
        """Look what a change costs, then make it; without a place for it the booking stays as it is."""
        at, booking = self.clock.now, self._booked
        try:
            shown = preview_change(booking=booking, change=change, at=at)
        except NoAvailabilityError:
            return
        changed = change_booking(booking=booking, change=change, at=at, pay_by=PayBy(token=CARD))
        self.booking, self.told = changed.booking, self.told + shown.difference

    def _comes(self) -> Iterator[datetime]:
        """Come to the lane, and again at the start when it was too early for a place."""
        yield self._comes_at()
        if (yield from self._enters()):
            if self.plan.conduct is Conduct.EARLY and self._shown.early is not None:
                self.told += self._shown.early.fee
        elif self.clock.now < self._booked.starts_at:
            yield self._booked.starts_at + MINUTE
            yield from self._enters()

    def _comes_at(self) -> datetime:
        start = self._booked.starts_at
        match self.plan.conduct:
            case Conduct.EARLY:
                return start - self.lot.early_minutes * MINUTE
            case Conduct.LATE:
                return start + 12 * MINUTE
            case Conduct.AFTER_ALL:
                return start + 40 * MINUTE
            case Conduct.OVERSTAYS:
                return start
        return start + self.random.randint(-8, 8) * MINUTE

    def _beyond(self) -> timedelta:
        """Return how long after the booked time it leaves, and note what that costs."""
        if self.plan.conduct is Conduct.OVERSTAYS:
            self.told += next(one.fee for one in self._shown.overstay if one.minutes == self.plan.beyond)
            # Where it has to pay before the barrier it leaves a minute after it was asked.
            return (self.plan.beyond - 1) * MINUTE
        return self.random.randint(-20, -11) * MINUTE if self.plan.conduct is Conduct.LEAVES_EARLY else 4 * MINUTE

    def _enters(self) -> Generator[datetime, None, bool]:
        """Drive up to the entry; return whether it has opened for this car."""
        plate, misread = self.plan.plate, self.plan.misreading
        if misread is Misreading.CUT_OFF:
            self._read(self.entry, plate[:-1], BADLY)
            yield self.clock.now + SECOND_LOOK
        seen = self.plan.looks_like() if misread is Misreading.LOOK_ALIKE else plate
        answer = self._read(self.entry, seen, WELL)
        if answer["action"] == "open":
            self.ticket, self.came_at = answer["ticket"]["number"], self.clock.now
            return True
        promised = self.booking is not None and self.plan.conduct is not Conduct.AFTER_ALL
        if promised and self.clock.now >= self._booked.starts_at:
            self.refusals.append(f"{answer['reason']}, {self._who_stands_there()}")
        return False

    def _who_stands_there(self) -> str:
        """Return who is inside now and keeps the places that were promised."""
        at = self.clock.now
        inside = list(Ticket.objects.open().filter(lot=self.lot).select_related("reservation"))
        booked = [stay.reservation for stay in inside if stay.reservation is not None]
        over, early = (sum(one.ends_at <= at for one in booked), sum(one.starts_at > at for one in booked))
        without, free = len(inside) - len(booked), sum(self.lot.counts.values_list("free", flat=True))
        if not over + early + without:
            self.problems.append("was refused although only who had booked this time was inside")
        return f"{over} inside longer than booked, {early} too early, {without} without a booking, {free} free"

    def _leaves(self, when: datetime) -> Iterator[datetime]:
        """Drive out; pay at the lane what it asks for."""
        yield max(when, self.clock.now + MINUTE)
        self.asked_at = self.clock.now
        answer = self._read(self.exit, self.plan.plate, WELL)
        if answer["action"] != "open":
            self._pays()
            yield self.clock.now + TO_PAY
            answer = self._read(self.exit, self.plan.plate, WELL)
        if answer["action"] != "open":
            self.problems.append(f"could not leave: {answer['action']}/{answer['reason']}")

    def _pays(self) -> None:
        ticket = Ticket.objects.get(number=self.ticket)
        facts = {"method": "card", "token": CARD, "amount": None, "idempotency_key": self.ticket, "by_number": False}
        try:
            pay_ticket(ticket=ticket, at=self.clock.now, **facts)  # type: ignore[arg-type]
        except DomainError as error:
            self.problems.append(f"could not pay: {error.code}")

    def _read(self, lane: KeyedLane, plate: str, confidence: float) -> dict[str, Any]:
        at = self.clock.now
        body = {
            "event_id": str(UUID(int=self.random.getrandbits(128), version=4)),
            "plate": plate,
            "confidence": confidence,
            "captured_at": at.isoformat(),
        }
        return receive_read(authorization=f"Bearer {lane.key}", code=lane.gate, body=json.dumps(body).encode(), at=at)
