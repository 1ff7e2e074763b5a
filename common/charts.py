"""Geometry of the small charts that templates draw as SVG; numbers in, coordinates out."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220
LEFT, TOP, BOTTOM = 44, 10, 24
PLOT_HEIGHT = HEIGHT - TOP - BOTTOM
MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart; `display` is the value as read aloud, `before` the same hour or day of the run before."""

    label: str
    value: float
    display: str = ""
    before: float | None = None


@dataclass(frozen=True, slots=True)
class GridLine:
    y: float
    label: str
    x: float = LEFT - 8

    @property
    def text_y(self) -> float:
        """Return the baseline that centres the label on its line."""
        return self.y + 4


@dataclass(frozen=True, slots=True)
class Bar:
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
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class BarChart:
    """What `components/chart.html` draws."""

    bars: tuple[Bar, ...]
    before: str
    grid: tuple[GridLine, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    label_y: int = HEIGHT - 6


def bar_chart(points: Sequence[Point]) -> BarChart:
    """Lay out one bar for each point, and a line through the values before where there are any."""
    top = nice_ceiling(max((max(p.value, p.before or 0) for p in points), default=0))
    step = (WIDTH - LEFT) / max(len(points), 1)
    every = -(-len(points) // MOST_LABELS)
    bars = tuple(_bar(point, index, step, top, shown=index % every == 0) for index, point in enumerate(points))
    before = " ".join(
        f"{LEFT + (index + 0.5) * step:.1f},{_y(point.before, top)}"
        for index, point in enumerate(points)
        if point.before is not None
    )
    grid = tuple(GridLine(_y(value, top), f"{value:g}") for value in (0, top / 2, top))
    return BarChart(bars, before, grid)


def nice_ceiling(value: float) -> float:
    """Return the smallest of 2, 4, 10, 20, 40, 100, … that is not below `value`; its half is a round number too."""
    scale = 1.0
    while True:
        for step in (2, 4, 10):
            if value <= step * scale:
                return step * scale
        scale *= 10


def _bar(point: Point, index: int, step: float, top: float, *, shown: bool) -> Bar:
    y = _y(point.value, top)
    return Bar(
        label=point.label,
        display=point.display or f"{point.value:g}",
        x=round(LEFT + index * step + step * 0.14, 1),
        y=y,
        width=round(step * 0.72, 1),
        height=round(TOP + PLOT_HEIGHT - y, 1),
        show_label=shown,
    )


def _y(value: float, top: float) -> float:
    return round(TOP + PLOT_HEIGHT * (1 - value / top), 1)
