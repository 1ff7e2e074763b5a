"""Syncs a lot's levels, zones and spots with the file."""

from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, Q

from lots.models import Level, Lot, Spot, Zone
from lots.services import ZoneValues, assert_lot_locked
from lots.services.layout import lay_out_level, lay_out_spots, lay_out_zone, remove_laid_out
from reservations.models import Reservation
from sites.report import Report, changes_between, spans
from sites.shapes import LevelSpec
from tickets.models import Ticket

SPOT_FIELDS = ("level_id", "zone_id", "spot_type", "ordinal")


@dataclass(slots=True)
class _Places:
    """The rows of a lot that the file describes, by their names in the file."""

    lot: Lot
    report: Report
    levels: dict[int, Level] = field(default_factory=dict)
    zones: dict[tuple[int, str], Zone] = field(default_factory=dict)


def sync_places(lot: Lot, specs: Sequence[LevelSpec], report: Report) -> None:
    """Add, change and remove levels, zones and spots; those in use or with stays are kept and reported.

    The lot must be locked. Capacities grow before they shrink, so that counted cars always fit in between.
    """
    assert_lot_locked(lot.pk)
    places = _Places(lot, report)
    _sync_levels(places, specs)
    _sync_zones(places, specs)
    if lot.counts_spots:
        _sync_spots(places, specs)
    _remove_zones(places)
    _remove_levels(places)


def _sync_levels(places: _Places, specs: Sequence[LevelSpec]) -> None:
    known = {level.number: level for level in Level.objects.filter(lot=places.lot)}
    for spec in specs:
        level = known.get(spec.number)
        if level is None:
            level = lay_out_level(lot=places.lot, number=spec.number, name=spec.name)
            places.report.made(f'level {_level(places.lot, level)} "{level.name}"')
        elif level.name != spec.name:
            places.report.changed(f"level {_level(places.lot, level)}", {"name": (level.name, spec.name)})
            lay_out_level(lot=places.lot, number=spec.number, name=spec.name, level=level)
        places.levels[spec.number] = level


def _sync_zones(places: _Places, specs: Sequence[LevelSpec]) -> None:
    known = {
        (zone.level.number, zone.name): zone
        for zone in Zone.objects.filter(level__lot=places.lot).select_related("level__lot")
    }
    wanted = [(spec.number, values, ordinal) for spec in specs for ordinal, values in enumerate(spec.zones)]

    def shrinks(one: tuple[int, ZoneValues, int]) -> bool:
        zone = known.get((one[0], one[1].name))
        return zone is not None and (zone.count > one[1].count or zone.spot_type != one[1].spot_type)

    for number, values, ordinal in sorted(wanted, key=shrinks):
        _sync_zone(places, known.get((number, values.name)), places.levels[number], values, ordinal)


def _sync_zone(places: _Places, zone: Zone | None, level: Level, values: ZoneValues, ordinal: int) -> None:
    fields = {name: getattr(values, name) for name in ZoneValues.__slots__} | {"ordinal": ordinal}
    if zone is None:
        zone = lay_out_zone(level=level, values=fields)
        capacity = "" if places.lot.counts_spots else f", {zone.count} spots"
        places.report.made(f"zone {_level(places.lot, level)}/{zone.name} ({zone.spot_type}{capacity})")
    else:
        changes = changes_between(zone, fields)
        lay_out_zone(level=level, values={name: value for name, (_, value) in changes.items()}, zone=zone)
        places.report.changed(f"zone {_level(places.lot, level)}/{zone.name}", changes)
    places.zones[level.number, zone.name] = zone


def _sync_spots(places: _Places, specs: Sequence[LevelSpec]) -> None:
    known = {spot.number: spot for spot in Spot.objects.filter(lot=places.lot)}
    made, changed = [], []
    for spot in _wanted_spots(places, specs):
        before = known.pop(spot.number, None)
        if before is None:
            made.append(spot)
        elif any(getattr(before, name) != getattr(spot, name) for name in SPOT_FIELDS):
            changed.append(spot)
    lay_out_spots(lot=places.lot, spots=[*made, *changed])
    for mark, spots in (("+", made), ("~", changed)):
        if spots:
            said = f"{_spots(spots)} of {places.lot.slug}: {spans(spot.number for spot in spots)}"
            places.report.lines.append(f"{mark} {said}" + (" (zone, type or order)" if mark == "~" else ""))
    _remove_spots(places, list(known))


def _wanted_spots(places: _Places, specs: Sequence[LevelSpec]) -> Iterator[Spot]:
    """Yield every spot of the file, in its order."""
    ordinal = 0
    for spec in specs:
        level = places.levels[spec.number]
        for values in spec.zones:
            zone = places.zones[spec.number, values.name]
            for number in values.spot_numbers():
                yield Spot(
                    lot=places.lot,
                    level=level,
                    zone=zone,
                    number=number,
                    spot_type=values.spot_type,
                    ordinal=ordinal,
                )
                ordinal += 1


def _remove_spots(places: _Places, numbers: Sequence[str]) -> None:
    if not numbers:
        return
    surplus = Spot.objects.filter(lot=places.lot, number__in=numbers)
    parked = Q(stay__isnull=False) | Q(observed_occupied=True)
    on_record = Q(Exists(Ticket.objects.filter(spot=OuterRef("pk")))) | Q(
        Exists(Reservation.objects.filter(spot=OuterRef("pk")))
    )
    for condition, single, many in (
        (parked, "is occupied", "are occupied"),
        (~parked & Q(hold__isnull=False), "is held for a booking", "are held for bookings"),
        (~parked & Q(hold=None) & on_record, "has stays or bookings", "have stays or bookings"),
    ):
        names = list(surplus.filter(condition).order_by("ordinal").values_list("number", flat=True))
        if names:
            verb = single if len(names) == 1 else many
            places.report.keep(f"{_spots(names)} {spans(names)} of {places.lot.slug} {verb}")
    removable = surplus.filter(~parked & Q(hold=None) & ~on_record)
    names = list(removable.order_by("ordinal").values_list("number", flat=True))
    if names:
        remove_laid_out(lot=places.lot, places=removable)
        places.report.removed(f"{_spots(names)} of {places.lot.slug}: {spans(names)}")


def _remove_zones(places: _Places) -> None:
    kept = [zone.pk for zone in places.zones.values()]
    surplus = Zone.objects.filter(level__lot=places.lot).exclude(pk__in=kept).select_related("level")
    for zone in surplus.exclude(Exists(Spot.objects.filter(zone=OuterRef("pk")))).order_by("level__number", "ordinal"):
        remove_laid_out(lot=places.lot, places=Zone.objects.filter(pk=zone.pk))
        places.report.removed(f"zone {_level(places.lot, zone.level)}/{zone.name}")


def _remove_levels(places: _Places) -> None:
    surplus = Level.objects.filter(lot=places.lot).exclude(number__in=places.levels)
    for level in surplus.annotate(in_use=Exists(Zone.objects.filter(level=OuterRef("pk")))).order_by(F("number")):
        on_record = Ticket.objects.filter(level=level).exists() or Reservation.objects.filter(level=level).exists()
        if level.in_use or on_record:
            places.report.keep(f"level {_level(places.lot, level)} has spots in use, stays or bookings")
        else:
            remove_laid_out(lot=places.lot, places=Level.objects.filter(pk=level.pk))
            places.report.removed(f"level {_level(places.lot, level)}")


def _level(lot: Lot, level: Level) -> str:
    return f"{lot.slug}/{level.number}"


def _spots(of: Sized) -> str:
    return "spot" if len(of) == 1 else f"{len(of)} spots"
