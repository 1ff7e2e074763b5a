"""Games with a bookable lot: whatever drivers and the clock do, what was told at booking is what happens."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reservations.keeper import Keeper, sites

pytestmark = pytest.mark.django_db

GAMES = int(os.environ.get("BOOKING_GAMES", "3400"))
MOVES, PARTS = 30, 10


@pytest.mark.parametrize(
    ("games", "same_each_time"),
    [(14, True), *[pytest.param(GAMES // PARTS, False, marks=pytest.mark.proof)] * PARTS],
    ids=["some", *[f"part {part + 1} of many" for part in range(PARTS)]],
)
def test_promises_are_kept_and_cost_what_was_told(games, same_each_time):
    Keeper.sites, Keeper.played = sites(), Counter()

    run_state_machine_as_test(
        Keeper,
        settings=settings(
            max_examples=games,
            stateful_step_count=MOVES,
            derandomize=same_each_time,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    happened = {"booked", "refused", "changed", "extended", "moved", "cancelled", "missed"}
    happened |= {"arrived", "arrived late", "left", "paid beyond"}
    assert happened <= Keeper.played.keys(), Keeper.played
