"""The locks of a pass: its lots in rising order, then the pass."""

from lots.services import lock_lot
from passes.models import Pass


def lock_pass(held_pass: Pass) -> Pass:
    """Lock a pass alone, where no car can come in on it meanwhile or that does not matter; return it as it is now."""
    locked = Pass.objects.select_for_update(of=("self",), no_key=True).select_related("lot__operator", "company")
    return locked.get(pk=held_pass.pk)


def lock_with_lots(held_pass: Pass) -> Pass:
    """Lock the lots of a pass and the pass, so that no car comes in on it meanwhile; return it as it is now."""
    for lot_id in held_pass.lots.order_by("pk").values_list("pk", flat=True):
        lock_lot(lot_id)
    return lock_pass(held_pass)
