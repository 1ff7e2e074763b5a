"""Choose a free spot for a car: one order per strategy, the same as in SQL (`lots.picking`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from lots.compatibility import SpotType, VehicleProfile, spot_types_for, type_tiers

METRES_PER_LEVEL = 100


class Strategy(StrEnum):
    """How a lot allocates its spots."""

    NEAREST_ENTRANCE = "nearest_entrance"
    NEAREST_ELEVATOR = "nearest_elevator"
    SPREAD = "spread"
    COMPACT_FIRST = "compact_first"
    FILL_FROM_TOP = "fill_from_top"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class SpotCandidate:
    """A free spot that is not held; distances are its zone's, in metres (None = not given)."""

    spot_id: int
    number: str
    spot_type: SpotType
    level: int
    ordinal: int
    distance: int | None = None
    elevator_distance: int | None = None


@dataclass(frozen=True, slots=True)
class AllocationRequest:
    """The vehicle and its gate; `occupied_ratio` is each level's occupied share, for `spread` only (0 when missing)."""

    vehicle: VehicleProfile
    gate_level: int = 0
    occupied_ratio: Mapping[int, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen spot, and a sentence that says why."""

    spot: SpotCandidate
    explanation: str


def type_ranks(strategy: Strategy, vehicle: VehicleProfile) -> dict[SpotType, int]:
    """Rank the spot types a vehicle may use under a strategy, lower first; a type that is missing doesn't fit.

    This rank is the first key of every strategy's order: `compact_first` ranks each size, the others only tell the
    own type from larger ones.
    """
    if strategy is Strategy.COMPACT_FIRST:
        return {spot_type: rank for rank, spot_type in enumerate(spot_types_for(vehicle))}
    return type_tiers(vehicle)


def distance_of(strategy: Strategy, spot: SpotCandidate, gate_level: int) -> int:
    """Return the metres a strategy counts: the zone's, else 100 × |level − gate's level| + the spot's ordinal."""
    given = spot.elevator_distance if strategy is Strategy.NEAREST_ELEVATOR else spot.distance
    return METRES_PER_LEVEL * abs(spot.level - gate_level) + spot.ordinal if given is None else given


def order_key(strategy: Strategy, request: AllocationRequest, spot: SpotCandidate) -> tuple[Fraction | int, ...]:
    """Return what a spot that fits is ordered by: type rank, the strategy's own keys, level, ordinal.

    `random` has no key of its own: it draws among the spots of the best rank.
    """
    rank = type_ranks(strategy, request.vehicle)[spot.spot_type]
    return (rank, *_own_keys(strategy, request, spot), spot.level, spot.ordinal)


def choose(
    strategy: Strategy,
    request: AllocationRequest,
    candidates: Sequence[SpotCandidate],
    *,
    randbelow: Callable[[int], int] | None = None,
) -> Choice | None:
    """Choose a spot for a vehicle, or None when none fits; `randbelow` draws for `random` (without it, the first)."""
    ranks = type_ranks(strategy, request.vehicle)
    fitting = [spot for spot in candidates if spot.spot_type in ranks]
    if not fitting:
        return None
    ordered = sorted(fitting, key=lambda spot: order_key(strategy, request, spot))
    if strategy is Strategy.RANDOM and randbelow is not None:
        best = [spot for spot in ordered if ranks[spot.spot_type] == ranks[ordered[0].spot_type]]
        chosen = best[randbelow(len(best))]
    else:
        chosen = ordered[0]
    return Choice(chosen, _explain(strategy, request, chosen, len(fitting)))


def _own_keys(strategy: Strategy, request: AllocationRequest, spot: SpotCandidate) -> tuple[Fraction | int, ...]:
    distance = distance_of(strategy, spot, request.gate_level)
    if strategy is Strategy.SPREAD:
        return (request.occupied_ratio.get(spot.level, Fraction(0)), distance)
    if strategy is Strategy.FILL_FROM_TOP:
        return (-spot.level,)
    return () if strategy is Strategy.RANDOM else (distance,)


def _explain(strategy: Strategy, request: AllocationRequest, spot: SpotCandidate, fitting: int) -> str:
    metres = distance_of(strategy, spot, request.gate_level)
    ratio = request.occupied_ratio.get(spot.level, Fraction(0))
    why = {
        Strategy.NEAREST_ENTRANCE: f"nearest to the entrance, {metres} m",
        Strategy.NEAREST_ELEVATOR: f"nearest to the lift, {metres} m",
        Strategy.SPREAD: f"on the emptiest level, {round(100 * ratio)} % occupied, {metres} m",
        Strategy.COMPACT_FIRST: f"smallest type that fits, {metres} m",
        Strategy.FILL_FROM_TOP: f"on the highest level, {spot.level}",
        Strategy.RANDOM: "drawn by lot",
    }[strategy]
    return f"{spot.number} ({spot.spot_type}, level {spot.level}): {why}, of {fitting} free spots that fit."
