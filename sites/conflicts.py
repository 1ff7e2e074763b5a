"""What a site file contradicts in what there is."""

from collections import Counter
from collections.abc import Iterator, Mapping

from accounts.models import Operator
from common.errors import FieldError
from lots.models import Gate, Lot, SpotCount
from sites.shapes import LotSpec, SiteFile


def conflicts(site: SiteFile, operator: Operator, lots: Mapping[str, Lot]) -> list[FieldError]:
    """List every contradiction; `lots` are the known lots of the file by slug, locked."""
    found: list[FieldError] = []
    for spec in site.lots:
        lot = lots.get(spec.slug)
        if lot is None:
            continue
        if lot.operator_id != operator.pk:
            found.append(FieldError(f"{spec.path}.slug", "is the lot of another operator"))
            continue
        found += [*_fixed_settings(spec, lot), *_cars_inside(spec, lot)]
    return [*found, *_gates_elsewhere(site)]


def _fixed_settings(spec: LotSpec, lot: Lot) -> Iterator[FieldError]:
    tracking = spec.values.get("tracking", lot.tracking)
    if tracking != lot.tracking and lot.levels.filter(zones__isnull=False).exists():
        yield FieldError(f"{spec.path}.tracking", f"can't change from {lot.tracking} once the lot has places")
    currency = spec.values.get("currency", lot.currency)
    if currency != lot.currency and lot.charges.exists():
        yield FieldError(f"{spec.path}.currency", f"can't change from {lot.currency} once something was charged")


def _cars_inside(spec: LotSpec, lot: Lot) -> Iterator[FieldError]:
    """Where cars are counted, a level must keep room for those inside."""
    if lot.counts_spots or spec.levels is None:
        return
    wanted: Counter[tuple[int, str]] = Counter()
    for level in spec.levels:
        for zone in level.zones:
            wanted[level.number, zone.spot_type] += zone.count
    paths = {level.number: level.path for level in spec.levels}
    for row in SpotCount.objects.filter(lot=lot).select_related("level"):
        number, inside = row.level.number, row.occupied + row.reserved + row.maintenance
        if wanted[number, row.spot_type] < inside:
            said = f"{inside} {row.spot_type} places of level {number} are in use, more than the file leaves"
            yield FieldError(paths.get(number, f"{spec.path}.levels"), said)


def _gates_elsewhere(site: SiteFile) -> Iterator[FieldError]:
    specs = {gate.code: (gate, spec) for spec in site.lots for gate in spec.gates or ()}
    for gate in Gate.objects.filter(code__in=specs).select_related("lot"):
        found, spec = specs[gate.code]
        if gate.lot.slug != spec.slug:
            yield FieldError(f"{found.path}.code", "is the gate of another lot")
