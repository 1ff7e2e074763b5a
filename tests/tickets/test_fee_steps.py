"""The fee of a stay as steps, and as a drawing."""

import datetime as dt
from itertools import pairwise

import pytest
from django.utils.timezone import now

from driver.staircase import draw_staircase
from tests.factories import make_lot, make_ticket
from tickets.fee_steps import AFTER, BEFORE, MOST_STEPS, FeeStep, fee_steps
from tickets.fees import fee_of

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize("minutes", [1, 40, 100, 60 * 9, 60 * 50])
def test_steps_are_what_the_fee_is_before_and_after_each(minutes):
    at = now().replace(microsecond=0)
    ticket = make_ticket(make_lot(), entry_at=at - dt.timedelta(minutes=minutes))
    ticket.refresh_from_db()
    steps = fee_steps(ticket, at)

    assert 2 <= len(steps) <= MOST_STEPS
    assert (steps[0].since, steps[-1].until) == (max(ticket.entry_at, at - BEFORE), at + AFTER)
    for step in steps:
        assert {fee_of(ticket, one).total for one in (step.since, step.until)} == {step.amount}
    for one, other in pairwise(steps):
        assert other.since - one.until == SECOND
        assert one.amount != other.amount


def test_fee_without_steps_or_with_too_many_has_none():
    free = make_ticket(make_lot(tariff=None))
    free.tariff = None

    assert fee_steps(free, now()) == []
    assert draw_staircase([], now(), "CHF") is None


def test_staircase_stands_where_it_is_now():
    start = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
    hour = dt.timedelta(hours=1)
    steps = [FeeStep(start, start + hour - SECOND, 300), FeeStep(start + hour, start + 2 * hour, 600)]
    drawn = draw_staircase(steps, start + hour / 2, "CHF")

    assert drawn.here == (25.0, 50.0)
    assert drawn.now == steps[0]
    assert drawn.line.startswith("0.00,50.00 ")
    assert drawn.line.endswith(" 100.00,0.00")
    assert draw_staircase(steps, start + 9 * hour, "CHF").here[0] == 100
