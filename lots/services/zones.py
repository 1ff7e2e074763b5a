"""Writes to zones, with their spots in lots that track spots."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from common.db.constraints import constraint_of
from common.errors import ConflictError, DomainError, FieldError, InvalidValueError
from lots.compatibility import SpotType
from lots.drawn_rows import RowPlace
from lots.models import SPOT_LABELS, Level, Lot, Spot, Zone
from lots.services.levels import PlacesInUseError, level_name
from lots.services.locks import lock_lot

MOST_SPOTS_PER_LOT = 100_000
LARGEST_STEP = 1_000
BATCH = 2_000


class ZoneExistsError(ConflictError):
    """The level has a zone of this name."""

    code = "zone_exists"


class SpotExistsError(ConflictError):
    """The lot has a spot of this name."""

    code = "spot_exists"


class TooManySpotsError(DomainError):
    """A lot has at most MOST_SPOTS_PER_LOT spots."""

    code = "too_many_spots"


class CapacityInUseError(ConflictError):
    """More cars are inside than the new capacity would hold."""

    code = "capacity_in_use"


@dataclass(frozen=True, slots=True)
class ZoneValues:
    """The values of a zone; distances in metres. `prefix`, `start` and `step` name its spots: prefix + number.

    `left`, `top` and `angle` say where its row is drawn (`lots.drawn_rows`).
    """

    name: str
    spot_type: str
    count: int
    prefix: str = ""
    start: int = 1
    distance: int | None = None
    elevator_distance: int | None = None
    step: int = 1
    left: int | None = None
    top: int | None = None
    angle: int = 0

    def spot_numbers(self) -> list[str]:
        """Return the names of the zone's spots in order."""
        return [f"{self.prefix}{self.start + self.step * place}" for place in range(self.count)]


@transaction.atomic
def add_zone(*, level: Level, values: ZoneValues) -> Zone:
    """Add a zone at the end of a level; where spots are tracked, add its spots at the end of the lot.

    Raises ZoneExistsError, SpotExistsError, TooManySpotsError or InvalidValueError.
    """
    lot = level.lot
    _require_whole_place(values)
    lock_lot(lot.pk)
    _refuse_taken_name(level, values.name)
    if values.count > MOST_SPOTS_PER_LOT - lot.spots.count():
        raise TooManySpotsError(_("A lot has at most %(most)s spots.") % {"most": format(MOST_SPOTS_PER_LOT, ",")})
    zone = Zone.objects.create(
        level=level,
        ordinal=_after(level.zones.aggregate(last=Max("ordinal"))["last"]),
        **{name: getattr(values, name) for name in ZoneValues.__slots__},
    )
    if lot.counts_spots:
        _make_spots(zone, values.spot_numbers())
    return zone


@transaction.atomic
def add_places(*, lot: Lot, level_number: int, values: ZoneValues) -> Zone:
    """Add a zone to a level, which is created if needed; the default name is made of its spots.

    Raises as add_zone.
    """
    lock_lot(lot.pk)
    level = lot.levels.filter(number=level_number).first()
    if level is None:
        level = Level.objects.create(lot=lot, number=level_number, name=level_name(level_number))
    return add_zone(level=level, values=values if values.name else replace(values, name=_default_name(level, values)))


@transaction.atomic
def change_zone(*, zone: Zone, values: ZoneValues) -> Zone:
    """Change a zone's name, distances and place on the plan; where only cars are counted, its capacity and type too.

    Where spots are tracked, add spots by another zone, and number them by `number_zone`. Raises ZoneExistsError,
    CapacityInUseError or InvalidValueError.
    """
    lot = zone.level.lot
    _require_whole_place(values)
    lock_lot(lot.pk)
    _refuse_taken_name(zone.level, values.name, but=zone)
    fields = ["name", "distance", "elevator_distance", "left", "top", "angle"]
    if not lot.counts_spots:
        fields += ["count", "spot_type"]
    for name in fields:
        setattr(zone, name, getattr(values, name))
    try:
        with transaction.atomic():
            zone.save(update_fields=fields)
    except IntegrityError as error:
        raise _capacity_in_use(error) from error
    return zone


def _require_whole_place(values: ZoneValues) -> None:
    if (values.left is None) != (values.top is None):
        raise InvalidValueError(
            _("A row needs both distances, or neither."), path="left" if values.left is None else "top"
        )


@transaction.atomic
def place_rows(*, level: Level, places: Mapping[int, RowPlace | None]) -> int:
    """Put rows (by the keys of their zones) where they lie on a level's plan, or off it; return how many move.

    Idempotent; those of another level stay where they are.
    """
    lock_lot(level.lot_id)
    moved = []
    for zone in level.zones.filter(pk__in=places):
        place = places[zone.pk]
        if place != zone.place:
            zone.left, zone.top, zone.angle = place or (None, None, 0)
            moved.append(zone)
    Zone.objects.bulk_update(moved, ["left", "top", "angle"], batch_size=BATCH)
    return len(moved)


@transaction.atomic
def remove_zone(*, zone: Zone) -> None:
    """Delete a zone with its spots. Raises PlacesInUseError when one was ever used or a counted car needs it."""
    lock_lot(zone.level.lot_id)
    try:
        with transaction.atomic():
            zone.spots.all().delete()
            zone.delete()
    except ProtectedError as error:
        raise PlacesInUseError(_("This zone has stays or bookings and can't be removed.")) from error
    except IntegrityError as error:
        raise _capacity_in_use(error) from error


def _default_name(level: Level, values: ZoneValues) -> str:
    """Return the letters of its spots, else their type, with a number when that is taken."""
    return free_name(level, values.prefix.strip(" -_./") or str(SPOT_LABELS[SpotType(values.spot_type)]))


def free_name(level: Level, wished: str) -> str:
    """Return a name for a zone of a level, with a number when it is taken."""
    taken = set(level.zones.values_list("name", flat=True))
    return next(name for name in (wished, *(f"{wished} {n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _make_spots(zone: Zone, numbers: list[str]) -> None:
    level, lot = zone.level, zone.level.lot
    first = _after(lot.spots.aggregate(last=Max("ordinal"))["last"])
    refuse_taken_numbers(lot, numbers)
    spots = [
        Spot(lot=lot, level=level, zone=zone, number=number, spot_type=zone.spot_type, ordinal=ordinal)
        for ordinal, number in enumerate(numbers, start=first)
    ]
    Spot.objects.bulk_create(spots, batch_size=BATCH)


def refuse_taken_numbers(lot: Lot, numbers: list[str], *, but: Zone | None = None) -> None:
    """Raise SpotExistsError when a spot of the lot, outside the zone `but`, has one of these numbers."""
    others = lot.spots.exclude(zone=but) if but else lot.spots.all()
    taken = others.filter(number__in=numbers).order_by("ordinal").values_list("number", flat=True).first()
    if taken is not None:
        message = _("The lot has a spot %(spot)s already.") % {"spot": taken}
        raise SpotExistsError(message, errors=[FieldError("prefix", message)])


def _after(last: int | None) -> int:
    return 0 if last is None else last + 1


def _refuse_taken_name(level: Level, name: str, *, but: Zone | None = None) -> None:
    taken = level.zones.filter(name=name).first()
    if taken is not None and taken != but:
        message = _("%(level)s has a zone %(zone)s already.") % {"level": level.name, "zone": name}
        raise ZoneExistsError(message, errors=[FieldError("name", message)])


def _capacity_in_use(error: IntegrityError) -> DomainError | IntegrityError:
    if constraint_of(error) not in {"spot_count_free_not_negative", "spot_count_not_negative"}:
        return error
    message = _("More cars are inside than that.")
    return CapacityInUseError(message, errors=[FieldError("count", message)])
