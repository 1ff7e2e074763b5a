"""Card payments: write the row, ask the provider, record.

The pending row with its idempotency key is committed before the provider is asked, and no lock is held meanwhile. A
crash in between leaves the row; the same key, or `billing.tasks.conclude_payments`, takes it up again. As a pending row
keeps nobody else from paying, more may be captured than is owed: the rest is refunded with the record of it.
"""

import time
from dataclasses import replace
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Charge, Payment, PaymentState, PromoUse
from billing.providers import (
    CardOutcome,
    CardRequest,
    PaymentProvider,
    Prepared,
    default_provider,
    provider_named,
    reference_of,
)
from billing.providers.waiting_places import waiting_places
from billing.queries import PROVIDER_SECONDS, is_running
from billing.services.charges import lock_charge
from billing.services.payments.order import Order, PaymentRunningError
from billing.services.payments.recording import ask, record_outcome, record_prepared, write_outcome
from billing.services.promo_codes import attach_use, take_use
from billing.shifts import open_till_of

SHORTEST_WAIT = 0.05
LAST_WORD_SECONDS = 0.8
"""How long a person or lane waits, after a provider did not answer, for its last word; then the task asks for it."""

logger = structlog.get_logger(__name__)


def take_by_provider(order: Order) -> Payment:
    """Take an order from a card, or hold it; must not be called inside a transaction."""
    payment = _reserve(order)
    if payment.state != PaymentState.PENDING or _waits_for_payer(payment, order.at):
        return payment
    payment, outcome = _ask_for_money(payment, _request(payment, token=order.token, return_url=order.return_url))
    if payment.state != PaymentState.PENDING or payment.page_url:
        # Concluded meanwhile, as nobody knew that this process was still at it; or it is the payer's turn.
        return payment
    if outcome is None:
        provider, timeout = provider_named(payment.provider), min(LAST_WORD_SECONDS, PROVIDER_SECONDS)
        return _conclude(payment, provider, "timeout", order.at, timeout=timeout)
    return record_outcome(payment, outcome, order.at)


def charge_agreed(*, payment: Payment, at: datetime) -> Payment:
    """Charge the saved method of a payment that `reserve_agreed` has written; must not be called inside a transaction.

    A car waits: when the provider has not answered in time the payment stays pending, to be concluded later, and what
    it took beyond what is owed is returned by the worker. So it does at once when too many cars wait, or the provider
    has been silent before: then it is not asked for the money at all.
    """
    card, name = payment.saved_method, payment.provider
    with waiting_places().waiting_for(name) as may_wait:
        if not may_wait:
            logger.warning("provider_not_waited_for", payment=payment.pk, provider=name)
            return payment
        payment, outcome = _ask_for_money(payment, _request(payment, token=card.reference if card else ""))
        waiting_places().note(name, answered=outcome is not None or payment.state != PaymentState.PENDING)
    return payment if outcome is None else write_outcome(payment, outcome, at)


def _ask_for_money(payment: Payment, request: CardRequest) -> tuple[Payment, CardOutcome | None]:
    """Ask the provider of a pending payment for its money; return the payment and the answer, None without one.

    What the provider knows the payment by is committed in between. Both questions share the time that a lane waits.
    Must not be called inside a transaction.
    """
    provider, started = provider_named(payment.provider), time.monotonic()
    prepared: list[Prepared] = []
    unanswered = ask(payment, lambda: prepared.append(provider.prepare(request, timeout=PROVIDER_SECONDS)))
    if not prepared:
        return payment, unanswered
    if prepared[0].provider_reference:
        payment = record_prepared(payment, prepared[0])
        request = replace(request, provider_reference=prepared[0].provider_reference)
    if payment.page_url or payment.state != PaymentState.PENDING:
        return payment, None
    left = max(SHORTEST_WAIT, PROVIDER_SECONDS - (time.monotonic() - started))
    return payment, ask(payment, lambda: provider.charge(request, timeout=min(left, PROVIDER_SECONDS)))


def conclude_payment(*, payment: Payment, at: datetime) -> Payment:
    """Ask the provider for the last word on a payment that was left pending, and record it.

    What waits for its payer is cancelled. It stays pending while the provider can't say. Must not be called inside a
    transaction; safe to call twice.
    """
    if payment.state != PaymentState.PENDING:
        return payment
    return _conclude(payment, provider_named(payment.provider), "abandoned", at, timeout=PROVIDER_SECONDS)


def look_at_payment(*, payment: Payment, at: datetime) -> Payment | None:
    """Ask the provider how a payment stands, change nothing there, and record it; None when it did not say.

    Must not be called inside a transaction; safe to call any number of times.
    """
    provider = provider_named(payment.provider)
    outcome = ask(payment, lambda: provider.status(reference_of(payment), timeout=PROVIDER_SECONDS))
    if outcome is None or outcome.failure in {"unavailable", "refused"}:
        return None
    return record_outcome(payment, outcome, at)


@transaction.atomic(durable=True)
def _reserve(order: Order) -> Payment:
    charge = lock_charge(order.charge)
    payment = order.earlier_payment()
    if payment is None:
        name = order.saved_method.provider if order.saved_method else default_provider()[0]
        amount = order.amount_to_take(charge)
        till = open_till_of(order.taken_by, charge)
        use = _take_use(order, charge)
        payment = order.write(charge, state=PaymentState.PENDING, amount=amount, provider=name, shift=till)
        if use is not None:
            attach_use(use, payment)
        return payment
    if is_running(payment, order.at) and not _waits_for_payer(payment, order.at):
        raise PaymentRunningError(_("This payment is being processed. Please wait a moment."))
    return payment


def _take_use(order: Order, charge: Charge) -> PromoUse | None:
    wish = order.by_code
    if wish is None:
        return None
    return take_use(code=wish.code, by=wish.by, at=order.at, charge=charge, off_amount=wish.off_amount)


def _waits_for_payer(payment: Payment, at: datetime) -> bool:
    return bool(payment.page_url) and payment.page_until is not None and at < payment.page_until


def _request(payment: Payment, *, token: str, return_url: str = "") -> CardRequest:
    return CardRequest(
        payment.idempotency_key,
        payment.amount,
        payment.charge.currency,
        token,
        off_session=payment.saved_method_id is not None,
        hold=payment.is_hold,
        return_url=return_url,
        label=payment.charge.label,
        started_at=payment.created_at,
    )


def _conclude(
    payment: Payment, provider: PaymentProvider, why_cancelled: str, at: datetime, *, timeout: float
) -> Payment:
    outcome = ask(payment, lambda: provider.conclude(reference_of(payment), timeout=timeout))
    if outcome is None or outcome.failure in {"unavailable", "refused"}:
        return payment
    if outcome.failure == "cancelled":
        outcome = CardOutcome(0, why_cancelled, outcome.provider_reference)
    return record_outcome(payment, outcome, at)
