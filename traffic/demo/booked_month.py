"""A month of bookings: those that were kept, cancelled or missed, one whose car is inside, and those to come."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from accounts.models import User
from billing.documents.issuing import issue_receipts
from billing.models import Payment
from common.plates import normalise, skeleton
from common.time import midnight_of
from lots.calendar import local_day, zone_of
from lots.models import Lot
from reservations.booked_time import BookedTime
from reservations.booking_codes import new_booking_code
from reservations.booking_documents import invoice_bookers
from reservations.models import Reservation, ReservationStatus
from reservations.offering import TERMS, priced_for, promised_period
from reservations.policy import free_until
from reservations.services import (
    BookingWish,
    ClosingPlan,
    book,
    cancel_booking,
    confirm_address,
    make_blackout,
    miss_if_due,
)
from tickets.models import ProofKind, StayProof
from traffic.demo.backfill import Visit
from traffic.demo.paid_stays import open_stay, pay_and_leave
from traffic.demo.personas import DRIVER_PLATE
from traffic.demo.planning import Bay, PlannedStay
from traffic.demo.rhythm import Car

DAYS = 30
OF_DRIVER_A_LOT, OF_GUESTS_A_LOT, TO_COME_A_LOT = 3, 18, 8
FIRST_OF_DRIVER = 6
"""How many days ago the driver's last booking of the past was."""
HOURS = (1, 2, 2, 3, 4, 9)
AHEAD = timedelta(days=2)
GUESTS_AT = "@guests.example"
GUESTS = ("lea.meier", "noah.schmid", "mia.keller", "luca.weber", "emma.huber", "leon.frey", "lina.baumann", "tim.graf")


@dataclass(slots=True)
class BookedMonth:
    """The stays of bookings by their lot, for the gates' events, and their payments, whose receipts come last."""

    visits: dict[int, list[Visit]] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)

    def issue_documents(self, *, at: datetime) -> None:
        """Give each payment its receipt, and who has not come an invoice."""
        for payment in sorted(self.payments, key=lambda one: one.created_at):
            issue_receipts([payment], at=payment.created_at)
        invoice_bookers(at=at)


def book_a_month(lot: Lot, month: BookedMonth, *, driver: User, has_one_inside: bool, at: datetime) -> None:
    """Write a month of bookings of a lot, by guests and by the driver of the demo."""
    random = Random(f"booked {lot.slug}")  # noqa: S311 a demo that is the same everywhere
    days_ago = FIRST_OF_DRIVER + len(month.visits)
    month.visits[lot.pk] = []
    for number in range(OF_DRIVER_A_LOT):  # on days of their own, as a car is in one place
        booked = _time_on(zone_of(lot), at - timedelta(days=days_ago + 3 * number), random)
        _keep(lot, month, driver, booked, random)
    for _ in range(OF_GUESTS_A_LOT):
        _keep(lot, month, None, _past_time(lot, at, random), random)
    for _ in range(2):
        cancelled = _book(lot, None, _past_time(lot, at, random), at, random)
        cancel_booking(booking=cancelled, at=cancelled.starts_at - timedelta(hours=5))
    missed = _book(lot, None, _past_time(lot, at, random), at, random)
    miss_if_due(booking=missed, at=missed.starts_at + timedelta(minutes=missed.no_show_minutes))
    if has_one_inside:
        _park(lot, month, at, random)
    for number in range(TO_COME_A_LOT):
        is_drivers = number == TO_COME_A_LOT - 1
        _book(lot, driver if is_drivers else None, _time_to_come(lot, at, number, random), at, random)


def close_places(lot: Lot, *, by: User, at: datetime) -> None:
    """Close the highest level of a lot for a morning to come, and write that it was closed before."""
    level = lot.levels.order_by("-number").first()
    for closed_at, reason in ((at - timedelta(days=12), "Lift inspection"), (at, "New floor markings")):
        start = midnight_of(local_day(lot, closed_at) + timedelta(days=2), zone_of(lot)) + timedelta(hours=7)
        time_closed = BookedTime(start, start + timedelta(hours=5))
        make_blackout(lot=lot, plan=ClosingPlan(time=time_closed, reason=reason, level=level), by=by, at=closed_at)


def _past_time(lot: Lot, at: datetime, random: Random) -> BookedTime:
    return _time_on(zone_of(lot), at - timedelta(days=random.randrange(4, DAYS)), random)


def _time_to_come(lot: Lot, at: datetime, number: int, random: Random) -> BookedTime:
    return _time_on(zone_of(lot), at + timedelta(days=1 + number // 2), random)


def _time_on(zone: ZoneInfo, day: datetime, random: Random) -> BookedTime:
    begin = time(random.randrange(7, 18), random.choice((0, 15, 30, 45)))
    start = datetime.combine(day.astimezone(zone).date(), begin, zone)
    return BookedTime(start, start + timedelta(hours=random.choice(HOURS)))


def _keep(lot: Lot, month: BookedMonth, driver: User | None, booked: BookedTime, random: Random) -> None:
    """Write a booking whose car came and left as booked, and paid at the exit."""
    bay = _bay(lot, random)
    booking = _kept(lot, driver, booked, bay, random)
    booking.save()
    came, left = booked.start + timedelta(minutes=random.randint(-8, 6)), booked.end - timedelta(minutes=2)
    stay = PlannedStay(Car(booking.plate), bay, came, left)
    ticket = open_stay(lot, stay, random, reservation=booking)
    if driver is not None:
        StayProof.objects.create(ticket=ticket, driver=driver, kind=ProofKind.TOKEN, proven_at=came)
    visit, payment = pay_and_leave(ticket, stay, ending="paid")
    month.visits[lot.pk].append(visit)
    month.payments.append(payment)


def _kept(lot: Lot, driver: User | None, booked: BookedTime, bay: Bay, random: Random) -> Reservation:
    tariff, plate = lot.tariffs.all()[0], DRIVER_PLATE if driver else _guests_plate(random)
    normalised = normalise(plate) or ""
    return Reservation(
        code=new_booking_code(random.randrange),
        token=secrets.token_urlsafe(16),
        lot=lot,
        driver=driver,
        email=driver.email if driver else _guest(random),
        email_confirmed_at=booked.start - AHEAD,
        plate=plate,
        plate_normalised=normalised,
        plate_skeleton=skeleton(normalised),
        spot_type=bay.spot_type,
        spot_id=bay.spot_id,
        level_id=bay.level_id,
        place=None if bay.spot_id else bay.rank + 1,
        starts_at=booked.start,
        ends_at=booked.end,
        during=promised_period(lot, booked),
        status=ReservationStatus.COMPLETED,
        tariff=tariff,
        multiplier=Decimal(1),
        price_amount=priced_for(lot, tariff, bay.spot_type, booked).price(booked).total,
        cancel_free_until=free_until(booked.start, lot.cancel_minutes),
        created_at=booked.start - AHEAD,
        **{name: getattr(lot, name) for name in TERMS},
    )


def _bay(lot: Lot, random: Random) -> Bay:
    if lot.counts_spots:
        spot = random.choice(list(lot.spots.filter(spot_type="regular").order_by("ordinal")[:40]))
        return Bay(spot.ordinal, spot.spot_type, spot.level_id, spot.pk)
    counted = lot.counts.filter(spot_type="regular").order_by("pk")[0]
    return Bay(random.randrange(counted.total), "regular", counted.level_id)


def _book(lot: Lot, driver: User | None, booked: BookedTime, now: datetime, random: Random) -> Reservation:
    """Book by the service, two days before or an hour ago."""
    plate = DRIVER_PLATE if driver else _guests_plate(random)
    at = min(booked.start - AHEAD, now - timedelta(hours=1))
    booking = book(
        lot=lot,
        wish=BookingWish(time=booked, plate=plate),
        driver=driver,
        email="" if driver else _guest(random),
        at=at,
    )
    return booking if driver else confirm_address(booking=booking, at=at + timedelta(minutes=2))


def _park(lot: Lot, month: BookedMonth, at: datetime, random: Random) -> None:
    """Let a guest be inside on a booking of now."""
    start = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    booking = _book(lot, None, BookedTime(start, start + timedelta(hours=5)), at, random)
    counted = lot.counts.filter(spot_type="regular", level=booking.level)[0]
    stay = PlannedStay(Car(booking.plate), Bay(0, "regular", counted.level_id), start, start + timedelta(hours=5))
    place = {"level_id": counted.level_id, "spot_type": "regular"}
    Reservation.objects.filter(pk=booking.pk).update(status=ReservationStatus.ACTIVE)
    ticket = open_stay(lot, stay, random, reservation=booking, **place)
    month.visits[lot.pk].append(Visit(stay, ticket, place=place | {"spot_id": None}))


def _guest(random: Random) -> str:
    return f"{random.choice(GUESTS)}{random.randrange(1000)}{GUESTS_AT}"


def _guests_plate(random: Random) -> str:
    """Return a plate of a canton from which no other made-up car comes."""
    return f"GE {random.randrange(100_000, 1_000_000)}"
