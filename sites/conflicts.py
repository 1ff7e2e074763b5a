"""Finds where a site file contradicts the database."""

from collections import Counter
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from accounts.models import Operator
from common.errors import FieldError
from lots.models import Gate, Lot, SpotCount
from sites.shapes import LotSpec, SiteFile


def conflicts(site: SiteFile, operator: Operator, lots: Mapping[str, Lot]) -> list[FieldError]:
    """Return every conflict; `lots` are the file's existing lots by slug, locked."""
    found: list[FieldError] = []
    for spec in site.lots:
        lot = lots.get(spec.slug)
        if lot is None:
            continue
        if lot.operator_id != operator.pk:
            found.append(FieldError(f"{spec.path}.slug", _("is a lot of another operator")))
            continue
        found += [*_fixed_settings(spec, lot), *_cars_inside(spec, lot)]
    return [*found, *_gates_elsewhere(site)]


def _fixed_settings(spec: LotSpec, lot: Lot) -> Iterator[FieldError]:
    tracking = spec.values.get("tracking", lot.tracking)
    if tracking != lot.tracking and lot.levels.filter(zones__isnull=False).exists():
        yield FieldError(
            f"{spec.path}.tracking",
            _("can't change from %(tracking)s once the lot has spots") % {"tracking": lot.tracking},
        )
    currency = spec.values.get("currency", lot.currency)
    if currency != lot.currency and lot.charges.exists():
        yield FieldError(
            f"{spec.path}.currency",
            _("can't change from %(currency)s once something was charged") % {"currency": lot.currency},
        )


def _cars_inside(spec: LotSpec, lot: Lot) -> Iterator[FieldError]:
    """Yield levels with less capacity than cars inside, where cars are only counted."""
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
            said = _("%(inside)s %(spot_type)s spots of level %(number)s are in use, more than the file has") % {
                "inside": inside,
                "spot_type": row.spot_type,
                "number": number,
            }
            yield FieldError(paths.get(number, f"{spec.path}.levels"), said)


def _gates_elsewhere(site: SiteFile) -> Iterator[FieldError]:
    specs = {gate.code: (gate, spec) for spec in site.lots for gate in spec.gates or ()}
    for gate in Gate.objects.filter(code__in=specs).select_related("lot"):
        found, spec = specs[gate.code]
        if gate.lot.slug != spec.slug:
            yield FieldError(f"{found.path}.code", _("is a gate of another lot"))
