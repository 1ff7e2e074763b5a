"""Geometry of the small charts that templates draw as SVG: numbers in, percentages of the drawing out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal

from common.translation import active_locale

MOST_LABELS = 12
BAR_SHARE = 0.7
NICE_STEPS = (1.0, 2.0, 2.5, 5.0)
MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart; `display` is the value as read aloud, `before` the same hour or day of the run before.

    `so_far`: its hour or day has not ended, so the value will grow. `href` leads to what the bar is made of.
    """

    label: str
    value: float
    display: str = ""
    before: float | None = None
    so_far: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class GridLine:
    """A horizontal line with its value."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `show_label` is off where labels would run into each other."""

    label: str
    display: str
    x: float
    y: float
    width: float
    height: float
    show_label: bool
    so_far: bool
    href: str

    @property
    def middle(self) -> float:
        """Return the x of the bar's axis."""
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True, slots=True)
class BarChart:
    """What `components/chart.html` draws; `before` are the points of a polyline in a square of 100."""

    bars: tuple[Bar, ...]
    before: str
    grid: tuple[GridLine, ...]

    @property
    def goes_on(self) -> bool:
        """Return whether a bar will still grow."""
        return any(bar.so_far for bar in self.bars)


def bar_chart(points: Sequence[Point], *, most_labels: int = MOST_LABELS) -> BarChart:
    """Lay out one bar for each point, and a line through the earlier values where there are any.

    At most so many bars are labelled; fewer fit when labels are long.
    """
    lines = scale_of(max((max(p.value, p.before or 0) for p in points), default=0))
    top = lines[-1]
    step = 100 / max(len(points), 1)
    every = -(-len(points) // most_labels)
    bars = tuple(_bar(point, index * step, step, top, shown=index % every == 0) for index, point in enumerate(points))
    before = " ".join(
        f"{(index + 0.5) * step:.2f},{_y(point.before, top)}"
        for index, point in enumerate(points)
        if point.before is not None
    )
    grid = tuple(GridLine(_y(value, top), format_decimal(value, locale=active_locale())) for value in lines)
    return BarChart(bars, before, grid)


def scale_of(value: float) -> list[int]:
    """Return the values of the lines from 0 up to the first not below `value`.

    They are 1, 2, 2.5 or 5 times a power of ten apart, in whole numbers, and divide the chart into five parts at most.
    """
    scale = 1
    while value > NICE_STEPS[-1] * scale * MOST_STEPS:
        scale *= 10
    steps = (int(step * scale) for step in NICE_STEPS if (step * scale).is_integer())
    step = next(step for step in steps if value <= step * MOST_STEPS)
    count = max(1, math.ceil(value / step))
    count += count * step < value  # the quotient was rounded
    return [step * line for line in range(count + 1)]


def _bar(point: Point, left: float, step: float, top: float, *, shown: bool) -> Bar:
    y = _y(point.value, top)
    return Bar(
        label=point.label,
        display=point.display or f"{point.value:g}",
        x=round(left + step * (1 - BAR_SHARE) / 2, 2),
        y=y,
        width=round(step * BAR_SHARE, 2),
        height=round(100 - y, 2),
        show_label=shown,
        so_far=point.so_far,
        href=point.href,
    )


def _y(value: float, top: float) -> float:
    return round(100 * (1 - value / top), 2)
