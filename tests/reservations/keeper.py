"""A game with a bookable lot: drivers book, change, come, stay too long or never come, and the tasks run late.

The model knows of each booking only when it was to begin and end, what it was to cost, and whether its car is inside.
An hour that has begun costs CHF 3.00. Time is passed to the services and the lanes.
"""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billing.services import PayBy
from devices.keys import find_device
from gates.reads.body import ReadBody, read_of
from gates.services import answer_read
from lots.models import Gate, Lot
from lots.services import set_maintenance
from reservations.booked_time import BookedTime
from reservations.models import Reservation
from reservations.placing import Period, most_at_once
from reservations.services import (
    BookingChange,
    BookingStateError,
    BookingWish,
    NoAvailabilityError,
    book,
    cancel_booking,
    change_booking,
    hold_due_spots,
    mark_no_shows,
    release_early,
    settle_over,
)
from tests.factories import make_device, make_gate, make_lot, make_user
from tests.gates.lanes import undone
from tests.invariants import issue_documents
from verification import INVARIANTS, prove
from verification.booking_invariants import IN_TIME

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
PLACES, HOUR_COSTS = 3, 300
CHECKED = [one for one in INVARIANTS if one.number <= 8]
OF_PLACES = [one for one in CHECKED if one.number in {1, 2, 3} and one not in IN_TIME]
CARD = PayBy(token="tok_ok")
LETTERS = "ACEHKMNPRTWXY"

NUMBERS = st.integers(0, 20)
AHEAD = st.sampled_from([0, 15, 45, 60, 90, 120, 180, 240, 360])
LENGTHS = st.sampled_from([15, 30, 60, 90, 120, 180, 300])
LATENESS = st.sampled_from([-30, -8, 0, 10, 20, 40])
BEYOND = st.sampled_from([-20, 0, 5, 15, 70, 200])
WAITS = st.sampled_from([5, 15, 20, 45, 60, 120])


def plate_of(number: int) -> str:
    """A plate that looks like no other."""
    digits = [number // 13**place % 13 for place in range(3)]
    return "".join(LETTERS[digit] * 2 for digit in digits)


def cost(start: dt.datetime, end: dt.datetime) -> int:
    return -((start - end) // (60 * MINUTE)) * HOUR_COSTS


@dataclass
class Promised:
    """What the driver of a booking was told, and where the car is."""

    booking: Reservation
    plate: str
    start: dt.datetime
    end: dt.datetime
    price: int
    free_until: dt.datetime
    status: str = "confirmed"
    fee: int = 0
    status_before: str = ""
    entered_at: dt.datetime | None = None

    @property
    def missed_at(self) -> dt.datetime:
        return min(self.start + 15 * MINUTE, self.end)

    def owed(self, at: dt.datetime) -> int:
        """What the car has to pay that leaves now: the rest of its booking, and the time beyond it."""
        assert self.entered_at is not None
        came = self.entered_at if self.start - self.entered_at > 10 * MINUTE else self.start
        left = at if at - self.end > 10 * MINUTE else self.end
        prepaid = self.booking.prepay != "none" and self.status_before != "no_show"
        return (0 if prepaid else max(0, self.price - self.fee)) + max(0, cost(came, left) - cost(self.start, self.end))


class Site:
    """A lot of three places, of which any may be booked."""

    def __init__(self, tracking: str, prepay: str) -> None:
        rules = {"prepay": prepay, "no_show_percent": 50}
        self.lot: Lot = make_lot(tracking=tracking, spots={"regular": PLACES}, **rules)
        self.entry, self.exit = (make_gate(self.lot, direction) for direction in ("entry", "exit"))
        device = find_device(make_device(self.entry, kind="edge")[1])
        assert device is not None
        self.device = device


class Keeper(RuleBasedStateMachine):
    """The moves of a game, and what must hold after each and at its end."""

    sites: list[Site]
    played: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.game = undone()
        self.game.__enter__()
        self.at = START
        self.promised: list[Promised] = []
        self.walked_in: list[str] = []
        self.cars = 0

    @initialize(number=st.integers(0, 3))
    def choose_a_site(self, number: int) -> None:
        self.site = self.sites[number]
        self.lot = self.site.lot
        self.attendant = make_user("attendant", self.lot.operator)

    # --- moves

    @rule(ahead=AHEAD, length=LENGTHS, pinned=st.sampled_from([0, 0, 0, 1, 2, 3]))
    def book(self, ahead: int, length: int, pinned: int) -> None:
        start = self.at + ahead * MINUTE
        time = BookedTime(start, start + length * MINUTE)
        spot = f"R0-{pinned}" if pinned and self.lot.counts_spots else ""
        plate = self.new_plate()
        wish = BookingWish(time=time, plate=plate, spot=spot)
        try:
            booking = book(lot=self.lot, wish=wish, driver=make_user(), at=self.at, pay_by=CARD)
        except NoAvailabilityError:
            self.played["refused"] += 1
            self.has_no_room(time, spot)
            return
        assert booking.price_amount == cost(*time)
        self.promised.append(Promised(booking, plate, *time, cost(*time), start - 60 * MINUTE))
        self.played["booked"] += 1

    @precondition(lambda self: self.those("confirmed", "active"))
    @rule(number=NUMBERS, length=LENGTHS, later=st.sampled_from([0, 0, 30, 120]))
    def change(self, number: int, length: int, later: int) -> None:
        one = self.pick(number, "confirmed", "active")
        active = one.status == "active"
        start = one.start if active or one.start <= self.at else max(self.at, one.start + later * MINUTE)
        end = max(one.end, self.at) + length * MINUTE if active else start + length * MINUTE
        wanted = BookingChange(start=start, end=end)
        if end <= self.at:
            return  # as a test of its own shows, that is refused
        try:
            changed = change_booking(booking=one.booking, change=wanted, at=self.at, pay_by=CARD)
        except BookingStateError:
            assert self.is_missed(one)
            self.miss(one)
        except NoAvailabilityError:
            self.played["change refused"] += 1
        else:
            price = cost(start, end) if self.at <= one.free_until else max(one.price, cost(start, end))
            assert (changed.booking.price_amount, changed.difference) == (price, price - one.price)
            if self.at <= one.free_until:
                one.free_until = start - 60 * MINUTE
            one.start, one.end, one.price = start, end, price
            self.played["extended" if active else "changed"] += 1

    @precondition(lambda self: self.lot.counts_spots and self.those("confirmed"))
    @rule(number=NUMBERS, spot=st.integers(0, PLACES))
    def move(self, number: int, spot: int) -> None:
        """A person at the desk gives a booking a particular spot, or lets go of it again."""
        one, wanted = self.pick(number, "confirmed"), f"R0-{spot}" if spot else ""
        try:
            moved = change_booking(
                booking=one.booking, change=BookingChange(spot=wanted), at=self.at, by_operator=self.attendant
            ).booking
        except BookingStateError:
            assert self.is_missed(one)
            self.miss(one)
        except NoAvailabilityError:
            self.played["move refused"] += 1
        else:
            assert (moved.asked_for, moved.spot.number) == (bool(spot), wanted or moved.spot.number)
            self.played["moved"] += 1

    @precondition(lambda self: self.those("confirmed"))
    @rule(number=NUMBERS)
    def cancel(self, number: int) -> None:
        one = self.pick(number, "confirmed")
        is_free = self.at <= one.free_until or self.has_no_place(one)
        try:
            cancelled = cancel_booking(booking=one.booking, at=self.at)
        except BookingStateError:
            assert self.is_missed(one)
            self.miss(one)
            return
        one.status, one.fee = "cancelled", 0 if is_free else one.price // 2
        assert (cancelled.charge.due_amount if cancelled.charge else 0) == one.fee
        self.played["cancelled"] += 1

    @precondition(lambda self: self.expected())
    @rule(number=NUMBERS)
    def arrive(self, number: int) -> None:
        expected = self.expected()
        one = expected[number % len(expected)]
        answer = self.read(self.site.entry, one.plate)
        if answer["action"] == "open":
            assert answer["reason"] == "reservation"
            one.status_before, one.status, one.entered_at = one.status, "active", self.at
            self.played["arrived late" if self.at >= one.missed_at else "arrived"] += 1
        else:
            self.played["found no place"] += 1
            assert self.inside() >= PLACES - self.out_of_use() - self.held_for_others(one)

    @rule(
        ahead=st.sampled_from([0, 5, 20, 60]),
        length=LENGTHS,
        late=LATENESS,
        beyond=BEYOND,
        beats=st.booleans(),
        twist=st.sampled_from(["", "moved", "extended"]),
    )
    def visit(self, ahead: int, length: int, late: int, beyond: int, beats: bool, twist: str) -> None:  # noqa: PLR0917
        """A whole visit at once: most games would hardly get a booked car in and out by single moves."""
        known = len(self.promised)
        self.book(ahead=ahead, length=length, pinned=0)
        if len(self.promised) == known:
            return
        number = self.those("confirmed").index(self.promised[-1])
        one = self.pick(number, "confirmed")
        if twist == "moved" and self.lot.counts_spots:
            self.move(number=number, spot=1 + number % PLACES)
        self.wait(minutes=max(0, ahead + late), beats=beats)
        if one in self.expected():
            self.arrive(number=self.expected().index(one))
        if one.status == "active" and twist == "extended":
            self.change(number=self.those("active").index(one), length=30, later=0)
        if one.status == "active":
            until = one.end + beyond * MINUTE - self.at
            self.wait(minutes=max(1, until // MINUTE), beats=beats)
            self.leave(number=self.those("active").index(one))

    @precondition(lambda self: len(self.walked_in) < PLACES - 1)
    @rule()
    def walk_in(self) -> None:
        plate = self.new_plate()
        if self.read(self.site.entry, plate)["action"] == "open":
            self.walked_in.append(plate)
            self.played["walked in"] += 1

    @precondition(lambda self: self.walked_in or self.those("active"))
    @rule(number=NUMBERS)
    def leave(self, number: int) -> None:
        parked = [one.plate for one in self.those("active")] + self.walked_in
        plate = parked[number % len(parked)]
        booked = next((one for one in self.those("active") if one.plate == plate), None)
        answer = self.read(self.site.exit, plate)
        if booked is not None:
            owed = booked.owed(self.at)
            assert (answer["fee"] or {"amount": 0})["amount"] == owed, (answer, booked)
            booked.status = "completed"
            self.played["paid beyond" if owed > booked.price - booked.fee else "left"] += 1
        else:
            self.walked_in.remove(plate)
        if answer["action"] == "pay":
            self.at += 3 * MINUTE
            assert self.read(self.site.exit, plate)["reason"] == "owed"

    @precondition(lambda self: self.those("active"))
    @rule(number=NUMBERS)
    def give_back_early(self, number: int) -> None:
        release_early(booking=self.pick(number, "active").booking, until=self.at, at=self.at)

    @rule(minutes=WAITS, beats=st.booleans())
    def wait(self, minutes: int, beats: bool) -> None:
        """Let time pass; the tasks run at its end, or are missed."""
        self.at += minutes * MINUTE
        if beats:
            self.beat()

    @precondition(lambda self: self.lot.counts_spots)
    @rule(number=st.integers(1, PLACES), on=st.booleans())
    def maintain(self, number: int, on: bool) -> None:
        set_maintenance(lot=self.lot, numbers=[f"R0-{number}"], on=on)

    def beat(self) -> None:
        due = [one for one in self.those("confirmed") if self.is_missed(one)]
        assert mark_no_shows(at=self.at) == len(due)
        for one in due:
            self.miss(one)
        hold_due_spots(at=self.at)
        settle_over(at=self.at)
        assert (mark_no_shows(at=self.at), hold_due_spots(at=self.at)) == (0, 0)

    # --- what holds

    @invariant()
    def places_are_promised_once(self) -> None:
        broken = [f"{one.invariant.name}: {one.rows}" for one in prove(OF_PLACES) if not one.holds]
        assert not broken, broken

    @invariant()
    def bookings_are_as_told(self) -> None:
        rows = {row.pk: row for row in Reservation.objects.filter(pk__in=[one.booking.pk for one in self.promised])}
        for one in self.promised:
            row = rows[one.booking.pk]
            assert (row.status, row.starts_at, row.ends_at) == (one.status, one.start, one.end)
            assert (row.price_amount, row.cancel_free_until) == (one.price, one.free_until)

    def teardown(self) -> None:
        try:
            if hasattr(self, "site"):
                self.played["games"] += 1
                self.at += 60 * 24 * MINUTE
                self.beat()
                issue_documents()
                broken = [f"{one.invariant.name}: {one.rows}" for one in prove(CHECKED) if not one.holds]
                assert not broken, broken
        finally:
            self.game.__exit__(None, None, None)

    def has_no_room(self, time: BookedTime, spot: str) -> None:
        """A refusal is right: no place is free all the time and, where all may be moved, as many overlap as there are."""
        wanted = Period(time.start, time.end + 15 * MINUTE)
        live = list(Reservation.objects.live().filter(lot=self.lot).select_related("spot"))
        fixed = [row for row in live if row.asked_for or row.status == "active" or row.starts_at <= self.at]
        held = [row for row in live if row.spot and row.spot.hold == row.pk]
        if spot or fixed or held or self.walked_in or self.out_of_use():
            return
        assert most_at_once([Period(row.during.lower, row.during.upper) for row in live], wanted) >= PLACES

    # --- the site as it is

    def read(self, gate: Gate, plate: str) -> dict[str, Any]:
        body = ReadBody(event_id=uuid.uuid4(), plate=plate, confidence=0.95, captured_at=self.at.isoformat())
        return answer_read(device=self.site.device, code=gate.code, read=read_of(body), received_at=self.at)

    def new_plate(self) -> str:
        self.cars += 1
        return plate_of(self.cars)

    def those(self, *statuses: str) -> list[Promised]:
        return [one for one in self.promised if one.status in statuses]

    def pick(self, number: int, *statuses: str) -> Promised:
        return self.those(*statuses)[number % len(self.those(*statuses))]

    def expected(self) -> list[Promised]:
        """The bookings whose car may come now."""
        return [one for one in self.those("confirmed", "no_show") if one.start - 30 * MINUTE <= self.at < one.end]

    def is_missed(self, one: Promised) -> bool:
        return one.missed_at <= self.at

    def miss(self, one: Promised) -> None:
        one.status, one.fee = "no_show", 0 if self.has_no_place(one) else one.price // 2
        self.played["missed"] += 1

    def has_no_place(self, one: Promised) -> bool:
        """Whether its bay was put out of use and no other was found: what is not kept costs nothing."""
        return Reservation.objects.filter(pk=one.booking.pk, place_lost_at__isnull=False).exists()

    def inside(self) -> int:
        return len(self.walked_in) + len(self.those("active"))

    def out_of_use(self) -> int:
        return self.lot.spots.filter(maintenance=True).count()

    def held_for_others(self, one: Promised) -> int:
        return self.lot.spots.exclude(hold=None).exclude(hold=one.booking.pk).count()


def sites() -> list[Site]:
    """The lots of all games: each game is rolled back."""
    kinds = (("spots", "none"), ("levels", "none"), ("spots", "hold"), ("levels", "capture"))
    return [Site(tracking, prepay) for tracking, prepay in kinds]
