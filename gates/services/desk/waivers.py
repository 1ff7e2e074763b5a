"""Waivers of attendants, within the operator's limits."""

from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import Membership, Operator, Role, User
from billing.models import Credit, CreditKind
from billing.services import credit_locked
from common.errors import DomainError, FieldError
from common.money import same_figure
from common.time import midnight_of
from common.translation import money_said
from lots.access import has_role_at
from lots.calendar import local_day, zone_of
from lots.models import Lot
from tickets.services import LockedStay


class WaiverLimitError(DomainError):
    """The operator lets an attendant waive less than this."""

    code = "waiver_limit"

    def __init__(self, message: str) -> None:
        super().__init__(message, errors=[FieldError("how", message)])


def waive_rest(*, stay: LockedStay, by: User, note: str, at: datetime) -> Credit | None:
    """Waive the balance of a stay's charge as a credit; None when there is none. Raises WaiverLimitError."""
    charge, lot = stay.charge, stay.lot
    if charge is None or charge.balance_amount <= 0:
        return None
    amount = charge.balance_amount
    require_may_waive(lot, by, amount, at)
    return credit_locked(charge, amount=amount, kind=CreditKind.WAIVED, reason=note, granted_by=by, at=at, sold=stay)


def require_may_waive(lot: Lot, by: User, amount: int, at: datetime) -> None:
    """Raise WaiverLimitError when a person may not waive `amount` minor units at a lot; needs a transaction."""
    # The membership is locked, so that waivers at two lots at once count towards one day.
    member = Membership.objects.select_for_update().filter(user=by, operator_id=lot.operator_id).first()
    if member is None or member.role != Role.ADMIN or not has_role_at(by, Role.ADMIN, lot):
        _require_within_limits(lot, by, amount, at)


def _require_within_limits(lot: Lot, by: User, amount: int, at: datetime) -> None:
    operator = lot.operator
    largest = _in_currency_of(lot, operator.waiver_limit, operator)
    if largest is not None and amount > largest:
        most = money_said(largest, lot.currency)
        raise WaiverLimitError(
            _("You may waive %(most)s at most. Let the fee stay owed, or ask an admin to waive it.") % {"most": most}
        )
    a_day = _in_currency_of(lot, operator.waiver_day_limit, operator)
    if a_day is None:
        return
    before = _waived_today(lot, by, at)
    if before + amount > a_day:
        left = money_said(max(0, a_day - before), lot.currency)
        raise WaiverLimitError(
            _("You may waive %(left)s more today. Let the fee stay owed, or ask an admin to waive it.") % {"left": left}
        )


def _waived_today(lot: Lot, by: User, at: datetime) -> int:
    """Return what a person waived in the lot's currency since the lot's midnight, at all lots of its operator."""
    midnight = midnight_of(local_day(lot, at), zone_of(lot))
    waived = Credit.objects.filter(
        kind=CreditKind.WAIVED,
        granted_by=by,
        created_at__gte=midnight,
        charge__lot__operator=lot.operator_id,
        charge__currency=lot.currency,
    )
    return int(waived.aggregate(sum=Sum("amount", default=0))["sum"])


def _in_currency_of(lot: Lot, limit: int | None, operator: Operator) -> int | None:
    """Return a limit as the same number of major units in the lot's currency, in minor units."""
    return None if limit is None else same_figure(limit, operator.currency, lot.currency)
