"""Keeps a spot for a reservation, and lets it go."""

from django.db import transaction

from common.errors import ConflictError
from lots.models import Spot
from lots.services.locks import lock_lot


class SpotNotFreeError(ConflictError):
    """The spot is taken, held for another, or out of use."""

    code = "spot_not_free"


@transaction.atomic
def hold_spot(*, spot: Spot, reservation_id: int) -> Spot:
    """Keep a spot for a reservation; the same hold twice is as once. Raises SpotNotFreeError."""
    lock_lot(spot.lot_id)
    spot = Spot.objects.get(pk=spot.pk)
    if spot.hold == reservation_id:
        return spot
    if spot.hold is not None or spot.stay is not None or spot.maintenance:
        raise SpotNotFreeError(f"Spot {spot.number} is not free.")
    spot.hold = reservation_id
    spot.save(update_fields=["hold"])
    return spot


@transaction.atomic
def release_hold(*, spot: Spot, reservation_id: int) -> Spot:
    """End a reservation's hold on a spot; a spot that it does not hold stays as it is."""
    lock_lot(spot.lot_id)
    spot = Spot.objects.get(pk=spot.pk)
    if spot.hold == reservation_id:
        spot.hold = None
        spot.save(update_fields=["hold"])
    return spot
