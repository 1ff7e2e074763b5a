"""A card terminal that is only pretended: it behaves by test token, as docs/payments.md lists them.

It keeps its own record of every reference, as a real acquirer does, so our own can be lost and asked for again.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction

from billing.models import SimulatedCardPayment
from billing.providers.protocol import CardOutcome, CardRequest, ProviderTimeoutError, ProviderUnavailableError

SLOW_SECONDS = 1.5
_PARTIAL = re.compile(r"tok_partial_(\d{1,9})")


@dataclass(frozen=True, slots=True)
class TestCard:
    """A token that a person can choose, and what it shows."""

    token: str
    label: str
    shows: str


TEST_CARDS = (
    TestCard("tok_ok", "Visa ending 4242", "is approved"),
    TestCard("tok_declined", "Visa ending 0002", "is declined"),
    TestCard("tok_partial_400", "Prepaid card ending 0400", "approves 4.00 at most"),
    TestCard("tok_slow", "Mastercard ending 1500", "is approved slowly"),
    TestCard("tok_timeout", "Mastercard ending 3000", "never answers"),
    TestCard("tok_unavailable", "Maestro ending 0503", "can't be reached"),
)


class SimulatedProvider:
    """Approves, declines, approves partly, is slow, silent or away, by token; an unknown token declines."""

    simulated: ClassVar[bool] = True

    def charge(self, request: CardRequest, *, timeout: float) -> CardOutcome:
        """Answer by the request's token; the same reference gets its first answer."""
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
        """Return what is known of the reference, or close it."""
        row, _ = SimulatedCardPayment.objects.get_or_create(reference=reference, defaults={"failure": "cancelled"})
        return _outcome(row)

    @transaction.atomic
    def refund(self, reference: str, refund_reference: str, amount: int, *, timeout: float) -> None:  # noqa: ARG002 - it answers at once
        """Note the refund as a row of its own and on the payment it belongs to; payments and refunds share no names."""
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
                "failure": "" if approved else "declined",
            },
        )
        return _outcome(row)


def _approved_amount(request: CardRequest) -> int:
    partial = _PARTIAL.fullmatch(request.token)
    if partial:
        return min(int(partial[1]), request.amount)
    return request.amount if request.token in {"tok_ok", "tok_slow", "tok_answer_lost"} else 0


def _outcome(row: SimulatedCardPayment) -> CardOutcome:
    return CardOutcome(row.approved_amount, row.failure, f"sim-{row.pk}")


def _never_answer(timeout: float) -> None:
    time.sleep(timeout)
    raise ProviderTimeoutError
