"""Points and distances in the database. Its type `point`, (longitude, latitude) in degrees, needs no extension."""

from typing import Any

from django.db.models import BooleanField, Case, F, Field, FloatField, Func, Subquery, Value, When
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt

from lots.positions import EARTH_RADIUS_METRES, Area, Position


class PointField(Field):  # type: ignore[type-arg] # a subscript needs a patched Django at run time
    """The type of a point; no column has it."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 - the framework's signature
        """Return PostgreSQL's name of the type."""
        return "point"


class LotPoint(Func):
    """A lot's position, as the index has it."""

    function = "point"
    output_field = PointField()

    def __init__(self, *expressions: Any) -> None:
        """Take the lot's columns, or a position's own numbers."""
        super().__init__(*(expressions or (F("longitude"), F("latitude"))))


class Planar(Func):
    """How far two points are in degrees: not in which order lots are near, but quick to find some that are."""

    arg_joiner = " <-> "
    template = "(%(expressions)s)"
    output_field = FloatField()


class Within(Func):
    """Whether a point lies in a box."""

    arg_joiner = " <@ "
    template = "(%(expressions)s)"
    output_field = BooleanField()


class Around(Func):
    """The box around a position that holds everything within a distance in metres."""

    function = "lots_around"
    output_field = PointField()


class Farthest(Subquery):
    """The greatest of the distances that a query with one column returns."""

    template = "(SELECT max(found.metres) FROM (%(subquery)s) AS found(metres))"
    output_field = FloatField()


def point_of(position: Position) -> LotPoint:
    """Return a position as a point."""
    return LotPoint(_number(position.longitude), _number(position.latitude))


def box_of(area: Area) -> Func:
    """Return an area as a box."""
    corners = [LotPoint(_number(area.west), _number(area.south)), LotPoint(_number(area.east), _number(area.north))]
    return Func(*corners, function="box", output_field=PointField())


def metres_from(near: Position) -> Case:
    """Return a lot's great-circle distance by the haversine formula, in metres on a sphere; null without a position."""
    here = Radians(_number(near.latitude))
    north = Radians(F("latitude") - near.latitude, output_field=FloatField())
    east = Radians(F("longitude") - near.longitude, output_field=FloatField())
    chord = Power(Sin(north / 2), 2) + Cos(here) * Cos(Radians("latitude")) * Power(Sin(east / 2), 2)
    # Rounding may lift the chord of opposite points above 1, the end of the arc sine's domain.
    metres = 2 * EARTH_RADIUS_METRES * ASin(Least(Value(1.0), Sqrt(chord)))
    located = When(latitude__isnull=False, longitude__isnull=False, then=metres)
    return Case(located, default=None, output_field=FloatField())


def _number(value: float) -> Value:
    return Value(value, output_field=FloatField())
