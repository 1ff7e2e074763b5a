"""Rows of bays: their types and numbers. A zone keeps naming its spots, so a row falls apart where types meet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import ConflictError, FieldError
from lots.compatibility import SpotType
from lots.drawn_rows import BayRun, RowPlace, moved_along, runs
from lots.models import SPOT_LABELS, Level, Lot, Spot, Zone
from lots.services.locks import lock_lot
from lots.services.spots import spots_named
from lots.services.zones import BATCH, ZoneValues, free_name, refuse_taken_numbers

_SAME = ("spot_type", "prefix", "step", "distance", "elevator_distance")
_ROUNDING = 1
MOST_TOLD = 8


class SpotInUseError(ConflictError):
    """A car stands in the spot, or it is held for one."""

    code = "spot_in_use"


@transaction.atomic
def retype_spots(*, lot: Lot, numbers: Sequence[str], spot_type: str) -> list[Spot]:
    """Give spots another type, in zones of their own; those that follow each other become one zone again.

    Idempotent. Raises UnknownSpotError, and SpotInUseError while a car stands in one or it is held.
    """
    lock_lot(lot.pk)
    spots = [spot for spot in spots_named(lot, numbers) if spot.spot_type != spot_type]
    _refuse_used(spots, "spot_type")
    of_zone = defaultdict(set)
    for spot in spots:
        of_zone[spot.zone_id].add(spot.pk)
    for level in Level.objects.filter(zones__in=of_zone).distinct().order_by("pk"):
        _retype_on(level, of_zone, spot_type)
    return spots_named(lot, numbers)


@transaction.atomic
def number_zone(*, zone: Zone, prefix: str, start: int, step: int) -> Zone:
    """Give the spots of a zone other numbers, in their order; what is known of them stays theirs.

    Raises SpotExistsError, and SpotInUseError while a car stands in one or it is held.
    """
    lot = zone.level.lot
    lock_lot(lot.pk)
    zone = Zone.objects.select_related("level__lot").get(pk=zone.pk)
    if (zone.prefix, zone.start, zone.step) == (prefix, start, step):
        return zone
    spots = list(zone.spots.order_by("ordinal", "pk"))
    _refuse_used(spots, "prefix")
    numbers = ZoneValues(zone.name, zone.spot_type, len(spots), prefix=prefix, start=start, step=step).spot_numbers()
    refuse_taken_numbers(lot, numbers, but=zone)
    # Their own numbers may be given to others of them, so all of them lose theirs first.
    for names in ([f"\u2026{spot.pk}" for spot in spots], numbers):
        for spot, name in zip(spots, names, strict=True):
            spot.number = name
        Spot.objects.bulk_update(spots, ["number"], batch_size=BATCH)
    zone.prefix, zone.start, zone.step = prefix, start, step
    zone.save(update_fields=["prefix", "start", "step"])
    return zone


def _refuse_used(spots: Iterable[Spot], path: str) -> None:
    """Raise SpotInUseError that says of each spot why it can't change."""
    used = [spot for spot in spots if spot.stay is not None or spot.hold is not None]
    if not used:
        return
    said = [_("%(spot)s: a car stands there.") if spot.stay else _("%(spot)s: held for a booking.") for spot in used]
    told = [text % {"spot": spot.number} for text, spot in zip(said, used, strict=True)]
    raise SpotInUseError(" ".join(told[:MOST_TOLD]), errors=[FieldError(path, one) for one in told[:MOST_TOLD]])


def _retype_on(level: Level, chosen: dict[int, set[int]], spot_type: str) -> None:
    """Cut the zones of a level at the chosen spots, and keep their order."""
    zones: list[Zone] = []
    touched: set[int] = set()
    named: set[int] = set()
    for zone in level.zones.order_by("ordinal", "pk"):
        parts = _cut(zone, chosen[zone.pk], spot_type) if zone.pk in chosen else [zone]
        if zone.pk in chosen:
            touched |= {part.pk for part in parts}
            named |= {part.pk for part in parts if part.pk != zone.pk or len(parts) == 1}
        zones += parts
    kept = _joined(zones, touched, named)
    for ordinal, zone in enumerate(kept):
        zone.ordinal = ordinal
    Zone.objects.bulk_update(kept, ["ordinal", "count"], batch_size=BATCH)


def _cut(zone: Zone, chosen: Collection[int], spot_type: str) -> list[Zone]:
    """Return the zones that a zone becomes; the first of its type stays the zone."""
    keys = list(zone.spots.order_by("ordinal", "pk").values_list("pk", flat=True))
    cut = runs(len(keys), {place for place, key in enumerate(keys) if key in chosen})
    stays = next((run for run in cut if not run.chosen), None)
    if stays is None:
        zone.spots.update(spot_type=spot_type)
        zone.spot_type = spot_type
        zone.name = free_name(zone.level, str(SPOT_LABELS[SpotType(spot_type)]))
        zone.save(update_fields=["spot_type", "name"])
        return [zone]
    parts = []
    original = ZoneValues(**{name: getattr(zone, name) for name in ZoneValues.__slots__})
    for run in cut:
        part = zone if run is stays else Zone(level=zone.level, spot_type=spot_type if run.chosen else zone.spot_type)
        _set_run(part, original, run)
        part.save()
        if part is not zone:
            spots = Spot.objects.filter(pk__in=keys[run.first : run.first + run.bays])
            spots.update(zone=part, spot_type=part.spot_type)
        parts.append(part)
    return parts


def _set_run(part: Zone, original: ZoneValues, run: BayRun) -> None:
    """Describe a part of a zone by what the whole was."""
    if not part.name:
        part.name = free_name(part.level, str(SPOT_LABELS[SpotType(part.spot_type)]) if run.chosen else original.name)
    part.prefix, part.step, part.angle = original.prefix, original.step, original.angle
    part.start, part.count = original.start + run.first * original.step, run.bays
    part.distance, part.elevator_distance = original.distance, original.elevator_distance
    if original.left is not None and original.top is not None:
        place = RowPlace(original.left, original.top, original.angle)
        part.left, part.top, part.angle = moved_along(place, run.first)


def _joined(zones: Sequence[Zone], touched: set[int], named: Collection[int]) -> list[Zone]:
    """Join zones that go on where the one before ends, if one of both was `touched`; a name just made up gives way."""
    kept: list[Zone] = []
    for zone in zones:
        before = kept[-1] if kept else None
        if before is None or not ({before.pk, zone.pk} & touched and _goes_on(before, zone)):
            kept.append(zone)
            continue
        Spot.objects.filter(zone=zone).update(zone=before)
        gone, before.count = zone.pk, before.count + zone.count
        Zone.objects.filter(pk=gone).delete()
        touched.add(before.pk)
        if before.pk in named and gone not in named:
            before.name = zone.name
            before.save(update_fields=["name"])
    return kept


def _goes_on(before: Zone, zone: Zone) -> bool:
    if any(getattr(before, name) != getattr(zone, name) for name in _SAME):
        return False
    if zone.start != before.start + before.count * before.step:
        return False
    if before.place is None or zone.place is None:
        return before.place is zone.place
    expected = moved_along(before.place, before.count)
    return all(abs(one - other) <= _ROUNDING for one, other in zip(expected, zone.place, strict=True))
