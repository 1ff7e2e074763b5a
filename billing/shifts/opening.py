"""Opening a shift with a counted float."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import Role, User
from billing.models import MovementKind, Shift, ShiftState
from billing.models.shifts import LONGEST_DRAWER
from billing.shifts.holding import NoOpenShiftError
from common.errors import ConflictError, DomainError, FieldError, ForbiddenError, InvalidValueError
from common.money import LARGEST_AMOUNT
from devices.models import Device
from lots.access import has_role_at
from lots.models import Lot

_ONE_TILL = ("shift_one_open_per_person", "shift_one_open_per_device", "shift_once_per_key")


class ShiftOpenError(ConflictError):
    """The person or machine has a shift that is not closed."""

    code = "shift_open"


class ShiftKeyUsedError(DomainError):
    """The key stands for another shift."""

    code = "idempotency_key_reused"


class DrawerTakenError(ConflictError):
    """Another shift has the drawer."""

    code = "drawer_taken"


def open_shift(  # noqa: PLR0913 - the facts of one row
    *, person: User, lot: Lot, drawer: str, float_amount: int, at: datetime, idempotency_key: str | None = None
) -> Shift:
    """Open a person's till at a lot, in a drawer there, with the float counted (minor units of the lot's currency).

    A shift that left its money in the drawer is followed. The same key gives the first shift. Raises ForbiddenError for
    who doesn't work there, ShiftOpenError (409), DrawerTakenError (409), ShiftKeyUsedError, InvalidValueError.
    """
    if not has_role_at(person, Role.ATTENDANT, lot):
        raise ForbiddenError(_("You don't work at this lot."))
    drawer = " ".join(drawer.split())
    if not drawer:
        raise InvalidValueError(_("Name the drawer, such as Till 1."), path="drawer")
    if not 0 <= float_amount <= LARGEST_AMOUNT:
        raise InvalidValueError(_("Count the float."), path="float_amount")
    last = last_in_drawer(lot, drawer)
    follows = last if last and left_in_drawer(last) and not last.followers.exists() else None
    shift = Shift(
        person=person,
        lot=lot,
        drawer=drawer,
        currency=lot.currency,
        float_amount=float_amount,
        follows=follows,
        opened_at=at,
        idempotency_key=idempotency_key,
    )
    earlier = _opened_before(shift)
    if earlier is not None:
        return earlier
    try:
        save_unfinished(shift)
    except (ShiftOpenError, DrawerTakenError):
        # The same request may have opened it since we looked.
        earlier = _opened_before(shift)
        if earlier is None:
            raise
        return earlier
    return shift


def till_of_machine(device: Device, *, at: datetime) -> Shift:
    """Return the open till of a machine, which begins with this sale unless one is open.

    What it takes is in no drawer that anybody works with, so it starts empty. Needs a transaction. Raises
    NoOpenShiftError while it is being counted.
    """
    till = Shift.objects.unfinished().filter(device=device).first()
    if till is not None and not till.is_open:
        raise NoOpenShiftError(_("The till of this machine is being counted. Try again in a moment."))
    if till is None:
        number = f" {device.pk}"
        till = Shift(
            device=device,
            lot=device.lot,
            drawer=device.name[: LONGEST_DRAWER - len(number)] + number,
            currency=device.lot.currency,
            float_amount=0,
            opened_at=at,
        )
        save_unfinished(till)
    return till


def _opened_before(shift: Shift) -> Shift | None:
    """Return the shift that was opened under the key of this one. Raises ShiftKeyUsedError when it is another."""
    if shift.idempotency_key is None:
        return None
    earlier = Shift.objects.filter(idempotency_key=shift.idempotency_key).first()
    asked = (shift.person_id, shift.lot_id, shift.drawer, shift.float_amount)
    if earlier and (earlier.person_id, earlier.lot_id, earlier.drawer, earlier.float_amount) != asked:
        raise ShiftKeyUsedError(_("This idempotency key was already used for another shift."))
    return earlier


def save_unfinished(shift: Shift) -> None:
    """Save a shift that is to be open. Raises ShiftOpenError, DrawerTakenError."""
    try:
        with transaction.atomic():
            shift.save()
    except IntegrityError as error:
        if any(name in str(error) for name in _ONE_TILL):
            raise ShiftOpenError(
                _("%(person)s has an open shift already. Close it first.") % {"person": shift.holder}
            ) from error
        if "shift_one_open_per_drawer" in str(error):
            message = _("%(drawer)s is in use by another shift. Choose another drawer.") % {"drawer": shift.drawer}
            raise DrawerTakenError(message, errors=[FieldError("drawer", message)]) from error
        raise


def last_in_drawer(lot: Lot, drawer: str) -> Shift | None:
    """Return the last closed shift of a drawer."""
    closed = Shift.objects.filter(lot=lot, drawer__iexact=drawer, state=ShiftState.CLOSED)
    return closed.order_by("-closed_at", "-id").first()


def left_in_drawer(shift: Shift) -> int:
    """Return what a closed shift left in its drawer for the next cashier, in minor units."""
    left = shift.movements.filter(kind=MovementKind.HANDED_OVER, closes_round=shift.round)
    return int(left.aggregate(sum=Sum("amount", default=0))["sum"])
