"""Holds of spots for reservations."""

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import ConflictError
from lots.models import Spot
from lots.services.locks import lock_lot


class SpotNotFreeError(ConflictError):
    """The spot is taken, held for another, or out of use."""

    code = "spot_not_free"


@transaction.atomic
def hold_spot(*, spot: Spot, reservation_id: int) -> Spot:
    """Hold a spot for a reservation. Idempotent. Raises SpotNotFreeError."""
    lock_lot(spot.lot_id)
    spot = Spot.objects.get(pk=spot.pk)
    if spot.hold == reservation_id:
        return spot
    if spot.hold is not None or spot.stay is not None or spot.maintenance:
        raise SpotNotFreeError(_("Spot %(number)s is not free.") % {"number": spot.number})
    spot.hold = reservation_id
    spot.save(update_fields=["hold"])
    return spot


@transaction.atomic
def release_hold(*, spot: Spot, reservation_id: int) -> Spot:
    """Release a reservation's hold on a spot. Idempotent."""
    lock_lot(spot.lot_id)
    spot = Spot.objects.get(pk=spot.pk)
    if spot.hold == reservation_id:
        spot.hold = None
        spot.save(update_fields=["hold"])
    return spot
