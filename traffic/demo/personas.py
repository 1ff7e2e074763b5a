"""The people of the demo: a login for each role, vehicles, permits and a blocked plate."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Operator, User
from accounts.people import set_up_person
from accounts.services import add_vehicle, block_plate, grant_permit, rename_person
from accounts.vehicles import VehicleType

PASSWORD = "demo-parking"  # noqa: S105 printed for everyone to try the demo
LOGINS = {"admin": "admin@demo.example", "attendant": "attendant@demo.example", "driver": "driver@demo.example"}
VALIDATOR = "validator@demo.example"
"""A person of the café."""
DRIVER_PLATE = "ZH 314159"
SECOND_PLATE = "ZH 577215"
"""The demo driver's other car, which is charged automatically."""
BLOCKED_PLATE = "ZH 666013"
PERMITS = ("ZH 271828", "AG 161803", "ZH 141421")


@dataclass(frozen=True, slots=True)
class People:
    """The people and plates that the history refers to."""

    admin: User
    attendant: User
    driver: User


def login_lines() -> list[str]:
    """Return how to log in as each role."""
    logins = LOGINS | {"validator": VALIDATOR}
    return [f"{role:<10} {email}  password {PASSWORD}" for role, email in logins.items()]


def set_up_people(operator: Operator, *, at: datetime) -> People:
    """Create the demo's logins, vehicles, permits and blocked plate."""
    people = {
        role: set_up_person(
            email=email, role=role, operator=None if role == "driver" else operator.slug, password=PASSWORD
        )
        for role, email in LOGINS.items()
    }
    for role, name in (("admin", "Anna Keller"), ("attendant", "Beat Frei"), ("driver", "Carla Rossi")):
        rename_person(person=people[role], name=name)
    _add_vehicles(people["driver"], at)
    _add_permits(operator, at)
    blocked_at, reason = at - timedelta(days=12), "Left without paying three times"
    block_plate(operator=operator, plate=BLOCKED_PLATE, reason=reason, at=blocked_at, by=people["admin"])
    return People(admin=people["admin"], attendant=people["attendant"], driver=people["driver"])


def _add_vehicles(driver: User, at: datetime) -> None:
    for plate, electric in ((DRIVER_PLATE, False), (SECOND_PLATE, True)):
        add_vehicle(owner=driver, plate=plate, vehicle_type=VehicleType.REGULAR, electric=electric, at=at)


def _add_permits(operator: Operator, at: datetime) -> None:
    for serial, plate in enumerate(PERMITS, 1):
        grant_permit(
            operator=operator,
            plate=plate,
            number=f"CH-{4100 + serial}",
            valid_from=(at - timedelta(days=200)).date(),
            valid_until=(at + timedelta(days=400 * serial)).date(),
        )
