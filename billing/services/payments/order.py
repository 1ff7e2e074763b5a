"""What was asked for under an idempotency key, and how much of it may be taken."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment, PaymentState, SavedMethod
from billing.queries import pending_amount
from billing.services.debts import NothingOwedError
from billing.services.promo_codes import CodeWish
from common.db.rows import add_unless_taken
from common.errors import ConflictError, DomainError, FieldError
from devices.models import Device


class AmountTooLargeError(DomainError):
    """More was offered than is owed, or nothing at all."""

    code = "amount_exceeds_due"


class IdempotencyConflictError(DomainError):
    """The idempotency key was used for something else."""

    code = "idempotency_key_reused"


class PaymentRunningError(ConflictError):
    """A payment of the same money has not been answered yet."""

    code = "payment_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayBy:
    """The card that pays: a token of the provider, or a saved one; its page leads back to `return_url`."""

    token: str = ""
    saved_method: SavedMethod | None = None
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A payment to take, in minor units; `amount` None means all that is owed.

    With `sold`, which is what the charge is for, the caller holds the locks of both. A `hold` is not taken yet. The
    provider's pages lead to `return_url`. A code lowers the charge once the payment is captured; the payment is for the
    rest. Money in hand is taken by a person or by a machine.
    """

    charge: Charge
    method: str
    amount: int | None
    idempotency_key: str
    at: datetime
    token: str
    tendered: int | None
    taken_by: User | None
    paid_by: User | None
    receipt_email: str
    by_number: bool
    saved_method: SavedMethod | None = None
    sold: object | None = None
    hold: bool = False
    return_url: str = ""
    kept: int = 0
    together: UUID | None = None
    by_code: CodeWish | None = None
    machine: Device | None = None

    @property
    def fingerprint(self) -> str:
        """Return a digest of what was asked, equal exactly for equal bodies; it gives no token away."""
        body: list[object] = [self.charge.pk, self.method, self.amount, self.token, self.tendered]
        body += ["hold"] if self.hold else []
        body += [self.kept] if self.kept else []
        return hashlib.sha256(json.dumps(body).encode()).hexdigest()

    def earlier_payment(self) -> Payment | None:
        """Return the payment that the key already stands for. Raises IdempotencyConflictError for another body."""
        earlier = Payment.objects.select_related("charge").filter(idempotency_key=self.idempotency_key).first()
        if earlier and earlier.fingerprint != self.fingerprint:
            raise _key_used()
        return earlier

    def amount_to_take(self, charge: Charge) -> int:
        """Return what may be taken of the locked charge.

        Only payers by number wait for a pending payment: with the ticket in hand, or at a desk, nobody has to wait for
        a stranger. Raises NothingOwedError, PaymentRunningError (all that is owed is being paid), AmountTooLargeError.
        """
        if charge.balance_amount <= 0:
            raise NothingOwedError(_("Nothing is owed any more."))
        available = int(charge.balance_amount)
        if self.by_number:
            available -= pending_amount(charge)
        available -= self.by_code.off_amount if self.by_code else 0
        if available <= 0:
            raise PaymentRunningError(_("A payment is being processed. Please wait a moment."))
        amount = available if self.amount is None else self.amount
        if not 0 < amount <= available:
            message = _("The amount must be more than nothing and no more than what is owed.")
            raise AmountTooLargeError(message, errors=[FieldError("amount", message)])
        return amount

    def write(self, charge: Charge, *, state: PaymentState, **fields: object) -> Payment:
        """Insert the payment of the locked charge. Raises IdempotencyConflictError."""
        payment = Payment(
            charge=charge,
            method=self.method,
            state=state,
            idempotency_key=self.idempotency_key,
            fingerprint=self.fingerprint,
            receipt_email=self.receipt_email,
            by_number=self.by_number,
            taken_by=self.taken_by,
            paid_by=self.paid_by,
            saved_method=self.saved_method,
            is_hold=self.hold,
            together=self.together,
            created_at=self.at,
            **fields,
        )
        # The charge's lock keeps out only payments of the same charge; the key may come for another at this instant.
        if not add_unless_taken(payment, "idempotency_key"):
            raise _key_used()
        return payment


def _key_used() -> IdempotencyConflictError:
    return IdempotencyConflictError(_("This idempotency key was already used for another payment."))
