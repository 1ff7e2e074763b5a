"""Pick a free place in the database, by the same order as `lots.allocation`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from lots.allocation import METRES_PER_LEVEL, Strategy, type_ranks
from lots.compatibility import SpotType, VehicleProfile
from lots.models import Lot


@dataclass(frozen=True, slots=True)
class PickedPlace:
    """A free place: a spot, or in a lot that only counts cars a level and type (`spot_id` None)."""

    level_id: int
    spot_type: str
    spot_id: int | None


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
    "JOIN (SELECT level_id, sum(occupied)::numeric / greatest(sum(total), 1) AS ratio FROM lots_spotcount"
    " WHERE lot_id = %(lot)s GROUP BY level_id) busy ON busy.level_id = {of}.level_id"
)

# SKIP LOCKED never waits for a spot that another transaction is just taking or observing.
_PICK_SPOT = """
SELECT spot.level_id, spot.spot_type, spot.id FROM lots_spot spot
JOIN lots_level level ON level.id = spot.level_id
JOIN lots_zone zone ON zone.id = spot.zone_id
JOIN unnest(%(types)s::text[], %(ranks)s::int[]) AS fits(spot_type, rank) ON fits.spot_type = spot.spot_type
{busy}
WHERE spot.lot_id = %(lot)s AND NOT spot.maintenance AND spot.stay IS NULL AND spot.hold IS NULL
    AND spot.status = 'available'
ORDER BY fits.rank, {order} LIMIT 1 FOR UPDATE OF spot SKIP LOCKED
"""

_PICK_LEVEL = """
SELECT spot.level_id, spot.spot_type, NULL::bigint FROM lots_spotcount spot
JOIN lots_level level ON level.id = spot.level_id
JOIN LATERAL (
    SELECT min(distance) AS distance, min(elevator_distance) AS elevator_distance FROM lots_zone
    WHERE level_id = spot.level_id AND spot_type = spot.spot_type
) zone ON true
JOIN unnest(%(types)s::text[], %(ranks)s::int[]) AS fits(spot_type, rank) ON fits.spot_type = spot.spot_type
{busy}
WHERE spot.lot_id = %(lot)s AND spot.free > 0
ORDER BY fits.rank, {order} LIMIT 1
"""


def pick_place(*, lot: Lot, vehicle: VehicleProfile, gate_level: int) -> PickedPlace | None:
    """Pick the best free place for a vehicle by the lot's strategy, None when none fits; the lot's lock is held.

    A picked spot's row stays locked until the transaction ends.
    """
    strategy = Strategy(lot.allocation)
    return _pick(lot, type_ranks(strategy, vehicle), gate_level, strategy)


def pick_place_of_type(*, lot: Lot, spot_type: str, gate_level: int) -> PickedPlace | None:
    """Pick the best free place of exactly one type; otherwise as `pick_place`."""
    return _pick(lot, {SpotType(spot_type): 0}, gate_level, Strategy(lot.allocation))


def _pick(lot: Lot, ranks: Mapping[SpotType, int], gate_level: int, strategy: Strategy) -> PickedPlace | None:
    parameters: dict[str, Any] = {
        "lot": lot.pk,
        "gate_level": gate_level,
        "types": [str(spot_type) for spot_type in ranks],
        "ranks": list(ranks.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(strategy, counts_spots=lot.counts_spots), parameters)
        row = cursor.fetchone()
    return PickedPlace(*row) if row else None


def _statement(strategy: Strategy, *, counts_spots: bool) -> str:
    template, ordinal = (_PICK_SPOT, "spot.ordinal") if counts_spots else (_PICK_LEVEL, "0")
    order = _ORDERS[strategy].format(
        distance=_DISTANCE.format(column="distance", metres=METRES_PER_LEVEL, ordinal=ordinal),
        elevator_distance=_DISTANCE.format(column="elevator_distance", metres=METRES_PER_LEVEL, ordinal=ordinal),
    )
    busy = _BUSY.format(of="spot") if strategy is Strategy.SPREAD else ""
    return template.format(order=f"{order}, {ordinal}" if counts_spots else order, busy=busy)
