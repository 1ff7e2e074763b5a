"""Cancelling a pass: whole unused months are given back, less the operator's fee."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, PaymentState, Refund
from billing.services import SUMS, assess_locked, credit_locked, lock_charge, refund_payment, return_refund
from lots.calendar import local_day
from passes.errors import PassStateError
from passes.models import Pass, PassPeriod, PassStatus
from passes.pass_mails import CANCELLED, mail_holder
from passes.pass_rules import given_back, unused_months
from passes.services.locking import lock_with_lots
from passes.services.paying import drop_period
from passes.services.states import change_state


@dataclass(frozen=True, slots=True)
class Unused:
    """What a pass that is cancelled gives back, in minor units: the worth of its unused months less the fee."""

    months: int
    worth_amount: int
    fee_amount: int

    @property
    def refund_amount(self) -> int:
        """Return what is given back."""
        return max(0, self.worth_amount - self.fee_amount)


def unused_of(held_pass: Pass, *, at: datetime) -> Unused:
    """Return what a pass would give back if it were cancelled at `at`."""
    worths = _worths(held_pass, at)
    months = sum(count for _period, count, _worth in worths)
    return Unused(months, sum(worth for _period, _count, worth in worths), held_pass.cancel_fee_amount)


def cancel_pass(*, held_pass: Pass, by: User | None, why: str, at: datetime) -> Pass:
    """End a pass now, give back what it has not used, and return it; the cars inside pay from now on.

    Providers are asked after the commit, and by the task of refunds when that was cut off. Must not be called inside a
    transaction. Idempotent. Raises PassStateError (409) for one that has ended, and what `refund_payment` raises.
    """
    held = _cancel(held_pass, by, why, at)
    charges = held.periods.exclude(charge=None).values("charge")
    waiting = Refund.objects.filter(payment__charge__in=charges, returned_at=None).order_by("pk")
    for refund in waiting.select_related("payment__charge"):
        return_refund(refund=refund, at=at)
    return held


@transaction.atomic(durable=True)
def _cancel(held_pass: Pass, by: User | None, why: str, at: datetime) -> Pass:
    held = lock_with_lots(held_pass)
    if held.status == PassStatus.CANCELLED:
        return held
    if held.status == PassStatus.EXPIRED:
        raise PassStateError(_("This pass has ended."))
    for period in held.periods.filter(begun_at=None, dropped_at=None):
        drop_period(period, at=at, why=_("Pass cancelled"))
    total = left = unused_of(held, at=at).refund_amount
    for period, _months, worth in sorted(_worths(held, at), key=lambda one: -one[0].number):
        amount = min(left, worth)
        if amount > 0:
            _give_back(period, amount, by, at)
            left -= amount
    mail_holder(held, CANCELLED, at=at, amount=total)
    stopped_at = held.stopped_at or at
    return change_state(held, PassStatus.CANCELLED, at=at, by=by, why=why, stopped_at=stopped_at)


def _worths(held: Pass, at: datetime) -> list[tuple[PassPeriod, int, int]]:
    """Return the begun periods that cost something, with their unused months and what these are worth."""
    today = local_day(held.lot, at)
    begun: Iterable[PassPeriod] = held.periods.exclude(charge=None).filter(begun_at__isnull=False)
    unused = [(one, unused_months(one.first_day, months=held.period_months, today=today)) for one in begun]
    return [(one, n, given_back(one.price_amount, months=held.period_months, unused=n)) for one, n in unused if n]


def _give_back(period: PassPeriod, amount: int, by: User | None, at: datetime) -> None:
    """Lower what a period costs: what is not paid yet is credited, what was paid is given back."""
    charge = lock_charge(Charge(pk=period.charge_id))
    credited = min(amount, int(charge.balance_amount))
    if credited:
        credit_locked(charge, amount=credited, reason=_("Pass cancelled"), at=at)
        charge.refresh_from_db(fields=SUMS)
    refunded = _refund(charge, amount - credited, period, by, at)
    if not refunded:
        return
    charge.refresh_from_db(fields=SUMS)
    assess_locked(
        charge,
        lot=charge.lot,
        label=charge.label,
        due=charge.due_amount - refunded,
        tax_percent=charge.tax_percent,
        lines=[*charge.lines, {"label": _("Unused months"), "amount": -refunded}],
        at=at,
    )


def _refund(charge: Charge, wanted: int, period: PassPeriod, by: User | None, at: datetime) -> int:
    """Give back what was captured for a locked charge, of the last payments first; return how much."""
    left = wanted
    for payment in charge.payments.filter(state=PaymentState.CAPTURED).order_by("-pk"):
        amount = min(left, payment.captured_amount - payment.refunded_amount)
        if amount > 0:
            key = f"pass-period-{period.pk}-{payment.pk}"
            refund_payment(
                payment=payment,
                amount=amount,
                reason=_("Pass cancelled"),
                idempotency_key=key,
                at=at,
                refunded_by=by if payment.provider == "" else None,
            )
            left -= amount
    return wanted - left
