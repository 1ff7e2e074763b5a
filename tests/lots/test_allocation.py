import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.vehicles import VehicleType
from lots.allocation import AllocationRequest, SpotCandidate, Strategy, choose, order_key, type_ranks
from lots.compatibility import SpotType, VehicleProfile

REGULAR = AllocationRequest(VehicleProfile())
SPOTS = st.builds(
    SpotCandidate,
    spot_id=st.integers(1, 999),
    number=st.just("A-1"),
    spot_type=st.sampled_from(SpotType),
    level=st.integers(-2, 3),
    ordinal=st.integers(1, 40),
    distance=st.none() | st.integers(0, 300),
    elevator_distance=st.none() | st.integers(0, 300),
)
REQUESTS = st.builds(
    AllocationRequest,
    vehicle=st.builds(VehicleProfile, st.sampled_from(VehicleType), electric=st.booleans(), permit=st.booleans()),
    gate_level=st.integers(-1, 1),
    occupied_ratio=st.dictionaries(st.integers(-2, 3), st.fractions(0, 1)),
)


def spot(spot_id: int, level: int = 0, spot_type: SpotType = SpotType.REGULAR, **distances: int) -> SpotCandidate:
    return SpotCandidate(spot_id, f"A-{spot_id}", spot_type, level, ordinal=spot_id, **distances)


def chosen(strategy: Strategy, spots: list[SpotCandidate], request: AllocationRequest = REGULAR) -> int | None:
    choice = choose(strategy, request, spots)
    return choice and choice.spot.spot_id


def test_nearest_entrance_takes_the_zones_metres():
    assert chosen(Strategy.NEAREST_ENTRANCE, [spot(1, distance=40), spot(2, distance=20)]) == 2


def test_distance_defaults_to_levels_and_ordinal():
    spots = [spot(1, level=2), spot(2, level=1), spot(3, level=0, distance=150)]
    assert chosen(Strategy.NEAREST_ENTRANCE, spots) == 2  # 201, 102, 150 metres
    assert chosen(Strategy.NEAREST_ENTRANCE, spots, AllocationRequest(VehicleProfile(), gate_level=2)) == 1


def test_nearest_elevator_counts_its_own_metres():
    spots = [spot(1, distance=1, elevator_distance=90), spot(2, distance=80, elevator_distance=5)]
    assert chosen(Strategy.NEAREST_ELEVATOR, spots) == 2


def test_spread_takes_the_emptiest_level_by_ratio_then_the_nearest():
    ratios = {0: Fraction(1, 2), 1: Fraction(1, 3), 2: Fraction(1, 3)}
    request = AllocationRequest(VehicleProfile(), occupied_ratio=ratios)
    assert chosen(Strategy.SPREAD, [spot(1, level=0), spot(2, level=2), spot(3, level=1)], request) == 3


def test_compact_first_takes_the_smallest_size_and_others_the_nearest_larger_one():
    spots = [spot(1, spot_type=SpotType.LARGE, distance=5), spot(2, spot_type=SpotType.COMPACT, distance=50)]
    bike = AllocationRequest(VehicleProfile(VehicleType.MOTORCYCLE))
    assert chosen(Strategy.COMPACT_FIRST, spots, bike) == 2
    assert chosen(Strategy.NEAREST_ENTRANCE, spots, bike) == 1


def test_fill_from_top_takes_the_highest_level():
    assert chosen(Strategy.FILL_FROM_TOP, [spot(1, level=0), spot(9, level=3), spot(4, level=3)]) == 4


def test_ties_break_by_level_then_ordinal():
    spots = [spot(1, level=1, distance=10), spot(5, level=0, distance=10), spot(3, level=0, distance=10)]
    assert chosen(Strategy.NEAREST_ENTRANCE, spots) == 3


def test_random_draws_among_the_best_type_only():
    spots = [spot(1), spot(2), spot(3), spot(4, spot_type=SpotType.LARGE)]
    draw = random.Random(3).randrange
    drawn = {choose(Strategy.RANDOM, REGULAR, spots, randbelow=draw).spot.spot_id for _ in range(60)}
    assert drawn == {1, 2, 3}


def test_choice_is_explained():
    choice = choose(Strategy.NEAREST_ENTRANCE, REGULAR, [spot(1, distance=20), spot(2, distance=40)])
    assert choice.explanation == "A-1 (regular, level 0): nearest to the entrance, 20 m, of 2 free spots that fit."


def test_nothing_that_fits_is_no_choice():
    assert choose(Strategy.SPREAD, REGULAR, [spot(1, spot_type=SpotType.COMPACT)]) is None


@pytest.mark.parametrize("strategy", Strategy)
@given(request_=REQUESTS, spots=st.lists(SPOTS, max_size=8), seed=st.integers())
def test_choice_fits_and_exact_comes_before_larger(strategy, request_, spots, seed):
    ranks = type_ranks(strategy, request_.vehicle)
    choice = choose(strategy, request_, spots, randbelow=random.Random(seed).randrange)
    fitting = [one for one in spots if one.spot_type in ranks]
    assert (choice is None) == (not fitting)
    if choice is not None:
        assert ranks[choice.spot.spot_type] == min(ranks[one.spot_type] for one in fitting)


@pytest.mark.parametrize("strategy", [one for one in Strategy if one is not Strategy.RANDOM])
@given(request_=REQUESTS, spots=st.lists(SPOTS, min_size=1, max_size=8))
def test_choice_has_the_lowest_key_in_any_order(strategy, request_, spots):
    first, second = (choose(strategy, request_, some) for some in (spots, spots[::-1]))
    if first is not None:
        keys = {order_key(strategy, request_, one.spot) for one in (first, second)}
        assert len(keys) == 1
