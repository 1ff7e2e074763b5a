"""Cells of a geohash."""

from math import floor

import pytest

from lots.positions import Area, cells_of_geohash, geohash_of_cell, precision_for


@pytest.mark.parametrize(
    ("latitude", "longitude", "geohash"),
    [
        (57.64911, 10.40744, "u4pruydqq"),
        (47.3779, 8.5403, "u0qjd2"),
        (-25.382708, -49.265506, "6gkzwgjz"),
        (0, 0, "s000"),
        (90, 180, "zzzz"),
        (-90, -180, "0"),
    ],
)
def test_a_cell_has_the_geohash_of_its_position(latitude, longitude, geohash):
    columns, rows = cells_of_geohash(len(geohash))
    column, row = floor((longitude + 180) / 360 * columns), floor((latitude + 90) / 180 * rows)
    assert geohash_of_cell(column, row, len(geohash)) == geohash


@pytest.mark.parametrize(("width", "precision"), [(360, 1), (45, 2), (10, 3), (0.2, 5), (1e-12, 9)])
def test_precision_cuts_an_area_into_few_cells(width, precision):
    area = Area(0, 0, 1, width)
    assert precision_for(area, 12) == precision
    assert precision == 1 or width * cells_of_geohash(precision)[0] / 360 <= 12
