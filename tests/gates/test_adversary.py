"""Games against the lanes: whatever drivers, cameras and controllers do, a car that owes never leaves unseen."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.gates.adversary import Adversary, worlds
from tests.gates.long_visits import LongVisits

pytestmark = pytest.mark.django_db

GAMES = int(os.environ.get("LANE_GAMES", "5000"))
MOVES = 30


def play(machine: type[Adversary], games: int, *, same_each_time: bool) -> None:
    machine.worlds, machine.played = list(worlds()), Counter()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=games,
            stateful_step_count=MOVES,
            derandomize=same_each_time,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(
    ("games", "same_each_time"),
    [(150, True), pytest.param(GAMES, False, marks=pytest.mark.proof)],
    ids=["some", "many"],
)
def test_car_that_owes_never_leaves_unseen(games, same_each_time):
    play(Adversary, games, same_each_time=same_each_time)

    assert Adversary.played["with_owing"] > games / 20, Adversary.played


@pytest.mark.parametrize(
    ("games", "same_each_time"),
    [(60, True), pytest.param(GAMES, False, marks=pytest.mark.proof)],
    ids=["some", "many"],
)
def test_car_that_owes_never_leaves_unseen_however_long_its_visits(games, same_each_time):
    play(LongVisits, games, same_each_time=same_each_time)

    assert LongVisits.played["with_owing"] > LongVisits.played["games"] / 4, LongVisits.played
