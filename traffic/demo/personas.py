"""The people of the demo: a login for each role, vehicles, permits and a blocked plate."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.blocklist import BlockTerms, block_plate
from accounts.models import Operator, PermitKind, Role, User
from accounts.people import set_up_person
from accounts.permits import grant_permit
from accounts.services import add_vehicle, change_role, rename_person
from accounts.vehicles import VehicleType

PASSWORD = "demo-parking"  # noqa: S105 printed for everyone to try the demo
LOGINS = {"admin": "admin@demo.example", "attendant": "attendant@demo.example", "driver": "driver@demo.example"}
VALIDATOR = "validator@demo.example"
"""A person of the café."""
GUARD, OF_ONE_LOT = "guard@demo.example", "lakeside@demo.example"
"""A guard, who sees the gates alone, and an attendant of one lot alone."""
DRIVER_PLATE = "ZH 314159"
SECOND_PLATE = "ZH 577215"
"""The demo driver's other car, which is charged automatically."""
BLOCKED_PLATE = "ZH 666013"
BLOCKED_FOR = timedelta(days=30)
PERMITS = (
    ("ZH 271828", PermitKind.ACCESSIBLE, "CH-4101"),
    ("AG 161803", PermitKind.ACCESSIBLE, "CH-4102"),
    ("ZH 141421", PermitKind.ACCESSIBLE, "CH-4103"),
    ("ZH 173205", PermitKind.RESIDENT, "A-17"),
    ("ZH 223606", PermitKind.STAFF, ""),
    ("AG 244948", PermitKind.SUPPLIER, ""),
)


@dataclass(frozen=True, slots=True)
class People:
    """The people and plates that the history refers to."""

    admin: User
    attendant: User
    driver: User


def login_lines() -> list[str]:
    """Return how to log in as each role."""
    logins = LOGINS | {"validator": VALIDATOR, "guard": GUARD, "one lot": OF_ONE_LOT}
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
    terms = BlockTerms(reason, (at + BLOCKED_FOR).date())
    block_plate(
        operator=operator, plate=BLOCKED_PLATE, terms=terms, today=blocked_at.date(), at=blocked_at, by=people["admin"]
    )
    return People(admin=people["admin"], attendant=people["attendant"], driver=people["driver"])


def _add_vehicles(driver: User, at: datetime) -> None:
    for plate, electric in ((DRIVER_PLATE, False), (SECOND_PLATE, True)):
        add_vehicle(owner=driver, plate=plate, vehicle_type=VehicleType.REGULAR, electric=electric, at=at)


def _add_permits(operator: Operator, at: datetime) -> None:
    for serial, (plate, kind, number) in enumerate(PERMITS, 1):
        grant_permit(
            operator=operator,
            kind=kind,
            plate=plate,
            number=number,
            valid_from=(at - timedelta(days=200)).date(),
            valid_until=(at + timedelta(days=400 * serial)).date(),
        )


def add_guard_and_limited(operator: Operator, *, lot_id: int, at: datetime) -> None:
    """Create the login of a guard, and of an attendant of one lot alone."""
    for email, role, name, lots in (
        (GUARD, Role.GUARD, "Urs Wyss", None),
        (OF_ONE_LOT, Role.ATTENDANT, "Lea Brunner", [lot_id]),
    ):
        person = set_up_person(email=email, role=role, operator=operator.slug, password=PASSWORD)
        rename_person(person=person, name=name)
        change_role(membership=person.memberships.get(), role=role, lot_ids=lots, at=at)
