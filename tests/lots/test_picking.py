"""The database picks the same place as the pure order, for every strategy and kind of vehicle."""

import random
from fractions import Fraction

import pytest

from accounts.vehicles import VehicleType
from lots.allocation import AllocationRequest, SpotCandidate, Strategy, choose
from lots.compatibility import SpotType, VehicleProfile
from lots.models import Level, Spot, SpotCount
from lots.picking import pick_place
from lots.services import lock_lot
from tests.factories import make_lot, make_zone

pytestmark = pytest.mark.django_db

VEHICLES = [
    VehicleProfile(),
    VehicleProfile(VehicleType.MOTORCYCLE),
    VehicleProfile(VehicleType.COMPACT, permit=True),
    VehicleProfile(VehicleType.REGULAR, electric=True),
    VehicleProfile(VehicleType.LARGE, electric=True, permit=True),
]


def a_garage(seed: int):
    draw = random.Random(seed)
    lot = make_lot(spots={}, levels=0)
    ordinal = 0
    for number in (-1, 0, 1, 2):
        level = Level.objects.create(lot=lot, number=number, name=f"Level {number}")
        for spot_type in draw.sample(list(SpotType), 4):
            distances = {
                "distance": draw.choice([None, 10, 20]),
                "elevator_distance": draw.choice([None, 5, 30]),
            }
            ordinal += len(make_zone(level, spot_type, 3, first_ordinal=ordinal, **distances))
    spots = list(lot.spots.all())
    for spot in draw.sample(spots, len(spots) // 2):
        Spot.objects.filter(pk=spot.pk).update(maintenance=True) if draw.random() < 0.3 else _observe(spot)
    return lot


def pick(lot, vehicle, gate_level=0):
    lock_lot(lot.pk)
    return pick_place(lot=lot, vehicle=vehicle, gate_level=gate_level)


def _observe(spot):
    Spot.objects.filter(pk=spot.pk).update(observed_occupied=True)


def free_spots(lot) -> list[SpotCandidate]:
    return [
        SpotCandidate(
            spot_id=spot.pk,
            number=spot.number,
            spot_type=SpotType(spot.spot_type),
            level=spot.level.number,
            ordinal=spot.ordinal,
            distance=spot.zone.distance,
            elevator_distance=spot.zone.elevator_distance,
        )
        for spot in lot.spots.available().select_related("level", "zone")
    ]


def ratios(lot) -> dict[int, Fraction]:
    rows = SpotCount.objects.filter(lot=lot).select_related("level")
    numbers = {row.level.number for row in rows}
    return {
        number: Fraction(
            sum(row.occupied for row in rows if row.level.number == number),
            max(1, sum(row.total for row in rows if row.level.number == number)),
        )
        for number in numbers
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("strategy", [each for each in Strategy if each is not Strategy.RANDOM])
def test_database_picks_what_the_pure_order_chooses(strategy, seed):
    lot = a_garage(seed)
    lot.allocation = strategy
    for vehicle in VEHICLES:
        for gate_level in (-1, 0, 2):
            request = AllocationRequest(vehicle, gate_level, ratios(lot))
            expected = choose(strategy, request, free_spots(lot))
            picked = pick(lot, vehicle, gate_level)
            assert (picked and picked.spot_id) == (expected and expected.spot.spot_id)


def test_random_gives_any_spot_of_the_best_rank():
    lot = make_lot(spots={"regular": 4, "large": 4}, allocation="random")
    picked = {pick(lot, VehicleProfile()).spot_id for _ in range(60)}

    assert picked == set(lot.spots.filter(spot_type="regular").values_list("pk", flat=True))


@pytest.mark.parametrize("strategy", list(Strategy))
def test_lot_that_counts_cars_picks_a_level_with_room(strategy):
    lot = make_lot(spots={"regular": 2, "large": 1}, levels=2, tracking="levels", allocation=strategy)
    SpotCount.objects.filter(lot=lot, spot_type="regular").update(occupied=2)

    picked = pick(lot, VehicleProfile())

    assert (picked.spot_type, picked.spot_id) == ("large", None)
    SpotCount.objects.filter(lot=lot).update(occupied=1)
    SpotCount.objects.filter(lot=lot, spot_type="regular").update(occupied=2)
    assert pick(lot, VehicleProfile()) is None
