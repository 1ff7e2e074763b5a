"""A level as it is drawn: its rows of bays, those that have a place on the plan and those that have none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from common.translation import inside
from lots.compatibility import SpotType
from lots.drawn_rows import BAY_WIDTH, RowPlace, corners
from lots.models import SPOT_LABELS, Level, Spot, SpotStatus, Zone
from lots.queries import spots_on
from office.lots.words import STATES
from tickets.models import Ticket

PIXELS_A_METRE = 16
BAY = BAY_WIDTH * PIXELS_A_METRE // 10
MARGIN = 8
_QUARTER, _THREE_QUARTERS = 90, 270


class DrawnBay(NamedTuple):
    """A spot as it is drawn: `said` names it without its picture, `stay` is the number of its car's ticket."""

    pk: int
    number: str
    status: str
    spot_type: str
    said: str
    stay: str = ""
    is_chosen: bool = False
    x: int = 0
    share: int | None = None
    heat: int = 0


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A zone with its bays; where it has a place, `turn` is the transform that puts it there, else empty."""

    zone: Zone
    bays: list[DrawnBay]
    turn: str = ""
    upside_down: bool = False


@dataclass(frozen=True, slots=True)
class Floor:
    """The rows of a level, and the size of the drawing of those that have a place."""

    loose: list[DrawnRow]
    placed: list[DrawnRow]
    width: int = 0
    height: int = 0
    origin_x: int = 0
    origin_y: int = 0


class Occupant(NamedTuple):
    """The car in a spot, by its stay."""

    number: str
    plate: str | None


def occupants_on(level: Level) -> dict[int, Occupant]:
    """Return the cars on a level by the key of their stay; one query."""
    rows = Ticket.objects.filter(lot=level.lot_id, level=level).open().exclude(spot=None)
    return {pk: Occupant(number, plate) for pk, number, plate in rows.values_list("pk", "number", "plate")}


def floor_of(level: Level, zones: Sequence[Zone], *, chosen: Collection[int] = ()) -> Floor:
    """Return a level with the state of each bay; two queries."""
    cars = occupants_on(level)
    return lay_out(zones, {spot: _with_state(spot, cars, chosen) for spot in spots_on(level)})


def lay_out(zones: Sequence[Zone], bays: Mapping[Spot, DrawnBay]) -> Floor:
    """Put bays into the rows of their zones, and the rows where they lie."""
    of_zone: dict[int, list[DrawnBay]] = {}
    for spot, bay in bays.items():
        row = of_zone.setdefault(spot.zone_id, [])
        row.append(bay._replace(x=len(row) * BAY))
    loose = [DrawnRow(zone, of_zone.get(zone.pk, [])) for zone in zones if zone.place is None]
    placed = [(zone, zone.place, of_zone.get(zone.pk, [])) for zone in zones if zone.place is not None]
    if not placed:
        return Floor(loose, [])
    edges = [corner for _zone, place, row in placed for corner in corners(place, max(1, len(row)))]
    left, top = (min(0, *(edge[side] for edge in edges)) for side in (0, 1))
    right, bottom = (max(edge[side] for edge in edges) for side in (0, 1))
    origin = (MARGIN - _pixels(left), MARGIN - _pixels(top))
    return Floor(
        loose,
        [_placed_row(zone, place, row, origin) for zone, place, row in placed],
        _pixels(right - left) + 2 * MARGIN,
        _pixels(bottom - top) + 2 * MARGIN,
        *origin,
    )


def _with_state(spot: Spot, cars: Mapping[int, Occupant], chosen: Collection[int]) -> DrawnBay:
    car = cars.get(spot.stay) if spot.stay else None
    said = [str(SPOT_LABELS[SpotType(spot.spot_type)]), inside(str(STATES[SpotStatus(spot.status)]))]
    said += [spot.maintenance_note] if spot.maintenance and spot.maintenance_note else []
    said += [car.plate] if car and car.plate else []
    number = car.number if car else ""
    return DrawnBay(spot.pk, spot.number, spot.status, spot.spot_type, ", ".join(said), number, spot.pk in chosen)


def _placed_row(zone: Zone, place: RowPlace, bays: list[DrawnBay], origin: tuple[int, int]) -> DrawnRow:
    x, y = origin[0] + _pixels(place.left), origin[1] + _pixels(place.top)
    turn = f"translate({x} {y})" + (f" rotate({place.angle})" if place.angle else "")
    return DrawnRow(zone, bays, turn, _QUARTER < place.angle <= _THREE_QUARTERS)


def _pixels(decimetres: float) -> int:
    return round(decimetres * PIXELS_A_METRE / 10)
