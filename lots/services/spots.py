"""Writes to single spots: out of use and back, and observations."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import NotFoundError
from lots.models import Lot, Spot
from lots.observations import Observation, Observed, Source, accept
from lots.services.locks import lock_lot


class UnknownSpotError(NotFoundError):
    """The lot has no spot of this name."""

    code = "unknown_spot"


@transaction.atomic
def set_maintenance(*, lot: Lot, numbers: Sequence[str], on: bool, note: str = "") -> list[Spot]:
    """Take spots out of use, with a note, or put them back; a parked car stays. Raises UnknownSpotError."""
    lock_lot(lot.pk)
    spots = spots_named(lot, numbers)
    changed = {"maintenance": on, "maintenance_note": note if on else "", "maintenance_until": None}
    lot.spots.filter(number__in=numbers).update(**changed)
    for spot in spots:
        spot.refresh_from_db()
    return spots


def spots_named(lot: Lot, numbers: Sequence[str]) -> list[Spot]:
    """Return a lot's spots with these numbers, in their order. Raises UnknownSpotError."""
    spots = list(lot.spots.filter(number__in=numbers).order_by("ordinal", "pk"))
    unknown = set(numbers) - {spot.number for spot in spots}
    if unknown:
        raise UnknownSpotError(_("%(lot)s has no spot %(spot)s.") % {"lot": lot.name, "spot": min(unknown)})
    return spots


@transaction.atomic
def observe_spot(*, spot: Spot, sighting: Observation) -> Spot:
    """Record an observation if `lots.observations` accepts it; it never ends a stay."""
    lock_lot(spot.lot_id)
    spot = Spot.objects.get(pk=spot.pk)
    before = _observed(spot)
    after = accept(before, sighting)
    if after is before:
        return spot
    believed, pending = after.believed, after.pending
    Spot.objects.filter(pk=spot.pk).update(
        observed_occupied=believed.occupied if believed else None,
        observed_source=believed.source if believed else None,
        observed_confidence=believed.confidence if believed else None,
        observed_at=believed.at if believed else None,
        pending_occupied=pending.occupied if pending else None,
        pending_source=pending.source if pending else None,
        pending_at=pending.at if pending else None,
    )
    spot.refresh_from_db()
    return spot


def _observed(spot: Spot) -> Observed:
    believed = pending = None
    if spot.observed_at is not None and spot.observed_source is not None:
        believed = Observation(
            occupied=bool(spot.observed_occupied),
            source=Source(spot.observed_source),
            confidence=spot.observed_confidence or 0.0,
            at=spot.observed_at,
        )
    if spot.pending_at is not None and spot.pending_source is not None:
        # Its exact confidence no longer matters, only that it waits for a second one.
        pending = Observation(bool(spot.pending_occupied), Source(spot.pending_source), 0.0, spot.pending_at)
    return Observed(believed=believed, pending=pending)
