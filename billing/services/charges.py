"""What is owed: assessing a charge, lowering it, and noticing that it is settled.

Functions that end in `_locked` take a charge as it is in this transaction, which holds its lock; the others lock it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Credit, CreditKind, Payment, Tariff
from billing.services.debts import close_debt_of
from billing.shifts import keep_in_shift
from billing.signals import charge_refunded, charge_settled
from common.db.loaded import keep_loaded
from common.errors import DomainError
from lots.models import Lot

SUMS = ("due_amount", "credited_amount", "captured_amount", "refunded_amount", "balance_amount")


class CreditTooLargeError(DomainError):
    """A credit can't lower a charge below what was paid."""

    code = "credit_exceeds_balance"


def lock_charge(charge: Charge) -> Charge:
    """Return the charge as it is now, locked until the transaction ends; needs a transaction."""
    return keep_loaded(Charge.objects.select_for_update().get(pk=charge.pk), charge, "lot")


def new_charge(  # noqa: PLR0913 - the facts of one row
    *,
    lot: Lot,
    label: str,
    due: int,
    tax_percent: Decimal,
    lines: Sequence[Mapping[str, object]],
    at: datetime,
    tariff: Tariff | None = None,
) -> Charge:
    """Return a charge as it is to be made for what is due (minor units, with its tax); nothing is written."""
    return Charge(
        lot=lot,
        tariff=tariff,
        currency=lot.currency,
        label=label,
        due_amount=due,
        tax_percent=tax_percent,
        lines=list(map(dict, lines)),
        created_at=at,
        assessed_at=at,
        settled_at=None if due else at,
    )


@transaction.atomic
def assess_charge(  # noqa: PLR0913 - the facts of one row
    *,
    charge: Charge | None,
    lot: Lot,
    label: str,
    due: int,
    tax_percent: Decimal,
    lines: Sequence[Mapping[str, object]],
    at: datetime,
    tariff: Tariff | None = None,
) -> Charge:
    """Write what is due now (minor units, with its tax) on a charge, or on a new one.

    What was paid or credited stays, and so does the tariff where none is given: a price that fell below it leaves the
    due amount there, so a charge is never overpaid. Tells nobody when that settles the charge; the caller sees it in
    the returned balance.
    """
    locked = lock_charge(charge) if charge else None
    return assess_locked(
        locked, lot=lot, label=label, due=due, tax_percent=tax_percent, lines=lines, at=at, tariff=tariff
    )


def assess_locked(  # noqa: PLR0913 - the facts of one row
    charge: Charge | None,
    *,
    lot: Lot,
    label: str,
    due: int,
    tax_percent: Decimal,
    lines: Sequence[Mapping[str, object]],
    at: datetime,
    tariff: Tariff | None = None,
) -> Charge:
    """Write what is due now on a locked charge, or on a new one, in one statement; otherwise as `assess_charge`."""
    if charge is None:
        charge = new_charge(lot=lot, label=label, due=due, tax_percent=tax_percent, lines=lines, at=at, tariff=tariff)
        charge.save(force_insert=True)
        return charge
    paid = charge.moved_amount
    charge.label = label
    charge.due_amount = max(due, paid)
    charge.tax_percent = tax_percent
    if tariff is not None:
        charge.tariff = tariff
    charge.lines = list(map(dict, lines))
    charge.assessed_at = at
    charge.settled_at = (charge.settled_at or at) if charge.due_amount == paid else None
    charge.save(update_fields=["label", "due_amount", "tax_percent", "tariff", "lines", "assessed_at", "settled_at"])
    charge.balance_amount = charge.due_amount - paid  # as the database has it by now
    return charge


@transaction.atomic
def credit_charge(  # noqa: PLR0913 - the facts of one row
    *,
    charge: Charge,
    amount: int,
    reason: str,
    at: datetime,
    kind: str = CreditKind.OTHER,
    granted_by: User | None = None,
) -> Credit:
    """Lower what is due by `amount` minor units; a charge that this settles counts as settled.

    What a pending payment brings beyond the rest is given back. Raises CreditTooLargeError beyond what is owed.
    """
    return credit_locked(lock_charge(charge), amount=amount, reason=reason, at=at, kind=kind, granted_by=granted_by)


def credit_locked(  # noqa: PLR0913 - the facts of one row
    charge: Charge,
    *,
    amount: int,
    reason: str,
    at: datetime,
    kind: str = CreditKind.OTHER,
    granted_by: User | None = None,
    sold: object | None = None,
) -> Credit:
    """Lower what is due on a locked charge; `sold` is as for `take_payment`, the rest as for `credit_charge`."""
    if not 0 < amount <= charge.balance_amount:
        raise CreditTooLargeError(_("The credit must be more than nothing and no more than what is still owed."))
    credit = Credit.objects.create(
        charge=charge, amount=amount, kind=CreditKind(kind), reason=reason, granted_by=granted_by, created_at=at
    )
    note_balance(charge, at, sold=sold)
    return credit


def reverse_credit_locked(charge: Charge, credit: Credit, *, reason: str, at: datetime) -> Credit:
    """Take back a credit of a locked charge: as much is owed again. Idempotent."""
    known = Credit.objects.filter(reverses=credit).first()
    if known is not None:
        return known
    reversing = Credit.objects.create(
        charge=charge,
        amount=-credit.amount,
        kind=credit.kind,
        reason=reason,
        granted_by_id=credit.granted_by_id,
        created_at=at,
        reverses=credit,
    )
    note_balance(charge, at)
    return reversing


def note_balance(charge: Charge, at: datetime, *, captured: Payment | None = None, sold: object | None = None) -> None:
    """Mark a locked charge settled or owed again after money moved, and do what follows from it.

    What was paid for comes first, then the debt, then the shift of the payment that was `captured`, in the order in
    which locks are taken; the signals tell those above. Documents are issued later, see `billing.documents`.
    """
    charge.refresh_from_db(fields=SUMS)
    settled = charge.balance_amount == 0
    has_changed = settled != (charge.settled_at is not None)
    if has_changed:
        charge.settled_at = at if settled else None
        charge.save(update_fields=["settled_at"])
    if has_changed and settled:
        charge_settled.send(sender=Charge, charge=charge, at=at, sold=sold)
        close_debt_of(charge, at)
    if captured is not None:
        keep_in_shift(captured)


def note_refund(charge: Charge, at: datetime) -> None:
    """Mark a locked charge as owed again after money was given back, and tell `charge_refunded`."""
    note_balance(charge, at)
    if charge.balance_amount > 0:
        charge_refunded.send(sender=Charge, charge=charge, at=at)
