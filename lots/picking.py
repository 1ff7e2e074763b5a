"""Pick a free place in the database, in the same order as `lots.allocation`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection

from lots.allocation import METRES_PER_LEVEL, Strategy, type_ranks
from lots.compatibility import VehicleProfile
from lots.models import Lot
from lots.services.locks import assert_lot_locked


@dataclass(frozen=True, slots=True)
class PickedPlace:
    """A free place: a spot, or in a lot that only counts cars a level and type (`spot_id` None)."""

    level_id: int
    spot_type: str
    spot_id: int | None
    number: str | None = None
    level: int = 0
    level_name: str = ""
    zone: str | None = None


# The first key of every order is the type's rank; ties end with the level and, where there is one, the spot's ordinal.
_ORDERS = {
    Strategy.NEAREST_ENTRANCE: "{distance}, level.number",
    Strategy.NEAREST_ELEVATOR: "{elevator_distance}, level.number",
    Strategy.SPREAD: "busy.ratio, {distance}, level.number",
    Strategy.COMPACT_FIRST: "{distance}, level.number",
    Strategy.FILL_FROM_TOP: "level.number DESC",
    Strategy.RANDOM: "random()",
}
_DISTANCE = "coalesce(zone.{column}, {metres} * abs(level.number - %(gate_level)s) + {ordinal})"
_BUSY = (
    "JOIN (SELECT level_id, (sum(occupied){less})::numeric / greatest(sum(total), 1) AS ratio FROM lots_spotcount"
    " WHERE lot_id = %(lot)s GROUP BY level_id) busy ON busy.level_id = level.id"
)
# As if the stay `freed` had left its place already.
_FREED_ON_LEVEL = " - (level_id IS NOT DISTINCT FROM %(freed_level)s)::int"
_FREED_OF_TYPE = """
    + (spot.level_id IS NOT DISTINCT FROM %(freed_level)s AND spot.spot_type IS NOT DISTINCT FROM %(freed_type)s)::int
"""
_FREED_SPOT = """
    UNION ALL
    (SELECT id, number, ordinal FROM lots_spot WHERE zone_id = zone.id AND stay = %(freed)s AND NOT maintenance
        AND hold IS NULL AND observed_occupied IS NOT TRUE)
    ORDER BY ordinal LIMIT {of_each_zone}"""

# In every order but the random one a zone's best spot is its first free one, so one of each zone is compared.
_PICK_SPOT = """
SELECT level.id AS level_id, zone.spot_type, spot.id AS spot_id, spot.number, level.number AS level,
    level.name AS level_name, zone.name AS zone
FROM lots_level level JOIN lots_zone zone ON zone.level_id = level.id
JOIN unnest(%(types)s::text[], %(ranks)s::int[]) AS fits(spot_type, rank) ON fits.spot_type = zone.spot_type
{busy}
CROSS JOIN LATERAL (
    (SELECT id, number, ordinal FROM lots_spot
    WHERE zone_id = zone.id AND status = 'available'
    ORDER BY ordinal LIMIT {of_each_zone}){freed}
) spot
WHERE level.lot_id = %(lot)s
ORDER BY fits.rank, {order} LIMIT 1
"""

_PICK_LEVEL = """
SELECT spot.level_id, spot.spot_type, NULL::bigint AS spot_id, NULL AS number, level.number AS level,
    level.name AS level_name, NULL AS zone
FROM lots_spotcount spot
JOIN lots_level level ON level.id = spot.level_id
JOIN LATERAL (
    SELECT min(distance) AS distance, min(elevator_distance) AS elevator_distance FROM lots_zone
    WHERE level_id = spot.level_id AND spot_type = spot.spot_type
) zone ON true
JOIN unnest(%(types)s::text[], %(ranks)s::int[]) AS fits(spot_type, rank) ON fits.spot_type = spot.spot_type
{busy}
WHERE spot.lot_id = %(lot)s AND spot.free{freed} > 0
ORDER BY fits.rank, {order} LIMIT 1
"""


def pick_place(*, lot: Lot, vehicle: VehicleProfile, gate_level: int) -> PickedPlace | None:
    """Pick the best free place for a vehicle by the lot's strategy; None when none fits. Needs the lot's lock."""
    return _pick(lot, pick_parameters(lot, vehicle, gate_level))


def pick_parameters(lot: Lot, vehicle: VehicleProfile, gate_level: int) -> dict[str, Any]:
    """Return the parameters of `pick_statement` for a vehicle at a gate of the lot."""
    types, ranks = _fitting(lot.allocation, vehicle)
    return {"lot": lot.pk, "gate_level": gate_level, "types": types, "ranks": ranks}


@cache
def pick_statement(allocation: str, *, counts_spots: bool, freed: bool = False) -> str:
    """Return the statement that picks a place by a strategy; its columns are the fields of PickedPlace.

    With `freed` it picks as if a stay had left its place: parameters `freed` (the stay's key), `freed_level`,
    `freed_type`.
    """
    strategy = Strategy(allocation)
    template, ordinal = (_PICK_SPOT, "spot.ordinal") if counts_spots else (_PICK_LEVEL, "0")
    order = _ORDERS[strategy].format(
        distance=_DISTANCE.format(column="distance", metres=METRES_PER_LEVEL, ordinal=ordinal),
        elevator_distance=_DISTANCE.format(column="elevator_distance", metres=METRES_PER_LEVEL, ordinal=ordinal),
    )
    of_each_zone = "ALL" if strategy is Strategy.RANDOM else "1"
    of_stay = _FREED_SPOT.format(of_each_zone=of_each_zone) if counts_spots else _FREED_OF_TYPE
    return template.format(
        order=f"{order}, {ordinal}" if counts_spots else order,
        busy=_BUSY.format(less=_FREED_ON_LEVEL if freed else "") if strategy is Strategy.SPREAD else "",
        of_each_zone=of_each_zone,
        freed=of_stay if freed else "",
    )


def _pick(lot: Lot, parameters: dict[str, Any]) -> PickedPlace | None:
    assert_lot_locked(lot.pk)
    with connection.cursor() as cursor:
        cursor.execute(pick_statement(lot.allocation, counts_spots=lot.counts_spots), parameters)
        row = cursor.fetchone()
    return PickedPlace(*row) if row else None


def pick_parameters_of_type(lot: Lot, spot_type: str, gate_level: int) -> dict[str, Any]:
    """Return the parameters of `pick_statement` for exactly one type of spot."""
    return {"lot": lot.pk, "gate_level": gate_level, "types": [spot_type], "ranks": [0]}


@cache
def _fitting(allocation: str, vehicle: VehicleProfile) -> tuple[list[str], list[int]]:
    """Return the types of spots that a vehicle may use with their ranks."""
    ranks = type_ranks(Strategy(allocation), vehicle)
    return list(map(str, ranks)), list(ranks.values())
