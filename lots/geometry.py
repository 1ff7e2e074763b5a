"""Points and distances in the database. Its type `point`, (longitude, latitude) in degrees, needs no extension."""

from typing import Any

from django.db.models import BooleanField, F, Field, FloatField, Func, Subquery, Value

from lots.positions import Area, Position, measurable


class DegreesField(FloatField):  # type: ignore[type-arg] # a subscript needs a patched Django at run time
    """Degrees of a position."""

    def get_prep_value(self, value: Any) -> float | None:
        """Return the number as it is stored."""
        number = super().get_prep_value(value)
        return None if number is None else measurable(number)


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
    return LotPoint(measured(position.longitude), measured(position.latitude))


def box_of(area: Area) -> Func:
    """Return an area as a box."""
    corners = [LotPoint(measured(area.west), measured(area.south)), LotPoint(measured(area.east), measured(area.north))]
    return Func(*corners, function="box", output_field=PointField())


def metres_from(near: Position) -> Func:
    """Return a lot's great-circle distance in metres; null without a position. Short, as Django writes it each time."""
    here = (measured(near.latitude), measured(near.longitude))
    return Func("latitude", "longitude", *here, function="lots_metres", output_field=FloatField())


def measured(value: float) -> Value:
    """Return degrees or metres as SQL takes them."""
    return Value(measurable(value), output_field=FloatField())
