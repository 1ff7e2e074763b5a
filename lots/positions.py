"""Positions on earth: how far they are from each other, and the cells of a geohash that hold them."""

from dataclasses import dataclass

EARTH_RADIUS_METRES = 6_371_008.8
FARTHEST_METRES = 20_040_000  # half way round the earth
FINEST_GEOHASH = 9
SMALLEST = 1e-9
"""Of degrees and metres: what is smaller is nothing. SQL fails where it multiplies far smaller numbers."""

_DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz"
_BITS_PER_DIGIT = 5


def measurable(number: float) -> float:
    """Return degrees or metres as they are, or zero for what is too small to be any."""
    return 0.0 if abs(number) < SMALLEST else number


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the earth between two parallels and two meridians, in degrees; it does not cross the 180th meridian."""

    south: float
    west: float
    north: float
    east: float


def cells_of_geohash(precision: int) -> tuple[int, int]:
    """Return how many cells of a geohash with so many digits lie from west to east, and from south to north."""
    bits = _BITS_PER_DIGIT * precision
    return 1 << (bits + 1) // 2, 1 << bits // 2


def precision_for(area: Area, cells: int) -> int:
    """Return how many digits of a geohash cut the width of an area into about so many cells, rather fewer."""
    width = max(area.east - area.west, 1e-9)
    fitting = (one for one in range(FINEST_GEOHASH, 0, -1) if width * cells_of_geohash(one)[0] / 360 <= cells)
    return next(fitting, 1)


def geohash_of_cell(column: int, row: int, precision: int) -> str:
    """Return the geohash of the cell in a column from the west and a row from the south."""
    columns, rows = cells_of_geohash(precision)
    column, row = min(column, columns - 1), min(row, rows - 1)
    digits = ""
    number = bits = 0
    east_bits, north_bits = columns.bit_length() - 1, rows.bit_length() - 1
    for index in range(_BITS_PER_DIGIT * precision):
        if index % 2 == 0:
            east_bits -= 1
            bit = column >> east_bits & 1
        else:
            north_bits -= 1
            bit = row >> north_bits & 1
        number, bits = number << 1 | bit, bits + 1
        if bits == _BITS_PER_DIGIT:
            digits += _DIGITS[number]
            number = bits = 0
    return digits
