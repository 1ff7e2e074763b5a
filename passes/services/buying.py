"""Buying a pass online: a draft with its charge, the card, and the pass that begins when that has paid.

The draft is committed before the card is asked. A purchase that is cut off is concluded by the tasks: it begins when
its money has come after all, else it lapses.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Payment, PaymentMethod, PaymentState
from billing.services import PayBy, conclude_payment, look_at_payment, take_payment
from lots.calendar import local_day
from lots.models import Lot
from passes.errors import PassKeyUsedError, PassNotSoldError, PassPaymentDeclinedError
from passes.models import Pass, PassPeriod, PassStatus
from passes.pass_rules import PassRenewal
from passes.services.holding import HeldBy, lock_holder
from passes.services.locking import lock_pass
from passes.services.making import PassWish, lots_of, make_pass
from passes.services.paying import begin_paid, bill_period, drop_period
from passes.services.states import change_state

LAPSES_AFTER = timedelta(minutes=30)
BATCH = 200


def buy_pass(*, wish: PassWish, holder: User, pay_by: PayBy, at: datetime, idempotency_key: str | None = None) -> Pass:
    """Buy a pass that is sold online, and return it: active, or a draft while its payment's outcome is not known.

    It is a draft, too, while its payer has to act on the page of its payment (`waiting_page`). A pass that is renewed
    by a card keeps the saved one. The same key and wish give the first pass, whose payment is gone on with. Must not be
    called inside a transaction.

    Raises PassNotSoldError (409), PassesOverlapError (409), InvalidValueError, PlateError, TooManyPlatesError,
    PassKeyUsedError, PassPaymentDeclinedError (402): then nothing was bought, and PaymentRunningError (409).
    """
    try:
        held = _draft(wish, holder, pay_by, idempotency_key, at)
    except IntegrityError as error:
        if "idempotency_key" in str(error):
            raise PassKeyUsedError(_("This idempotency key was already used for another pass.")) from error
        raise
    if held.status == PassStatus.DRAFT:
        _pay_first(held, pay_by, at=at)
        held = conclude_purchase(held_pass=held, at=at)
    if held.status == PassStatus.CANCELLED:
        raise PassPaymentDeclinedError
    return held


def _pay_first(held: Pass, pay_by: PayBy, *, at: datetime) -> Payment | None:
    """Ask the card for the first period of a draft; None when it costs nothing."""
    period = held.periods.select_related("charge").get(number=1)
    if period.charge is None or not period.price_amount:
        return None
    return take_period(period, pay_by, payer=held.holder, key=f"pass-{held.code}-1", at=at)


def take_period(period: PassPeriod, pay_by: PayBy, *, payer: User | None, key: str, at: datetime) -> Payment:
    """Ask a card for what is owed for a period; otherwise as `billing.services.take_payment`."""
    assert period.charge is not None  # noqa: S101 it has been billed
    return take_payment(
        charge=period.charge,
        method=PaymentMethod.ONLINE,
        amount=None,
        idempotency_key=key,
        at=at,
        token=pay_by.token,
        paid_by=payer,
        receipt_email=payer.email if payer else "",
        saved_method=pay_by.saved_method,
        return_url=pay_by.return_url,
    )


def waiting_page(held: Pass) -> str:
    """Return the page on which the payer of a draft has to act; empty when there is none."""
    charges = held.periods.filter(begun_at=None, dropped_at=None).values("charge")
    waiting = Payment.objects.filter(charge__in=charges, state=PaymentState.PENDING).exclude(page_url="")
    return waiting.order_by("-pk").values_list("page_url", flat=True).first() or ""


def conclude_purchase(*, held_pass: Pass, at: datetime) -> Pass:
    """Let a draft begin that is paid, let it lapse when its payments have failed, and return it. Idempotent."""
    period = held_pass.periods.select_related("held_pass", "charge").get(number=1)
    begun = begin_paid(period=period, at=at)
    if begun.begun_at is None:
        return _lapse_failed(begun.held_pass, at)
    return begun.held_pass


def return_from_pass_page(*, held_pass: Pass, gave_up: bool, at: datetime) -> Pass:
    """Look at the payments of a pass whose payer comes back from the provider's page, and return it as it is then.

    With `gave_up` nothing more is taken by them. Must not be called inside a transaction; safe to call twice.
    """
    charges = held_pass.periods.exclude(charge=None).values("charge")
    for payment in Payment.objects.filter(charge__in=charges, state=PaymentState.PENDING).select_related("charge"):
        (conclude_payment if gave_up else look_at_payment)(payment=payment, at=at)
    return conclude_purchase(held_pass=held_pass, at=at)


def lapse_unpaid(*, at: datetime) -> int:
    """Conclude the drafts that were left unpaid for long, and return how many are no drafts any more."""
    left = Pass.objects.filter(status=PassStatus.DRAFT, created_at__lte=at - LAPSES_AFTER)
    rows = list(left.order_by("pk")[:BATCH])
    return sum(conclude_purchase(held_pass=held, at=at).status != PassStatus.DRAFT for held in rows)


@transaction.atomic(durable=True)
def _draft(wish: PassWish, holder: User, pay_by: PayBy, key: str | None, at: datetime) -> Pass:
    offer, by = wish.offer, HeldBy(user=holder, name=holder.name, email=holder.email)
    lock_holder(by)  # the same call twice at once finds the first one's pass
    earlier = Pass.objects.select_related("lot", "holder").filter(idempotency_key=key).first() if key else None
    if earlier is not None:
        if earlier.holder_id != holder.pk or earlier.offer_id != offer.pk:
            raise PassKeyUsedError(_("This idempotency key was already used for another pass."))
        return earlier
    sold_at = Lot.objects.public().filter(pk__in=[lot.pk for lot in lots_of(offer)])
    if not offer.online or offer.archived_at is not None or not sold_at.exists():
        raise PassNotSoldError(_("This pass is not sold any more."))
    held = make_pass(
        _from_today(wish, at),
        by,
        status=PassStatus.DRAFT,
        at=at,
        made_by=holder,
    )
    held.idempotency_key = key
    if held.renewal == PassRenewal.CHARGE:
        held.saved_method = pay_by.saved_method
    held.save(update_fields=["idempotency_key", "saved_method"])
    bill_period(held, held.periods.get(), at=at, invoiced=False)
    return held


def _from_today(wish: PassWish, at: datetime) -> PassWish:
    """Return a wish as an online buyer may have it: from today at the earliest, for a whole period."""
    today = local_day(lots_of(wish.offer)[0], at)
    return PassWish(offer=wish.offer, plates=wish.plates, valid_from=max(today, wish.valid_from))


@transaction.atomic
def _lapse_failed(held_pass: Pass, at: datetime) -> Pass:
    held = lock_pass(held_pass)
    if held.status != PassStatus.DRAFT:
        return held
    period = held.periods.get(number=1)
    payments = list(Payment.objects.filter(charge=period.charge_id))
    is_young = at < held.created_at + LAPSES_AFTER
    if any(one.state == PaymentState.PENDING for one in payments) or (is_young and not payments):
        return held
    drop_period(period, at=at, why=_("Not paid"))
    return change_state(held, PassStatus.CANCELLED, at=at, by=None, why="not paid", stopped_at=at)
