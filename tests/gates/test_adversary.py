"""Games against the lanes: whatever drivers, cameras and controllers do, a car that owes never leaves unseen."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.gates.adversary import Adversary, worlds

pytestmark = pytest.mark.django_db

GAMES = int(os.environ.get("LANE_GAMES", "5000"))
MOVES = 30


@pytest.mark.parametrize(
    ("games", "same_each_time"),
    [(150, True), pytest.param(GAMES, False, marks=pytest.mark.proof)],
    ids=["some", "many"],
)
def test_car_that_owes_never_leaves_unseen(games, same_each_time):
    Adversary.worlds, Adversary.played = list(worlds()), Counter()
    run_state_machine_as_test(
        Adversary,
        settings=settings(
            max_examples=games,
            stateful_step_count=MOVES,
            derandomize=same_each_time,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Adversary.played["with_owing"] > Adversary.played["games"] / 4, Adversary.played
