"""A voucher as a part of what a car at the desk pays; the rest is taken as usual."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Payment
from billing.services import NothingOwedError
from billing.services.vouchers import use_voucher_locked
from lots.services import lock_lot
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.services import assess_stay, lock_stay, require_open


@transaction.atomic
def take_voucher(*, ticket: Ticket, code: str, key: UUID, by: User, at: datetime) -> Payment:
    """Let a voucher pay a part of a stay's fee, or all of it; no gate opens. Idempotent by the key.

    Raises StayOverError, NothingOwedError and VoucherUsedError (409), and InvalidValueError.
    """
    lock_lot(ticket.lot_id)
    stay = lock_stay(ticket)
    require_open(stay.ticket)
    charge = assess_stay(stay, fee_of(stay.ticket, at), at)
    if charge is None:
        raise NothingOwedError(_("Nothing is owed."))
    charge.lot = stay.lot
    return use_voucher_locked(charge, code, by=by, at=at, key=f"voucher-{key}", sold=stay)
