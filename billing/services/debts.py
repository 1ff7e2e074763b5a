"""What stayed unpaid when a car left, and what too many debts lead to."""

from datetime import datetime

from django.db import connection, transaction

from accounts.models import BlockedPlate, Operator
from billing.models import Charge, Debt
from common.errors import ConflictError
from common.plates import normalise

DEBTS_THAT_BLOCK = 3
BLOCKED_FOR_DEBTS = f"{DEBTS_THAT_BLOCK} open debts"


class NothingOwedError(ConflictError):
    """The charge has no balance."""

    code = "nothing_owed"


class DebtStillOwedError(ConflictError):
    """The charge of the debt still has a balance."""

    code = "debt_still_owed"


@transaction.atomic
def record_debt(*, charge: Charge, plate: str, reason: str, at: datetime) -> Debt:
    """Record the charge's balance as owed by a plate; the third open debt at an operator blocks the plate there.

    A charge has one debt: recording it again returns it, with the present balance, open. Raises NothingOwedError.
    """
    charge = Charge.objects.select_for_update(of=("self",)).select_related("lot__operator").get(pk=charge.pk)
    if charge.balance_amount <= 0:
        raise NothingOwedError("Nothing is owed any more.")
    debt, _ = Debt.objects.update_or_create(
        charge=charge,
        defaults={"amount": charge.balance_amount, "reason": reason, "settled_at": None},
        create_defaults={
            "operator": charge.lot.operator,
            "plate": plate,
            "plate_normalised": normalise(plate) or "",
            "amount": charge.balance_amount,
            "reason": reason,
            "created_at": at,
        },
    )
    _weigh_debts(debt.operator, debt.plate, debt.plate_normalised, at)
    return debt


@transaction.atomic
def settle_debt(*, debt: Debt, at: datetime) -> Debt:
    """Close a debt whose charge has been paid or credited. Raises DebtStillOwedError; a closed one stays as it is.

    Payments and credits do this by themselves when they settle the charge.
    """
    charge = Charge.objects.select_for_update().get(pk=debt.charge_id)
    if charge.balance_amount > 0:
        raise DebtStillOwedError("This debt is not paid yet.")
    close_debt_of(charge, at)
    debt.refresh_from_db()
    return debt


def close_debt_of(charge: Charge, at: datetime) -> None:
    """Close the open debt of a locked, settled charge, if there is one, and unblock its plate below the limit."""
    debt = Debt.objects.open().filter(charge=charge).select_related("operator").first()
    if debt is None:
        return
    debt.settled_at = at
    debt.save(update_fields=["settled_at"])
    _weigh_debts(debt.operator, debt.plate, debt.plate_normalised, at)


def _weigh_debts(operator: Operator, plate: str, normalised: str, at: datetime) -> None:
    """Block the plate at the limit of open debts and lift that block below it; one transaction a plate at a time."""
    if not normalised:
        return
    with connection.cursor() as cursor:
        key = f"debts {operator.pk} {normalised}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    open_debts = Debt.objects.open().filter(operator=operator, plate_normalised=normalised).count()
    blocks = BlockedPlate.objects.in_force().filter(operator=operator, plate_normalised=normalised)
    if open_debts < DEBTS_THAT_BLOCK:
        blocks.filter(blocked_by=None, reason=BLOCKED_FOR_DEBTS).update(lifted_at=at)
    elif not blocks.exists():
        BlockedPlate.objects.bulk_create(
            [
                BlockedPlate(
                    operator=operator,
                    plate=plate,
                    plate_normalised=normalised,
                    reason=BLOCKED_FOR_DEBTS,
                    blocked_at=at,
                )
            ],
            ignore_conflicts=True,
        )
