"""What follows a pass's last day: offered, billed and charged ahead, each once however often it is asked for."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Payment, SavedMethod
from billing.services import PayBy
from common.errors import InvalidValueError
from lots.calendar import local_day
from passes.errors import PassStateError
from passes.models import Pass, PassPeriod, PassQuerySet, PassStatus
from passes.models.held import ENDED
from passes.pass_rules import (
    LATE_REMINDER_DAYS,
    RENEWAL_BILLED_DAYS,
    RENEWAL_OFFERED_DAYS,
    PassRenewal,
    last_day_of_period,
)
from passes.services.buying import take_period
from passes.services.locking import lock_pass
from passes.services.paying import begin_paid, bill_period, drop_period
from passes.services.states import note_change

BATCH = 500
TRIED = (-RENEWAL_BILLED_DAYS, 0, LATE_REMINDER_DAYS)
"""On which days, counted from the last one, a saved card is charged; a later try follows when the earlier failed."""
_NOT_BILLED = Q(billed_at=None) | Q(
    held_pass__renewal=PassRenewal.INVOICE, charge__settled_at=None, charge__debt=None, price_amount__gt=0
)
"""Periods without a charge, and those whose holder began to pay and did not, before the invoice was due."""

logger = structlog.get_logger(__name__)


def offer_renewals(*, at: datetime) -> int:
    """Offer the next period of the passes that end soon, and return how many."""
    known = PassPeriod.objects.filter(dropped_at=None, first_day__gt=F("held_pass__valid_until")).values("held_pass")
    due = _ending_by(at, RENEWAL_OFFERED_DAYS).exclude(pk__in=known)
    return sum(_offer(held, at) for held in due[:BATCH])


def bill_renewals(*, at: datetime) -> int:
    """Bill the next period of passes that end within a week, charge saved cards, and return how many were billed.

    Must not be called inside a transaction. One that costs nothing begins.
    """
    next_ones = PassPeriod.objects.filter(_NOT_BILLED, number__gt=1, dropped_at=None, begun_at=None)
    ending = _ending_by(at, RENEWAL_BILLED_DAYS).values("pk")
    rows = list(next_ones.filter(held_pass__in=ending).select_related("held_pass").order_by("pk")[:BATCH])
    billed = sum(_bill(period, at) for period in rows)
    _charge_cards(at)
    return billed


def pay_period(*, period: PassPeriod, pay_by: PayBy, payer: User, key: str, at: datetime) -> Payment:
    """Pay the next period of a pass, which is billed now if it was not before; it begins when that has paid.

    Look at the payment's state. Must not be called inside a transaction. Idempotent by the key. Raises PassStateError
    (409) for a period that has begun or was dropped, and what `take_payment` raises.
    """
    with transaction.atomic(durable=True):
        held = lock_pass(period.held_pass)
        period = PassPeriod.objects.select_related("charge").get(pk=period.pk)
        if period.dropped_at is not None or (period.begun_at is not None and period.charge is None):
            raise PassStateError(_("There is nothing to pay for this any more."))
        if period.charge is None:
            period.charge = bill_period(held, period, at=at, invoiced=False)
    payment = take_period(period, pay_by, payer=payer, key=f"pass-period-{period.pk}-{key}", at=at)
    begin_paid(period=period, at=at)
    return payment


@transaction.atomic
def change_renewal(*, held_pass: Pass, renewal: str, saved_method: SavedMethod | None, by: User, at: datetime) -> Pass:
    """Say what follows a pass's last day. Without another period what was billed for it is not owed any more.

    Raises PassStateError (409) for one that has ended, InvalidValueError for a card that is not the holder's, and for
    an invoice where none was agreed.
    """
    held = lock_pass(held_pass)
    if held.status in ENDED:
        raise PassStateError(_("This pass has ended."))
    wanted = PassRenewal(renewal)
    if wanted is PassRenewal.CHARGE and (saved_method is None or saved_method.owner_id != held.holder_id):
        raise InvalidValueError(_("Choose one of your saved cards."), path="saved_method")
    if wanted is PassRenewal.INVOICE and not held.may_be_invoiced:
        raise InvalidValueError(_("This pass is not paid by invoice."), path="renewal")
    held.renewal, held.saved_method = wanted, saved_method if wanted is PassRenewal.CHARGE else None
    held.save(update_fields=["renewal", "saved_method"])
    if wanted is PassRenewal.NONE:
        for period in held.periods.filter(begun_at=None, dropped_at=None, number__gt=1):
            drop_period(period, at=at, why=_("Not renewed"))
    note_change(held, held.status, at=at, by=by, why=_("After the last day: %(what)s") % {"what": wanted.value})
    return held


def _ending_by(at: datetime, days: int) -> PassQuerySet:
    """Return the passes to be renewed whose last day may be so near; their lots' zones are looked at one by one."""
    may_be = Q(valid_until__lte=at.date() + timedelta(days=days + 1)) & ~Q(renewal=PassRenewal.NONE)
    return Pass.objects.active().filter(may_be).select_related("lot").order_by("valid_until", "pk")


def _is_near(held: Pass, days: int, at: datetime) -> bool:
    return local_day(held.lot, at) >= held.valid_until - timedelta(days=days)


@transaction.atomic
def _offer(held_pass: Pass, at: datetime) -> bool:
    if not _is_near(held_pass, RENEWAL_OFFERED_DAYS, at):
        return False
    held = lock_pass(held_pass)
    last = held.periods.order_by("-number").first()
    waits = last is not None and last.first_day > held.valid_until and last.dropped_at is None
    if held.status != PassStatus.ACTIVE or not held.renews or waits:
        return False
    first = held.valid_until + timedelta(days=1)
    PassPeriod.objects.create(
        held_pass=held,
        number=last.number + 1 if last else 1,
        first_day=first,
        last_day=last_day_of_period(first, months=held.period_months, days=held.period_days),
        price_amount=held.price_amount,
        offered_at=at,
    )
    return True


@transaction.atomic(durable=True)
def _bill(period: PassPeriod, at: datetime) -> bool:
    held = lock_pass(period.held_pass)
    period = PassPeriod.objects.get(pk=period.pk)
    due = PassPeriod.objects.filter(_NOT_BILLED, pk=period.pk, dropped_at=None, begun_at=None)
    if not held.renews or not due.exists() or not _is_near(held, RENEWAL_BILLED_DAYS, at):
        return False
    bill_period(held, period, at=at, invoiced=held.renewal == PassRenewal.INVOICE)
    if not period.price_amount:
        begin_paid(period=period, at=at)
    return True


def _charge_cards(at: datetime) -> None:
    """Charge the saved cards of billed periods that are not paid yet, once on each of their days."""
    unpaid = PassPeriod.objects.filter(number__gt=1, begun_at=None, dropped_at=None, charge__settled_at=None)
    by_card = unpaid.filter(billed_at__isnull=False, held_pass__renewal=PassRenewal.CHARGE)
    usable = by_card.filter(held_pass__saved_method__removed_at=None, held_pass__saved_method__isnull=False)
    usable = usable.exclude(held_pass__status__in=ENDED)
    for period in usable.select_related("held_pass__lot", "held_pass__saved_method", "charge").order_by("pk")[:BATCH]:
        held = period.held_pass
        passed = (local_day(held.lot, at) - period.first_day).days + 1
        day = max((one for one in TRIED if one <= passed), default=None)
        if day is None or held.saved_method is None:
            continue
        try:
            by = PayBy(saved_method=held.saved_method)
            take_period(period, by, payer=held.holder, key=f"pass-period-{period.pk}-{day}", at=at)
            begin_paid(period=period, at=at)
        except Exception:
            # One card must not keep the others from being charged; the next run tries again.
            logger.exception("pass_not_charged", period=period.pk)
