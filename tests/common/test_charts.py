"""Bars, their scale and the line of the run before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.charts import Point, bar_chart, nice_ceiling

VALUES = st.floats(min_value=0, max_value=1e12)


@pytest.mark.parametrize(("value", "ceiling"), [(0, 2), (2, 2), (2.1, 4), (45, 60), (101, 200), (60, 60)])
def test_scale_ends_on_a_round_number(value, ceiling):
    assert nice_ceiling(value) == ceiling


@given(VALUES)
def test_scale_holds_every_value(value):
    assert nice_ceiling(value) >= value


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
