"""The free words of classic clients, and ours: vehicles and ways to pay."""

from django.utils.translation import gettext as _

from accounts.vehicles import VehicleType
from billing.models import PaymentMethod
from common.errors import InvalidValueError

VEHICLES = {
    VehicleType.MOTORCYCLE: ("motorcycle", "motorbike", "bike", "scooter", "moped"),
    VehicleType.COMPACT: ("compact", "small", "mini", "microcar"),
    VehicleType.LARGE: ("large", "truck", "lorry", "van", "minivan", "bus", "pickup", "rv", "camper"),
}
"""Words that name a vehicle; every other is a car."""
ELECTRIC = {"electric", "ev", "bev"}
SAID_VEHICLES = {
    VehicleType.MOTORCYCLE: "Motorcycle",
    VehicleType.COMPACT: "Compact",
    VehicleType.REGULAR: "Car",
    VehicleType.LARGE: "Truck",
}
CASH = {"cash", "coins", "coin", "notes", "bar", "bargeld", "espèces", "especes", "efectivo"}
NOTHING = {"none", "no", "null", "nothing", "free", "unpaid", "waived", "later", "voucher", "validation"}
"""Words that say nothing was paid, or by what this API can't check."""
SAID_METHODS = {
    PaymentMethod.CASH: "Cash",
    PaymentMethod.CARD: "Credit Card",
    PaymentMethod.TERMINAL: "Credit Card",
    PaymentMethod.ONLINE: "Online",
    PaymentMethod.VOUCHER: "Voucher",
}


def vehicle_of(word: str) -> tuple[VehicleType, bool]:
    """Return the type of vehicle that a client's word means, and whether it is electric."""
    parts = _parts(word)
    kind = next((kind for kind, words in VEHICLES.items() if parts & {*words}), VehicleType.REGULAR)
    return kind, bool(parts & ELECTRIC)


def method_of(word: str) -> PaymentMethod:
    """Return by what a client says that the fee was paid: cash, or by a terminal for every other word.

    Raises InvalidValueError for a word that says nothing was paid.
    """
    parts = _parts(word)
    if not parts or parts & NOTHING:
        raise InvalidValueError(_("Say how the fee was paid, such as “Cash” or “Credit Card”."), path="paymentMethod")
    return PaymentMethod.CASH if parts & CASH else PaymentMethod.TERMINAL


def said_vehicle(kind: str, *, electric: bool) -> str:
    """Return the classic word for a type of vehicle."""
    return f"Electric {SAID_VEHICLES[VehicleType(kind)]}" if electric else SAID_VEHICLES[VehicleType(kind)]


def said_method(method: str) -> str:
    """Return the classic words for a way to pay."""
    return SAID_METHODS[PaymentMethod(method)]


def _parts(word: str) -> set[str]:
    letters = "".join(character if character.isalnum() else " " for character in word.casefold())
    return {*letters.split()}
