"""A map of the lots that were found, drawn without anything from outside: where its pins are, in percent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import atan, cos, degrees, exp, log, pi, radians, tan

from lots.positions import EARTH_RADIUS_METRES, Area, Position

ASPECT = 4 / 3
"""Width by height, as the stylesheet has it."""
CLUSTERS_ACROSS = 12
_LEAST_SPAN = 0.012  # degrees
_AROUND = 1.3
_FARTHEST_NORTH = 85.0
_NICE_METRES = tuple(step * 10**power for power in range(1, 7) for step in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Scale:
    """The bar of a scale: its length in metres, and in percent of the map's width."""

    metres: int
    percent: float


@dataclass(frozen=True, slots=True)
class DrawnMap:
    """An area as a map in Mercator's projection."""

    area: Area

    @classmethod
    def of(cls, positions: Sequence[Position]) -> "DrawnMap":
        """Return the map that shows some positions with room around them, in the right proportions."""
        wests, souths = [one.longitude for one in positions], [_north(one.latitude) for one in positions]
        middle_x, middle_y = (max(wests) + min(wests)) / 2, (max(souths) + min(souths)) / 2
        width = max(max(wests) - min(wests), ASPECT * (max(souths) - min(souths)), _LEAST_SPAN) * _AROUND
        width = min(width, 360.0)
        height = width / ASPECT
        west = min(max(middle_x - width / 2, -180.0), 180.0 - width)
        return cls(
            Area(
                south=_latitude(middle_y - height / 2),
                west=west,
                north=_latitude(middle_y + height / 2),
                east=west + width,
            )
        )

    def place(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a position is: percent of the width from the left, and of the height from the top."""
        south, north = _north(self.area.south), _north(self.area.north)
        x = (longitude - self.area.west) / (self.area.east - self.area.west)
        y = (north - _north(latitude)) / (north - south)
        return round(100 * x, 2), round(100 * y, 2)

    @property
    def scale(self) -> Scale:
        """Return a scale of a round length, at most a third of the width."""
        turn = radians(self.area.east - self.area.west)
        width = EARTH_RADIUS_METRES * turn * cos(radians((self.area.south + self.area.north) / 2))
        metres = max((one for one in _NICE_METRES if one <= width / 3), default=_NICE_METRES[0])
        return Scale(metres, round(100 * metres / width, 2))

    @property
    def grid(self) -> Iterator[tuple[str, float]]:
        """Yield lines as long as the scale apart: `x` or `y`, and where in percent."""
        step = self.scale.percent
        yield from (("x", at) for at in _steps(step))
        yield from (("y", at) for at in _steps(step * ASPECT))

    def holds(self, position: Position) -> bool:
        """Return whether a position is on the map."""
        area = self.area
        return area.south <= position.latitude <= area.north and area.west <= position.longitude <= area.east


def _steps(step: float) -> Iterable[float]:
    return [round(index * step, 2) for index in range(1, int(100 / step) + 1)]


def _north(latitude: float) -> float:
    """Return how far north a parallel is drawn, in degrees of the equator."""
    bounded = radians(max(-_FARTHEST_NORTH, min(_FARTHEST_NORTH, latitude)))
    return degrees(log(tan(pi / 4 + bounded / 2)))


def _latitude(north: float) -> float:
    return degrees(2 * atan(exp(radians(north))) - pi / 2)
