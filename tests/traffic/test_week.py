"""A week of bookings with a clock of its own: every promise is kept or explained, and costs what was shown."""

import datetime as dt
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_lot
from tests.invariants import broken
from traffic.week.week_plan import Conduct
from traffic.week.week_run import run_week
from traffic.week.week_table import week_as_text
from verification import prove
from verification.booking_invariants import IN_TIME

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("cars", "days", "first"),
    [
        # The night in which the clock goes forward, as some stay for a day.
        (70, 2, dt.date(2026, 3, 28)),
        pytest.param(1500, 7, dt.date(2025, 10, 20), marks=pytest.mark.proof),
    ],
    ids=["two days", "a week"],
)
def test_every_promise_is_kept_or_explained_and_costs_what_was_shown(cars, days, first):
    reckoning = run_week(cars=cars, seed=1, days=days, first=first, lived=lambda: None)

    sys.stdout.write(week_as_text(reckoning))
    assert reckoning.discrepancies == []
    assert all(
        reckoning.came_in[one] for one in Conduct if one not in {"cancels in time", "cancels late", "never comes"}
    )
    assert sum(reckoning.lives.values()) == cars
    assert len(reckoning.breaches) <= cars / 20
    assert broken() == []
    assert all(one.holds for one in prove(IN_TIME))


def test_week_needs_an_installation_of_its_own():
    make_lot()
    with pytest.raises(CommandError, match="installation of its own"):
        call_command("simulate", "--bookings", "--cars", "1")
