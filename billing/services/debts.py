"""What stayed unpaid when a car left, and what too many debts lead to."""

import json
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.blocklist import add_block, lift_debt_blocks
from accounts.models import BlockedPlate
from accounts.readable_plates import UnreadablePlateError
from billing.models import Charge, Debt
from common.db.flush import Step, flush
from common.errors import ConflictError
from common.plates import normalise
from common.regions import is_within

DEBTS_THAT_BLOCK = 3
LONGEST_REASON = 40
_WHY_BLOCKED = f"{DEBTS_THAT_BLOCK} open debts"
REGIONS_AT_LIMIT = f"""
SELECT DISTINCT told.region FROM billing_debt told
WHERE told.settled_at IS NULL AND NOT told.of_booker
    AND told.operator_id = {{operator}} AND told.plate_normalised = {{plate}}
    AND {DEBTS_THAT_BLOCK} <= (SELECT count(*) FROM billing_debt debt WHERE debt.settled_at IS NULL
        AND NOT debt.of_booker AND debt.operator_id = told.operator_id AND debt.plate_normalised = told.plate_normalised
        AND (debt.region IN ('', told.region) OR starts_with(told.region, debt.region || '-')))
"""  # noqa: S608 only our own text
"""The regions, as keys, from which a plate has as many open debts as block it; the operator and plate are to be put in.

A debt whose region is unknown or wider may be of any car within it.
"""
_AT_LIMIT = REGIONS_AT_LIMIT.format(operator="%(operator)s", plate="%(plate)s")


class NothingOwedError(ConflictError):
    """The charge has no balance."""

    code = "nothing_owed"


class DebtStillOwedError(ConflictError):
    """The charge of the debt still has a balance."""

    code = "debt_still_owed"


@transaction.atomic(savepoint=False)
def record_debt(  # noqa: PLR0913 - the facts of one row
    *, charge: Charge, plate: str, region: str = "", reason: str, at: datetime, of_booker: bool = False
) -> Debt:
    """Record the balance of a locked charge as owed by a plate; the third open debt at an operator blocks it there.

    That block may only demand prepayment, as the operator has chosen. `region` is the key by which the lot tells its
    car from others, '' where it doesn't. A charge has one debt: recording it again returns it, reopened with the
    current balance. One `of_booker` blocks no plate and needs none. Raises NothingOwedError.
    """
    if charge.balance_amount <= 0:
        raise NothingOwedError(_("Nothing is owed any more."))
    debt = new_debt(
        charge=charge,
        amount=charge.balance_amount,
        plate=plate,
        region=region,
        reason=reason,
        at=at,
        of_booker=of_booker,
    )
    known = Debt.objects.filter(charge=charge).first()
    if known is not None:
        if known.invoice is not None and known.invoice.standing_amount != debt.amount:
            known.invoice = None  # the earlier invoice asks for something else and is cancelled
        known.amount, known.reason, known.settled_at = debt.amount, debt.reason, None
        debt = known
    debt.save()
    if not of_booker:
        _weigh_debts(debt.operator_id, debt.plate, debt.plate_normalised, at)
    return debt


def new_debt(  # noqa: PLR0913 - the facts of one row
    *,
    charge: Charge,
    amount: int,
    plate: str,
    region: str,
    reason: str,
    at: datetime,
    of_booker: bool = False,
) -> Debt:
    """Return a debt as it is to be recorded for a charge of `amount` minor units; nothing is written.

    A long reason is cut to fit. Raises UnreadablePlateError for a plate that is none: it would be all such cars'.
    """
    normalised = normalise(plate)
    if normalised is None and not (of_booker and not plate):
        raise UnreadablePlateError(_("Nobody can owe this: the plate is not known."))
    return Debt(
        operator_id=charge.lot.operator_id,
        charge=charge,
        plate=plate,
        plate_normalised=normalised or "",
        region=region,
        amount=amount,
        of_booker=of_booker,
        reason=reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…",
        created_at=at,
    )


def new_block(*, operator_id: int, plate: str, plate_normalised: str, region: str, at: datetime) -> BlockedPlate:
    """Return the block that too many debts lead to, as it is to be made; nothing is written."""
    return BlockedPlate(
        operator_id=operator_id,
        plate=plate,
        plate_normalised=plate_normalised,
        region=region,
        reason=_WHY_BLOCKED,
        blocked_at=at,
        for_debts=True,
    )


@transaction.atomic
def settle_debt(*, debt: Debt, at: datetime) -> Debt:
    """Close a debt whose charge has been paid or credited. Raises DebtStillOwedError; a closed one stays as it is.

    Payments and credits do this by themselves when they settle the charge.
    """
    charge = Charge.objects.select_for_update().get(pk=debt.charge_id)
    if charge.balance_amount > 0:
        raise DebtStillOwedError(_("This debt is not paid yet."))
    close_debt_of(charge, at)
    debt.refresh_from_db()
    return debt


def close_debt_of(charge: Charge, at: datetime) -> None:
    """Close the open debt of a locked, settled charge, if there is one, and unblock its plate below the limit."""
    debt = Debt.objects.open().filter(charge=charge).first()
    if debt is None:
        return
    debt.settled_at = at
    debt.save(update_fields=["settled_at"])
    _weigh_debts(debt.operator_id, debt.plate, debt.plate_normalised, at)


def cancel_debt_of(charge: Charge, at: datetime) -> Debt | None:
    """Take back the open debt of a locked charge, whose car has not left after all, and return it; None without one.

    It unblocks the plate below the limit. What the charge asks for stays as it is.
    """
    debt = Debt.objects.open().filter(charge=charge).first()
    if debt is None:
        return None
    debt.delete()
    _weigh_debts(debt.operator_id, debt.plate, debt.plate_normalised, at)
    return debt


def _weigh_debts(operator_id: int, plate: str, normalised: str, at: datetime) -> None:
    """Block the plate at the limit of open debts and lift that block below it; one transaction a plate at a time."""
    reached = _regions_at_limit(operator_id, normalised)
    blocks = list(BlockedPlate.objects.in_force().filter(operator_id=operator_id, plate_normalised=normalised))
    over = [one for one in blocks if one.for_debts and one.region not in reached]
    if over:
        lift_debt_blocks(operator_id=operator_id, plate=normalised, at=at, except_of=reached)
    # One that ends, or is for some lots alone, does not do what the debts lead to.
    stays = [one for one in blocks if one not in over and one.last_day is None and one.lot_ids is None]
    known = [one.region for one in stays]
    for region in reached:
        if not any(is_within(region, other) for other in known):
            block = new_block(operator_id=operator_id, plate=plate, plate_normalised=normalised, region=region, at=at)
            add_block(block=block)


def _regions_at_limit(operator_id: int, plate: str) -> list[str]:
    """Take the plate's lock, then count; two statements, so that what was committed meanwhile counts too."""
    counted = f"SELECT json_agg(region ORDER BY region) FROM ({_AT_LIMIT}) reached"  # noqa: S608 only our own text
    row = flush(debts_lock(operator_id, plate), (counted, {"operator": operator_id, "plate": plate}))
    return json.loads(row[0]) if row and row[0] else []


def debts_lock(operator_id: int, plate: str) -> Step:
    """Return the statement that locks the debts of a normalised plate at an operator until the transaction ends."""
    return "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", {"key": f"debts {operator_id} {plate}"}
