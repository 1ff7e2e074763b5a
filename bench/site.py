"""The site of the measurements: many equal lots with one entry and one exit each, in few statements."""

from dataclasses import dataclass
from datetime import date
from typing import Any

SPOTS_PER_LOT = 400
LEVELS = 4
LONGEST_CHAIN = 500
RULES: dict[str, Any] = {
    "grace_minutes": 10,
    "tax_percent": "8.1",
    "plans": [
        {
            "name": "Day",
            "max_price": 2500,
            "bands": [
                {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
                {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60},
            ],
        }
    ],
}

_ZONES = """
INSERT INTO lots_zone (level_id, name, spot_type, prefix, start, count, distance, ordinal)
SELECT id, 'A', 'regular', number || '-', 1, %(count)s, 20 + 30 * number, number FROM lots_level
"""
_SPOTS = """
INSERT INTO lots_spot (lot_id, level_id, zone_id, number, spot_type, ordinal, maintenance, maintenance_note)
SELECT level.lot_id, level.id, zone.id, zone.prefix || n, 'regular', level.number * %(count)s + n, false, ''
FROM lots_zone zone JOIN lots_level level ON level.id = zone.level_id, generate_series(1, %(count)s) n
ORDER BY level.lot_id, level.number, n
"""


def log_in(role: str) -> str:
    """Create a member of the first operator and return a session cookie."""
    from django.test import Client

    from accounts.models import Operator
    from accounts.people import set_up_person

    operator = Operator.objects.order_by("pk")[0]
    person = set_up_person(email=f"{role}@bench.example", role=role, operator=operator.slug)
    client = Client()
    client.force_login(person)
    return f"sessionid={client.cookies['sessionid'].value}"


@dataclass(frozen=True, slots=True)
class Lanes:
    """A lot's lanes: the path of their reads, and the keys of their cameras."""

    lot_id: int
    entry: tuple[str, str]
    exit: tuple[str, str]


def make_site(lots: int, spots: int = SPOTS_PER_LOT) -> list[Lanes]:
    """Create lots with this many spots on four levels, with a tariff, gates and cameras; at most 500 per operator."""
    from django.db import connection

    from accounts.models import Operator
    from billing.models import Tariff
    from lots.models import Level, Lot

    operators = Operator.objects.bulk_create(
        Operator(slug=f"bench-{n}", name=f"Bench {n}", currency="CHF") for n in range(1 + (lots - 1) // LONGEST_CHAIN)
    )
    made = Lot.objects.bulk_create(
        Lot(
            operator=operators[n // LONGEST_CHAIN],
            slug=f"lot-{n}",
            name=f"Lot {n}",
            timezone="Europe/Zurich",
            currency="CHF",
            published=True,
        )
        for n in range(lots)
    )
    Level.objects.bulk_create(Level(lot=lot, number=n, name=f"Level {n}") for lot in made for n in range(LEVELS))
    with connection.cursor() as cursor:
        for statement in (_ZONES, _SPOTS):
            cursor.execute(statement, {"count": spots // LEVELS})
    Tariff.objects.bulk_create(Tariff(lot=lot, name="Day", valid_from=date(2020, 1, 1), rules=RULES) for lot in made)
    entries, exits = (_cameras(made, direction) for direction in ("entry", "exit"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [Lanes(lot.pk, *ways) for lot, *ways in zip(made, entries, exits, strict=True)]


def _cameras(lots: list[Any], direction: str) -> list[tuple[str, str]]:
    """Add a gate with a camera to each lot; returns the path of its reads and the camera's key."""
    from devices.keys import new_key
    from devices.models import Device
    from lots.models import Gate

    gates = Gate.objects.bulk_create(Gate(lot=lot, code=f"{lot.slug}-{direction}", direction=direction) for lot in lots)
    keys = [new_key() for _ in gates]
    Device.objects.bulk_create(
        Device(lot=gate.lot, gate=gate, name="Camera", key_prefix=key.prefix, key_hash=key.hash)
        for gate, key in zip(gates, keys, strict=True)
    )
    return [(f"/api/v1/gates/{gate.code}/reads", str(key)) for gate, key in zip(gates, keys, strict=True)]
