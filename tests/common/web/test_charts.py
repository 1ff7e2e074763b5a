"""Bars, their scale and the line of the run before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.web.charts import Point, bar_chart, scale_of

VALUES = st.floats(min_value=0, max_value=1e12)


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (0, [0, 1]),
        (2, [0, 1, 2]),
        (2.1, [0, 1, 2, 3]),
        (12, [0, 5, 10, 15]),
        (45, [0, 10, 20, 30, 40, 50]),
        (60, [0, 20, 40, 60]),
        (107, [0, 25, 50, 75, 100, 125]),
        (900, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_scale_has_round_steps_and_little_room_above(value, lines):
    assert scale_of(value) == lines


@given(VALUES)
def test_scale_holds_every_value(value):
    lines = scale_of(value)

    assert lines[-2] < value <= lines[-1] or value == 0
    assert 2 <= len(lines) <= 6


def test_bar_of_an_hour_that_goes_on_is_told_apart():
    chart = bar_chart([Point("14", 3), Point("15", 1, so_far=True)])

    assert [bar.so_far for bar in chart.bars] == [False, True]
    assert chart.goes_on
    assert not bar_chart([Point("14", 3)]).goes_on


@given(st.lists(st.tuples(VALUES, st.none() | VALUES), max_size=60))
def test_bars_stay_inside_the_drawing(values):
    chart = bar_chart([Point(str(i), value, before=before) for i, (value, before) in enumerate(values)])

    assert len(chart.bars) == len(values)
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= 100.01
        assert 0 <= bar.y <= 100
        assert bar.y + bar.height == pytest.approx(100)


def test_full_bar_reaches_the_top_and_an_empty_one_is_flat():
    full, empty = bar_chart([Point("a", 10), Point("b", 0)]).bars

    assert (full.y, full.height) == (0, 100)
    assert (empty.y, empty.height) == (100, 0)


def test_labels_are_thinned_before_they_touch():
    shown = [bar.label for bar in bar_chart([Point(f"{hour:02}", 1) for hour in range(24)]).bars if bar.show_label]

    assert shown == [f"{hour:02}" for hour in range(0, 24, 2)]


def test_line_before_skips_what_is_not_known():
    chart = bar_chart([Point("a", 1, before=2), Point("b", 1), Point("c", 1, before=0)])

    assert chart.before == "16.67,0.0 83.33,100.0"
