"""Two months of a driver who has agreed to automatic payment, and a driver who says that a payment was not theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from uuid import uuid4

from accounts.models import User, Vehicle
from accounts.people import set_up_person
from accounts.services import add_vehicle, rename_person
from accounts.vehicles import VehicleType
from billing.documents.issuing import issue_receipts
from billing.models import AutomaticPayment, Objection, Payment, SavedMethod
from lots.calendar import zone_of
from lots.models import Lot
from tickets.models import ProofKind, StayProof
from traffic.demo.backfill import Visit
from traffic.demo.paid_stays import open_stay, pay_and_leave
from traffic.demo.personas import SECOND_PLATE
from traffic.demo.planning import Bay, PlannedStay
from traffic.demo.rhythm import Car

DAYS = 62
"""So that the month before this one is whole."""
LIMIT = 4000
CARD = "Visa ending 4242"
COPIED_PLATE = "BE 161803"
OBJECTOR = "nora.weber@demo.example"


@dataclass(slots=True)
class ChargedMonth:
    """The charged stays, for the gates' events, and their payments, whose receipts come after all others."""

    visits: list[Visit] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    def issue_receipts(self) -> None:
        """Give each payment its receipt."""
        for payment in self.payments:
            issue_receipts([payment], at=payment.created_at)


def write_charged_month(lot: Lot, *, driver: User, at: datetime, random: Random) -> ChargedMonth:
    """Write two months of working days that a driver was charged for, and one charge that its driver objects to."""
    month = ChargedMonth()
    bay = _bay(lot)
    agreed = _agree(driver, Vehicle.objects.get(owner=driver, plate=SECOND_PLATE), at - timedelta(days=DAYS))
    planned = list(_planned(lot, Car(SECOND_PLATE, electric=True), bay, at, random))
    for stay in planned:
        _charge(lot, stay, agreed, month, random)
    _prove(driver, month.visits)
    _object(lot, bay, month, at=at, random=random)
    return month


def _bay(lot: Lot) -> Bay:
    """Return a place of which past events can tell; nobody stands there any more."""
    spot = lot.spots.filter(spot_type="regular").order_by("ordinal")[0]
    return Bay(spot.ordinal, spot.spot_type, spot.level_id, spot.pk)


def _agree(driver: User, vehicle: Vehicle, at: datetime) -> AutomaticPayment:
    card = SavedMethod.objects.create(owner=driver, provider="simulated", reference="tok_ok", label=CARD, created_at=at)
    return AutomaticPayment.objects.create(
        driver=driver,
        vehicle=vehicle,
        saved_method=card,
        plate=vehicle.plate,
        plate_normalised=vehicle.plate_normalised,
        limit_amount=LIMIT,
        currency="CHF",
        agreed_at=at,
    )


def _planned(lot: Lot, car: Car, bay: Bay, at: datetime, random: Random) -> Iterator[PlannedStay]:
    """Yield a stay for each working day that is over, in the morning or after work."""
    zone = zone_of(lot)
    for days in range(DAYS - 1, 2, -1):
        day = (at - timedelta(days=days)).astimezone(zone).date()
        if day.weekday() > 4:  # noqa: PLR2004 the weekend
            continue
        begin = time(random.choice((7, 8, 17)), random.randrange(60))
        entry_at = datetime.combine(day, begin, zone)
        yield PlannedStay(car, bay, entry_at, entry_at + timedelta(minutes=random.randrange(95, 400)))


def _charge(lot: Lot, stay: PlannedStay, agreed: AutomaticPayment, month: ChargedMonth, random: Random) -> None:
    paid_by = {"automatic": agreed, "saved_method": agreed.saved_method, "idempotency_key": f"automatic-{uuid4()}"}
    visit, payment = pay_and_leave(open_stay(lot, stay, random), stay, ending="charged", **paid_by)
    month.visits.append(visit)
    month.payments.append(payment)


def _prove(driver: User, visits: Sequence[Visit]) -> None:
    """Prove the driver's stays, as paying them does."""
    StayProof.objects.bulk_create(
        StayProof(ticket=visit.ticket, driver=driver, kind=ProofKind.PAYMENT, proven_at=visit.stay.exit_at)
        for visit in visits
    )


def _object(lot: Lot, bay: Bay, month: ChargedMonth, *, at: datetime, random: Random) -> None:
    """Let a driver without a log-in say of a charge that it was not theirs; a person has yet to decide."""
    driver = set_up_person(email=OBJECTOR, role="driver")
    rename_person(person=driver, name="Nora Weber")
    vehicle = add_vehicle(
        owner=driver, plate=COPIED_PLATE, vehicle_type=VehicleType.REGULAR, electric=False, at=at - timedelta(days=9)
    )
    agreed = _agree(driver, vehicle, at - timedelta(days=9))
    exit_at = at - timedelta(days=2, hours=3)
    _charge(lot, PlannedStay(Car(COPIED_PLATE), bay, exit_at - timedelta(hours=4), exit_at), agreed, month, random)
    objected_at = exit_at + timedelta(hours=1)
    Objection.objects.create(payment=month.payments[-1], raised_at=objected_at)
    agreed.withdrawn_at, agreed.withdrawn_why = objected_at, "not_me"
    agreed.save()
