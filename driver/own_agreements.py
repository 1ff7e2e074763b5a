"""What a driver has agreed to have charged, by vehicle, and what was charged by it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User, Vehicle
from billing.models import AutomaticPayment, Payment, SavedMethod
from lots.models import Lot
from tickets.models import Ticket, TicketStatus
from tickets.queries import prover_of_plate

CHARGED, WAITS, CARD_GONE, SHARED, OFF = "charged", "waits", "card_gone", "shared", "off"


@dataclass(frozen=True, slots=True)
class VehicleTerms:
    """A vehicle with the agreement that stands for it, and what that means at the next exit.

    `state`: charged, waits (this account has not proven the car alone), card_gone, shared (another account has agreed
    too) or off. Only who has proven the car learns of others, and of them nothing else.
    """

    vehicle: Vehicle
    agreement: AutomaticPayment | None
    state: str


def terms_of(driver: User, at: datetime) -> list[VehicleTerms]:
    """Return a driver's vehicles with their agreements, in the order of their plates."""
    standing = AutomaticPayment.objects.standing().filter(driver=driver).select_related("saved_method")
    by_vehicle = {agreement.vehicle_id: agreement for agreement in standing}
    return [_terms(vehicle, by_vehicle.get(vehicle.pk), at) for vehicle in driver.vehicles.all()]


def terms_for(vehicle: Vehicle, at: datetime) -> VehicleTerms:
    """Return what its owner has agreed to for one vehicle."""
    standing = AutomaticPayment.objects.standing().filter(vehicle=vehicle).select_related("saved_method")
    return _terms(vehicle, standing.first(), at)


def charges_of(driver: User) -> QuerySet[Payment]:
    """Return the automatic payments of a driver's agreements, also the failed ones, latest first."""
    payments = Payment.objects.filter(automatic__driver=driver)
    related = ("automatic", "saved_method", "charge__lot", "charge__ticket", "objection")
    return payments.select_related(*related).prefetch_related("refunds").order_by("-created_at", "-id")


def shared_plates(driver: User) -> list[str]:
    """Return a driver's plates of which nobody is charged, because another account has agreed for them too."""
    return list(_shared().filter(driver=driver).order_by("plate_normalised").values_list("plate", flat=True))


def usable_cards(driver: User) -> QuerySet[SavedMethod]:
    """Return the cards that a driver can choose from."""
    return SavedMethod.objects.usable().filter(owner=driver)


def currencies(driver: User) -> list[str]:
    """Return the currencies in which a limit can be given, that of the driver's last stay first."""
    known = set(Lot.objects.filter(published=True, archived_at=None).values_list("currency", flat=True))
    last = Ticket.objects.proven_by(driver).order_by("-entry_at").values_list("lot__currency", flat=True).first()
    return sorted(known | ({last} if last else set()), key=lambda currency: (currency != last, currency))


def _terms(vehicle: Vehicle, agreement: AutomaticPayment | None, at: datetime) -> VehicleTerms:
    if agreement is None:
        return VehicleTerms(vehicle, None, OFF)
    if not AutomaticPayment.objects.chargeable(at).filter(pk=agreement.pk).exists():
        return VehicleTerms(vehicle, agreement, CARD_GONE)
    if _shared().filter(pk=agreement.pk).exists():
        return VehicleTerms(vehicle, agreement, SHARED)
    is_proven = prover_of_plate(vehicle.plate_normalised) == vehicle.owner_id
    return VehicleTerms(vehicle, agreement, CHARGED if is_proven else WAITS)


def _shared() -> QuerySet[AutomaticPayment]:
    """Return the agreements beside which another account's stands, of accounts that have proven the car."""
    standing = AutomaticPayment.objects.standing()
    others = standing.filter(plate_normalised=OuterRef("plate_normalised")).exclude(driver=OuterRef("driver"))
    stays = Ticket.objects.filter(plate_normalised=OuterRef("plate_normalised"), plate_corrections=None)
    proven = stays.filter(proofs__driver=OuterRef("driver")).exclude(status=TicketStatus.VOID)
    return standing.filter(Exists(others), Exists(proven))
