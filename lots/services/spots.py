"""Changes single spots: out of use and back, and what sensors and people saw."""

from collections.abc import Sequence

from django.db import transaction

from common.errors import NotFoundError
from lots.models import Lot, Spot
from lots.services.locks import lock_lot


class UnknownSpotError(NotFoundError):
    """The lot has no spot of this name."""

    code = "unknown_spot"


@transaction.atomic
def set_maintenance(*, lot: Lot, numbers: Sequence[str], on: bool, note: str = "") -> list[Spot]:
    """Take spots out of use (with a note why) or put them back; a car inside stays. Raises UnknownSpotError."""
    lock_lot(lot.pk)
    spots = list(lot.spots.filter(number__in=numbers))
    unknown = set(numbers) - {spot.number for spot in spots}
    if unknown:
        raise UnknownSpotError(f"{lot.name} has no spot {min(unknown)}.")
    lot.spots.filter(number__in=numbers).update(maintenance=on, maintenance_note=note if on else "")
    for spot in spots:
        spot.refresh_from_db()
    return spots
