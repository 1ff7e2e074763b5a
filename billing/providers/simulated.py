"""A simulated card terminal. The test token decides what happens; docs/payments.md lists them.

It records every reference itself, as a real acquirer does, so that ours can be lost and asked for again.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import SimulatedCardPayment
from billing.providers.protocol import (
    CardOutcome,
    CardRequest,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RefundRefusedError,
)

SLOW_SECONDS = 1.5
_REFUSES_REFUNDS = "refuses_refunds"
_PARTIAL = re.compile(r"tok_partial_(\d{1,9})")


@dataclass(frozen=True, slots=True)
class TestCard:
    """A token that a person can choose, and what it does."""

    token: str
    label: str | Promise
    shows: str | Promise


TEST_CARDS = (
    TestCard("tok_ok", _("Visa ending 4242"), _("is approved")),
    TestCard("tok_declined", _("Visa ending 0002"), _("is declined")),
    TestCard("tok_partial_400", _("Prepaid card ending 0400"), _("approves 4.00 at most")),
    TestCard("tok_slow", _("Mastercard ending 1500"), _("is approved slowly")),
    TestCard("tok_no_refund", _("Visa ending 0044"), _("is approved, and refuses refunds")),
    TestCard("tok_timeout", _("Mastercard ending 3000"), _("never answers")),
    TestCard("tok_unavailable", _("Maestro ending 0503"), _("can't be reached")),
)


class SimulatedProvider:
    """Approves, declines, approves partly, is slow, silent or unreachable by token; an unknown token is declined."""

    simulated: ClassVar[bool] = True

    def charge(self, request: CardRequest, *, timeout: float) -> CardOutcome:
        """Answer by the request's token; a known reference gets its first answer."""
        if request.token == "tok_unavailable":  # noqa: S105 - a public test token
            raise ProviderUnavailableError
        if request.token == "tok_timeout":  # noqa: S105 - a public test token
            _never_answer(timeout)
        outcome = self._remember(request)
        if request.token == "tok_answer_lost":  # noqa: S105 - a public test token
            _never_answer(timeout)
        if request.token == "tok_slow":  # noqa: S105 - a public test token
            if timeout < SLOW_SECONDS:
                _never_answer(timeout)
            time.sleep(SLOW_SECONDS)
        return outcome

    def conclude(self, reference: str, *, timeout: float) -> CardOutcome:  # noqa: ARG002 - it answers at once
        """Return the result of a reference; an unknown one is cancelled."""
        row, _ = SimulatedCardPayment.objects.get_or_create(reference=reference, defaults={"failure": "cancelled"})
        return _outcome(row)

    @transaction.atomic
    def refund(self, reference: str, refund_reference: str, amount: int, *, timeout: float) -> None:  # noqa: ARG002 - it answers at once
        """Record the refund as its own row and on its payment; the hash keeps their references apart."""
        if SimulatedCardPayment.objects.filter(reference=reference, failure=_REFUSES_REFUNDS).exists():
            raise RefundRefusedError("card_closed", is_final=True)
        name = hashlib.sha256(f"{reference} {refund_reference}".encode()).hexdigest()
        _, is_new = SimulatedCardPayment.objects.get_or_create(reference=f"refund-{name}")
        if is_new:
            row = SimulatedCardPayment.objects.select_for_update().get(reference=reference)
            row.refunded_amount += amount
            row.save(update_fields=["refunded_amount"])

    def _remember(self, request: CardRequest) -> CardOutcome:
        approved = _approved_amount(request)
        row, _ = SimulatedCardPayment.objects.get_or_create(
            reference=request.reference,
            defaults={
                "amount": request.amount,
                "approved_amount": approved,
                "failure": _failure(request, approved),
            },
        )
        return _outcome(row)


def _approved_amount(request: CardRequest) -> int:
    partial = _PARTIAL.fullmatch(request.token)
    if partial:
        return min(int(partial[1]), request.amount)
    return request.amount if request.token in {"tok_ok", "tok_slow", "tok_answer_lost", "tok_no_refund"} else 0


def _failure(request: CardRequest, approved: int) -> str:
    if request.token == "tok_no_refund":  # noqa: S105 - a public test token
        return _REFUSES_REFUNDS
    return "" if approved else "declined"


def _outcome(row: SimulatedCardPayment) -> CardOutcome:
    return CardOutcome(row.approved_amount, "" if row.approved_amount else row.failure, f"sim-{row.pk}")


def _never_answer(timeout: float) -> None:
    time.sleep(timeout)
    raise ProviderTimeoutError
