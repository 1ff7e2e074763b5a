"""A simulated card terminal. The test token decides what happens; docs/payments.md lists them.

It records every reference itself, as a real acquirer does, so that ours can be lost and asked for again.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, NoReturn

from django.db import transaction
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from billing.models import SimulatedCardPayment
from billing.providers.protocol import (
    BadSignatureError,
    CardOutcome,
    CardReference,
    CardRequest,
    Prepared,
    ProviderRefusedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RefundRefusedError,
    SavedCard,
)

SLOW_SECONDS = 1.5
PAGE = "/simulated-bank/{reference}/"
"""The address of the page on which payers answer, see `driver/simulated_bank.py`."""
PAGE_OPEN = timedelta(minutes=10)
HELD_FOR = timedelta(days=7)
HELD_FOR_MERCHANT = timedelta(days=4, hours=18)
"""How long a card network keeps a hold that a person, or the operator without them, asked for."""
_REFUSES_REFUNDS = "refuses_refunds"
NEEDS_AGREEMENT = "tok_3ds"
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
    TestCard(NEEDS_AGREEMENT, _("Visa ending 3220"), _("asks you to agree at your bank")),
    TestCard("tok_partial_400", _("Prepaid card ending 0400"), _("approves 4.00 at most")),
    TestCard("tok_slow", _("Mastercard ending 1500"), _("is approved slowly")),
    TestCard("tok_no_refund", _("Visa ending 0044"), _("is approved, and refuses refunds")),
    TestCard("tok_timeout", _("Mastercard ending 3000"), _("never answers")),
    TestCard("tok_unavailable", _("Maestro ending 0503"), _("can't be reached")),
)


class SimulatedProvider:
    """Approves, declines, approves partly, is slow, silent or unreachable by token; an unknown token is declined."""

    simulated: ClassVar[bool] = True
    has_pages: ClassVar[bool] = False
    settings_needed: ClassVar[tuple[str, ...]] = ()

    def prepare(self, request: CardRequest, *, timeout: float) -> Prepared:  # noqa: ARG002 - nothing to announce
        """Return nothing: our own reference is all that it knows a request by."""
        return Prepared()

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

    @transaction.atomic
    def status(self, card: CardReference, *, timeout: float) -> CardOutcome | None:  # noqa: ARG002 - it answers at once
        """Return the present result of a reference; None for an unknown one."""
        row = SimulatedCardPayment.objects.select_for_update().filter(reference=card.reference).first()
        return _outcome(_as_of_now(row)) if row else None

    @transaction.atomic
    def conclude(self, card: CardReference, *, timeout: float) -> CardOutcome:  # noqa: ARG002 - it answers at once
        """Return the result of a reference; one that waits for its payer, or an unknown one, is cancelled."""
        row, _ = SimulatedCardPayment.objects.select_for_update().get_or_create(
            reference=card.reference, defaults={"failure": "cancelled"}
        )
        if row.asks_payer:
            row.asks_payer, row.failure = False, "cancelled"
            row.save(update_fields=["asks_payer", "failure"])
        return _outcome(_as_of_now(row))

    @transaction.atomic
    def capture(self, card: CardReference, amount: int, *, timeout: float) -> CardOutcome:  # noqa: ARG002 - it answers at once
        """Take `amount` of what is held, once; a hold that has ended is answered as it ended."""
        row = _as_of_now(SimulatedCardPayment.objects.select_for_update().get(reference=card.reference))
        if row.held_amount:
            if amount > row.held_amount:
                raise ProviderRefusedError("more than is held")
            row.approved_amount, row.held_amount = amount, 0
            row.save(update_fields=["approved_amount", "held_amount"])
        return _outcome(row)

    @transaction.atomic
    def void(self, card: CardReference, *, timeout: float) -> CardOutcome:  # noqa: ARG002 - it answers at once
        """Let go of what is held."""
        row = _as_of_now(SimulatedCardPayment.objects.select_for_update().get(reference=card.reference))
        if row.held_amount:
            row.failure, row.held_amount = "voided", 0
            row.save(update_fields=["failure", "held_amount"])
        return _outcome(row)

    @transaction.atomic
    def refund(self, card: CardReference, refund_reference: str, amount: int, *, timeout: float) -> None:  # noqa: ARG002 - it answers at once
        """Record the refund as its own row and on its payment; the hash keeps their references apart."""
        if SimulatedCardPayment.objects.filter(reference=card.reference, failure=_REFUSES_REFUNDS).exists():
            raise RefundRefusedError("card_closed", is_final=True)
        name = hashlib.sha256(f"{card.reference} {refund_reference}".encode()).hexdigest()
        _, is_new = SimulatedCardPayment.objects.get_or_create(reference=f"refund-{name}")
        if is_new:
            row = SimulatedCardPayment.objects.select_for_update().get(reference=card.reference)
            row.refunded_amount += amount
            row.save(update_fields=["refunded_amount"])

    def check_refund(self, card: CardReference, refund_reference: str, *, timeout: float) -> None:
        """Do nothing: what it has given back has arrived."""

    def start_saving(self, reference: str, *, return_url: str, owner: str, timeout: float) -> Prepared:  # noqa: ARG002 - it answers at once
        """Return a page of ours that offers the test cards."""
        row, _ = SimulatedCardPayment.objects.get_or_create(
            reference=reference, defaults={"asks_payer": True, "return_url": return_url}
        )
        return Prepared(f"sim-{row.pk}", PAGE.format(reference=reference), row.created_at + PAGE_OPEN)

    def saved_card(self, card: CardReference, *, timeout: float) -> SavedCard | None:  # noqa: ARG002 - it answers at once
        """Return the test card that was chosen."""
        row = SimulatedCardPayment.objects.filter(reference=card.reference, asks_payer=False).first()
        known = next((one for one in TEST_CARDS if row and one.token == row.token), None)
        if known is None:
            return None
        with override("en"):  # it is said in each reader's language
            return SavedCard(known.token, str(known.label))

    def forget(self, token: str, *, timeout: float) -> None:
        """Do nothing: test cards belong to everybody."""

    def read_event(self, body: bytes, signature: str) -> NoReturn:  # noqa: ARG002 - it sends none
        """Refuse whatever comes: it sends no events."""
        raise BadSignatureError

    def _remember(self, request: CardRequest) -> CardOutcome:
        approved = _approved_amount(request)
        asks = request.token == NEEDS_AGREEMENT and bool(request.return_url) and not request.off_session
        row, _ = SimulatedCardPayment.objects.get_or_create(
            reference=request.reference,
            defaults={
                "amount": request.amount,
                "currency": request.currency,
                "token": request.token,
                "is_hold": request.hold,
                "asks_payer": asks,
                "return_url": request.return_url,
                "approved_amount": 0 if request.hold else approved,
                "held_amount": approved if request.hold else 0,
                "capture_before": now() + (HELD_FOR_MERCHANT if request.off_session else HELD_FOR),
                "failure": "" if asks else _failure(request, approved),
            },
        )
        return _outcome(row)


def page_of(reference: str) -> SimulatedCardPayment | None:
    """Return what a payer is or was asked on the simulated page of a reference."""
    return SimulatedCardPayment.objects.filter(reference=reference).exclude(return_url="").first()


@transaction.atomic
def answer_page(reference: str, token: str) -> SimulatedCardPayment | None:
    """Record what the payer chose on the simulated page, once, and return the row; None when there is no such page.

    For a payment the token '' refuses it and any other agrees; for a card to be saved it is the card.
    """
    row = SimulatedCardPayment.objects.select_for_update().filter(reference=reference).exclude(return_url="").first()
    if row is None or not row.asks_payer:
        return row
    row.asks_payer = False
    if row.amount == 0:
        row.token = token
    elif not token:
        row.failure = "declined"
    elif row.is_hold:
        row.held_amount = row.amount
    else:
        row.approved_amount = row.amount
    row.save()
    return row


def _approved_amount(request: CardRequest) -> int:
    partial = _PARTIAL.fullmatch(request.token)
    if partial:
        return min(int(partial[1]), request.amount)
    return request.amount if request.token in {"tok_ok", "tok_slow", "tok_answer_lost", "tok_no_refund"} else 0


def _failure(request: CardRequest, approved: int) -> str:
    if request.token == "tok_no_refund":  # noqa: S105 - a public test token
        return _REFUSES_REFUNDS
    return "" if approved else "declined"


def _as_of_now(row: SimulatedCardPayment) -> SimulatedCardPayment:
    """End a hold whose time is over, as a bank does."""
    if row.held_amount and row.capture_before and row.capture_before <= now():
        row.held_amount, row.failure = 0, "expired"
        row.save(update_fields=["held_amount", "failure"])
    return row


def _outcome(row: SimulatedCardPayment) -> CardOutcome:
    return CardOutcome(
        row.approved_amount,
        "" if row.approved_amount else row.failure,
        f"sim-{row.pk}",
        held_amount=row.held_amount,
        capture_before=row.capture_before if row.held_amount else None,
        page_url=PAGE.format(reference=row.reference) if row.asks_payer else "",
        page_until=row.created_at + PAGE_OPEN if row.asks_payer else None,
    )


def _never_answer(timeout: float) -> None:
    time.sleep(timeout)
    raise ProviderTimeoutError
