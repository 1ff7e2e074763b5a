"""Cash that moves without a sale."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import CashMovement, MovementKind, Shift
from billing.shifts.closing import lock_shift, require_may_count
from billing.shifts.holding import NoOpenShiftError
from common.db.rows import add_unless_taken
from common.errors import DomainError, InvalidValueError
from common.money import LARGEST_AMOUNT

BY_HAND = (MovementKind.DROP, MovementKind.PAID_IN, MovementKind.PAID_OUT)
_NEED_REASON = (MovementKind.PAID_IN, MovementKind.PAID_OUT)


class MovementKeyUsedError(DomainError):
    """The key stands for another movement."""

    code = "idempotency_key_reused"


@transaction.atomic
def move_cash(  # noqa: PLR0913 - the facts of one row
    *, shift: Shift, kind: str, amount: int, reason: str, by: User, at: datetime, key: UUID
) -> CashMovement:
    """Record a drop to the safe, or cash that was paid in or out, `amount` in minor units; idempotent by the key.

    Never says whether the till holds that much: its count is blind. Raises ForbiddenError, NoOpenShiftError (409),
    InvalidValueError, MovementKeyUsedError.
    """
    require_may_count(shift, by)
    if kind not in BY_HAND:
        raise InvalidValueError(_("Choose what happens to the cash."), path="kind")
    if not 0 < amount <= LARGEST_AMOUNT:
        raise InvalidValueError(_("Enter an amount above zero."), path="amount")
    if kind in _NEED_REASON and not reason.strip():
        raise InvalidValueError(_("Say why in a few words."), path="reason")
    shift = lock_shift(shift)
    movement = CashMovement(
        shift=shift,
        kind=MovementKind(kind),
        amount=amount,
        reason=reason.strip(),
        moved_by=by,
        idempotency_key=f"move-{key}",
        created_at=at,
    )
    earlier = CashMovement.objects.filter(idempotency_key=movement.idempotency_key).first()
    if earlier is None and not shift.is_open:
        raise NoOpenShiftError(_("This till is being counted or closed: no cash moves any more."))
    if earlier is None and add_unless_taken(movement, "idempotency_key"):
        return movement
    if earlier is None or (earlier.shift_id, earlier.kind, earlier.amount) != (shift.pk, kind, amount):
        raise MovementKeyUsedError(_("This form was sent before for something else. Please start again."))
    return earlier
