"""Geometry of the small charts that templates draw as SVG: numbers in, percentages of the drawing out."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LABELS = 12
BAR_SHARE = 0.7
CEILING_STEPS = (2, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart; `display` is the value as read aloud, `before` the same hour or day of the run before."""

    label: str
    value: float
    display: str = ""
    before: float | None = None


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


def bar_chart(points: Sequence[Point]) -> BarChart:
    """Lay out one bar for each point, and a line through the values before where there are any."""
    top = nice_ceiling(max((max(p.value, p.before or 0) for p in points), default=0))
    step = 100 / max(len(points), 1)
    every = -(-len(points) // MOST_LABELS)
    bars = tuple(_bar(point, index * step, step, top, shown=index % every == 0) for index, point in enumerate(points))
    before = " ".join(
        f"{(index + 0.5) * step:.2f},{_y(point.before, top)}"
        for index, point in enumerate(points)
        if point.before is not None
    )
    grid = tuple(GridLine(_y(value, top), f"{value:g}") for value in (0, top / 2, top))
    return BarChart(bars, before, grid)


def nice_ceiling(value: float) -> float:
    """Return the smallest of 2, 4, 6, 8, 10, 20, 40, … that is not below `value`; its half is a round number too."""
    scale = 1
    while value > CEILING_STEPS[-1] * scale:
        scale *= 10
    return next(step * scale for step in CEILING_STEPS if value <= step * scale)


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
    )


def _y(value: float, top: float) -> float:
    return round(100 * (1 - value / top), 2)
