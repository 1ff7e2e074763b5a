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


RUNS = pytest.mark.parametrize(
    "machine", [pytest.param(Adversary, id="short visits"), pytest.param(LongVisits, id="long visits")]
)


@RUNS
def test_car_that_owes_never_leaves_unseen(machine):
    play(machine, 60, same_each_time=True)

    assert machine.played["departures"] > 20, machine.played
    assert machine is Adversary or machine.played["with_owing"] > 15, machine.played


@pytest.mark.proof
@RUNS
def test_car_that_owes_never_leaves_unseen_in_many_games(machine):
    play(machine, GAMES, same_each_time=False)

    assert machine.played["with_owing"] > machine.played["games"] / (20 if machine is Adversary else 4), machine.played
