"""Vouchers: made by an operator, used once at a desk."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Operator, User
from billing.models import Charge, Payment, PaymentMethod, Voucher
from billing.services.payments import IdempotencyConflictError, take_payment
from common.crockford import body_of, checks_out, new_number_of
from common.errors import ConflictError, FieldError, InvalidValueError
from lots.calendar import local_day

PREFIX = "GV-"
MOST_AT_ONCE = 200


class VoucherUsedError(ConflictError):
    """The voucher has paid already."""

    code = "voucher_used"

    def __init__(self) -> None:
        message = _("This voucher has been used.")
        super().__init__(message, errors=[FieldError("code", message)])


def make_vouchers(  # noqa: PLR0913 - the facts of the rows
    *, operator: Operator, number: int, amount: int, valid_until: date | None, note: str, by: User, at: datetime
) -> Sequence[Voucher]:
    """Make so many vouchers of an amount in the operator's currency, each with a code of its own."""
    return Voucher.objects.bulk_create(
        Voucher(
            operator=operator,
            code=new_number_of(PREFIX, secrets.randbelow),
            amount=amount,
            currency=operator.currency,
            valid_until=valid_until,
            note=note,
            made_by=by,
            made_at=at,
        )
        for _number in range(min(number, MOST_AT_ONCE))
    )


@transaction.atomic
def use_voucher_locked(  # noqa: PLR0913 - the facts of one payment
    charge: Charge, typed: str, *, by: User, at: datetime, key: str, sold: object
) -> Payment:
    """Let a voucher pay what a locked charge owes, up to its amount; `sold` is as for `take_payment`.

    The same key gives the first payment. Raises IdempotencyConflictError for another charge or voucher with it,
    InvalidValueError, in the same words for all that are not valid here, VoucherUsedError (409), and what
    `take_payment` raises.
    """
    body = body_of(typed, PREFIX)
    code = PREFIX + body if body and checks_out(body) else ""
    earlier = Payment.objects.select_related("charge", "voucher").filter(idempotency_key=key).first()
    if earlier is not None:
        if (earlier.charge_id, earlier.voucher.code) != (charge.pk, code):
            raise IdempotencyConflictError(_("This idempotency key was already used for another payment."))
        return earlier
    of_operator = Voucher.objects.filter(operator=charge.lot.operator_id, currency=charge.currency, code=code)
    voucher = of_operator.select_for_update(of=("self",)).first()
    if voucher is None or (voucher.valid_until and voucher.valid_until < local_day(charge.lot, at)):
        raise InvalidValueError(_("This voucher is not valid here."), path="code")
    if voucher.payment_id is not None:
        raise VoucherUsedError
    payment = take_payment(
        charge=charge,
        method=PaymentMethod.VOUCHER,
        amount=min(voucher.amount, int(charge.balance_amount)),
        idempotency_key=key,
        at=at,
        taken_by=by,
        sold=sold,
    )
    voucher.payment = payment
    voucher.save(update_fields=["payment"])
    return payment
