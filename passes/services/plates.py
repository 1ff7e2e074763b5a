"""The plates of a pass: added, removed and swapped; never while their car is inside on it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import FieldError
from common.plates import normalise
from lots.calendar import zone_of
from passes.errors import PassStateError, PlateOnPassError, PlateParkedError, SwapLimitError, TooManyPlatesError
from passes.models import Pass, PassPlate
from passes.models.held import ENDED
from passes.services.holding import holder_of, require_no_overlap
from passes.services.locking import lock_with_lots
from passes.services.making import readable_plates, write_plates
from passes.services.states import note_change


@transaction.atomic
def add_plate(*, held_pass: Pass, plate: str, by: User, at: datetime, label: str = "") -> PassPlate:
    """Let one more plate park on a pass; `label` says whose it is.

    Raises PlateError, InvalidValueError, TooManyPlatesError, PassesOverlapError (409), PlateOnPassError (409) and
    PassStateError (409).
    """
    held = _lock(held_pass)
    if held.plates.current().count() >= held.most_plates:
        message = _("This pass is for %(most)s plates at most.") % {"most": held.most_plates}
        raise TooManyPlatesError(message, errors=[FieldError("plate", message)])
    added = _add(held, plate, by, at, swapped_in=False)
    added.label = label
    added.save(update_fields=["label"])
    return added


@transaction.atomic
def remove_plate(*, held_pass: Pass, plate: str, by: User, at: datetime) -> PassPlate:
    """Take a plate off a pass. Raises PlateOnPassError (409), PlateParkedError (409), PassStateError (409)."""
    return _remove(_lock(held_pass), plate, by, at, path="plate")


@transaction.atomic
def swap_plate(  # noqa: PLR0913 - which for which, who and when
    *, held_pass: Pass, old: str, new: str, by: User, at: datetime, limited: bool = True
) -> PassPlate:
    """Put a plate in place of another, and return it; never while the car of that one is inside on the pass.

    A holder may do so `swaps_per_month` times a month of the lot's calendar; the operator's people are not `limited`.
    Raises SwapLimitError (409) and what `add_plate` and `remove_plate` raise.
    """
    held = _lock(held_pass)
    if limited and _swaps_this_month(held, at) >= held.swaps_per_month:
        message = _("You can change plates %(times)s times a month. You can do so again next month.")
        raise SwapLimitError(message % {"times": held.swaps_per_month})
    gone = _remove(held, old, by, at, path="old")
    added = _add(held, new, by, at, swapped_in=True)
    added.label = gone.label
    added.save(update_fields=["label"])
    return added


def swaps_left(held: Pass, *, at: datetime) -> int:
    """Return how many times this month a holder may still swap a plate."""
    return max(0, held.swaps_per_month - _swaps_this_month(held, at))


def _lock(held_pass: Pass) -> Pass:
    held = lock_with_lots(held_pass)
    if held.status in ENDED:
        raise PassStateError(_("This pass has ended."))
    return held


def _add(held: Pass, plate: str, by: User, at: datetime, *, swapped_in: bool) -> PassPlate:
    plates = readable_plates([plate], 1, path="plate")
    if held.plates.current().filter(plate_normalised__in=plates).exists():
        message = _("This pass has the plate %(plate)s already.") % {"plate": plate}
        raise PlateOnPassError(message, errors=[FieldError("plate", message)])
    lots = list(held.lots.all())
    require_no_overlap(holder_of(held), plates, lots, held.valid_from, held.valid_until, but=held)
    [added] = write_plates(held, plates, at=at, by=by, swapped_in=swapped_in)
    note_change(held, held.status, at=at, by=by, why=_("%(plate)s added") % {"plate": added.plate})
    return added


def _remove(held: Pass, plate: str, by: User, at: datetime, *, path: str) -> PassPlate:
    normalised = normalise(plate, path=path)
    gone = held.plates.current().filter(plate_normalised=normalised).first()
    if gone is None:
        message = _("This pass has no plate %(plate)s.") % {"plate": plate}
        raise PlateOnPassError(message, errors=[FieldError(path, message)])
    if held.uses.filter(plate_normalised=gone.plate_normalised, left_at=None).exists():
        message = _("%(plate)s is parked on this pass. Change it once the car has left.") % {"plate": gone.plate}
        raise PlateParkedError(message, errors=[FieldError(path, message)])
    gone.removed_at, gone.removed_by = at, by
    gone.save(update_fields=["removed_at", "removed_by"])
    note_change(held, held.status, at=at, by=by, why=_("%(plate)s removed") % {"plate": gone.plate})
    return gone


def _swaps_this_month(held: Pass, at: datetime) -> int:
    begin = at.astimezone(zone_of(held.lot)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(held.plates.filter(swapped_in=True, added_at__gte=begin).count())
