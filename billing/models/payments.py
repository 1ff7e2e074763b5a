"""Payments and refunds of charges."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models.charges import Charge
from billing.models.documents import Document
from billing.models.saved_methods import SavedMethod
from billing.models.shifts import Shift
from common.notes import LONGEST_NOTE


class PaymentMethod(models.TextChoices):
    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    TERMINAL = "terminal", _("Card terminal")
    ONLINE = "online", _("Online")
    VOUCHER = "voucher", _("Voucher")


class PaymentState(models.TextChoices):
    PENDING = "pending", _("Pending")
    AUTHORISED = "authorised", _("Authorised")
    CAPTURED = "captured", _("Captured")
    FAILED = "failed", _("Failed")
    VOIDED = "voided", _("Voided")


class Payment(models.Model):
    """One attempt to pay a charge; the captured amount may be less than the requested one.

    When a pending payment turns out to have captured more than the balance, the excess is refunded at once.
    `fingerprint` is a hash of the request under the idempotency key. `receipt_email` gets the receipt once the charge
    is settled. `by_number` marks a payer who gave only a ticket number, which proves nothing. `paid_by` is the account
    that was signed in, `taken_by` the attendant who took the money. With a `saved_method` nobody was asked: its owner
    had agreed before; `automatic` is what was agreed to for a car at a gate. `receipt` is empty until it is issued,
    right after the capture; payments taken `together` share it. `shift` is the till that it belongs to: cash always has
    one.

    What cash rounding added (or took off) and change that could not be given moved the charge's due by as much; both
    are part of `amount`, and untaxed. A trigger notes as `taxed_before` what was taxed before the payment, whose tax is
    that of all so far less that of this.

    While pending, the payer may have to act on the provider's `page_url`, before `page_until`. A hold (`is_hold`) is
    `authorised` with the `authorised_amount`, which counts nowhere, and has to be captured or voided before
    `capture_before`; `settling_amount` is how much was decided to be captured, 0 to void it, null while undecided.
    Triggers let no state go back.
    """

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=10, choices=PaymentMethod.choices)
    state = models.CharField(max_length=12, choices=PaymentState.choices)
    amount = models.BigIntegerField()
    captured_amount = models.BigIntegerField(default=0)
    tendered_amount = models.BigIntegerField(null=True, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    provider_reference = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=40, blank=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    receipt_email = models.EmailField(blank=True)
    by_number = models.BooleanField(default=False)
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    paid_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    saved_method = models.ForeignKey(SavedMethod, models.SET_NULL, null=True, blank=True, related_name="payments")
    automatic = models.ForeignKey(
        "billing.AutomaticPayment", models.PROTECT, null=True, blank=True, related_name="payments", db_index=False
    )
    receipt = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="payments")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="payments", db_index=False)
    rounding_amount = models.BigIntegerField(default=0)
    kept_amount = models.BigIntegerField(default=0)
    together = models.UUIDField(null=True, blank=True)
    page_url = models.CharField(max_length=2000, blank=True, default="")
    page_until = models.DateTimeField(null=True, blank=True)
    taxed_before = models.BigIntegerField(default=0, editable=False)
    is_hold = models.BooleanField(default=False)
    authorised_amount = models.BigIntegerField(default=0)
    capture_before = models.DateTimeField(null=True, blank=True)
    settling_amount = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="payment_method_known"),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(captured_amount__gte=0, captured_amount__lte=F("amount")),
                name="payment_captures_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.CAPTURED) | Q(captured_amount=0),
                name="payment_captures_only_when_captured",
            ),
            models.CheckConstraint(
                condition=Q(method="cash", kept_amount__gte=0) | Q(rounding_amount=0, kept_amount=0),
                name="payment_only_cash_is_rounded",
            ),
            models.CheckConstraint(
                condition=Q(authorised_amount__gte=0, authorised_amount__lte=F("amount"))
                & (Q(settling_amount__isnull=True) | Q(settling_amount__range=(0, F("authorised_amount")))),
                name="payment_holds_within_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PaymentState.AUTHORISED, PaymentState.VOIDED]) | Q(is_hold=True),
                name="payment_only_holds_are_authorised",
            ),
            models.CheckConstraint(
                condition=~Q(state=PaymentState.AUTHORISED) | Q(authorised_amount__gt=0, capture_before__isnull=False),
                name="payment_hold_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(page_url="") | Q(state=PaymentState.PENDING, page_until__isnull=False),
                name="payment_page_while_pending",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="payment_created"),
            models.Index(fields=["finished_at"], name="payment_finished"),
            models.Index(fields=["charge", "created_at"], condition=Q(state="pending"), name="payment_pending"),
            models.Index(fields=["paid_by"], condition=Q(paid_by__isnull=False), name="payment_of_payer"),
            models.Index(fields=["automatic"], condition=Q(automatic__isnull=False), name="payment_automatic"),
            models.Index(
                fields=["finished_at"],
                condition=Q(state="captured", receipt__isnull=True),
                name="payment_without_receipt",
            ),
            models.Index(fields=["shift"], condition=Q(shift__isnull=False), name="payment_of_shift"),
            models.Index(fields=["together"], condition=Q(together__isnull=False), name="payment_together"),
            models.Index(fields=["capture_before"], condition=Q(state="authorised"), name="payment_held"),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.amount}"

    @property
    def receipt_number(self) -> str | None:
        """Return the number of the receipt, None while none is issued."""
        return self.receipt.number if self.receipt else None

    @property
    def refunded_amount(self) -> int:
        """Return the refunded amount in minor units."""
        return sum(refund.amount for refund in self.refunds.all())

    @property
    def change_amount(self) -> int:
        """Return the change given on the cash tendered, in minor units."""
        return (self.tendered_amount or self.amount) - self.amount


class RefundQuerySet(models.QuerySet["Refund"]):
    """Filters of refunds."""

    def given(self) -> "RefundQuerySet":
        """Keep the refunds that were not taken back."""
        return self.filter(reverses=None, reversal=None)

    def not_returned(self) -> "RefundQuerySet":
        """Keep the refunds whose money has not reached the driver."""
        return self.given().filter(returned_at__isnull=True)

    def due(self, at: datetime) -> "RefundQuerySet":
        """Keep those that their provider is to be asked for now."""
        unanswered = Q(attempts=0) | Q(next_attempt_at__lte=at)
        return self.not_returned().filter(unanswered).exclude(payment__provider="")

    def stuck(self) -> "RefundQuerySet":
        """Keep those that their provider is asked for no more: a person has to do something."""
        return self.not_returned().filter(attempts__gt=0, next_attempt_at__isnull=True)

    def to_pay_out(self) -> "RefundQuerySet":
        """Keep those that a person has to hand over."""
        return self.not_returned().filter(payment__provider="")


class Refund(models.Model):
    """Money returned from a captured payment. A refund out of `goodwill` also credits the charge by the same amount.

    `returned_at` is empty until the driver has it: by the provider, or from a person (`returned_by`, with a
    `return_note` when it went another way than the payment came). The provider is asked again at `next_attempt_at`;
    when that is empty after an attempt, a person has to look at its `failure`. A refund that never reached the driver
    stays, with a negative one that `reverses` it: sums come out. Cash is given back from the till of a `shift`.
    """

    LONGEST_FAILURE = 60

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=LONGEST_NOTE)
    goodwill = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=120, unique=True)
    refunded_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, blank=True, related_name="refunds", db_index=False)
    created_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    return_note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=LONGEST_FAILURE, blank=True)
    is_refused = models.BooleanField(default=False)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")

    credit_note = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="refunds")

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses__isnull=True) | Q(amount__lt=0, reverses__isnull=False),
                name="refund_positive_or_reversing",
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(returned_at__isnull=True), name="refund_not_returned"),
            models.Index(
                fields=["created_at"], condition=Q(credit_note__isnull=True), name="refund_without_credit_note"
            ),
            models.Index(fields=["shift"], condition=Q(shift__isnull=False), name="refund_of_shift"),
        ]

    def __str__(self) -> str:
        return f"Refund {self.amount}"

    @property
    def is_reversed(self) -> bool:
        """Return whether it was taken back."""
        return Refund.objects.filter(reverses=self).exists()

    @property
    def is_stuck(self) -> bool:
        """Return whether its provider is asked no more, and a person has to do something."""
        asked = self.attempts > 0 and self.next_attempt_at is None
        return asked and self.returned_at is None and not self.is_reversed

    @property
    def is_reversible(self) -> bool:
        """Return whether the driver certainly got nothing: the provider refused, or nobody has handed it over."""
        if self.payment.provider:
            return self.is_stuck and self.is_refused
        return self.returned_at is None and not self.is_reversed


class SimulatedCardPayment(models.Model):
    """What the simulated provider stores about a request, as a real acquirer would; nothing else reads it.

    While it `asks_payer`, the payer has to answer on its page, which then leads to `return_url`.
    """

    reference = models.CharField(max_length=120, unique=True)
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="")
    token = models.CharField(max_length=120, blank=True, default="")
    is_hold = models.BooleanField(default=False)
    held_amount = models.BigIntegerField(default=0)
    capture_before = models.DateTimeField(null=True, blank=True)
    asks_payer = models.BooleanField(default=False)
    return_url = models.CharField(max_length=2000, blank=True, default="")
    approved_amount = models.BigIntegerField(default=0)
    refunded_amount = models.BigIntegerField(default=0)
    failure = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_amount__gte=0, approved_amount__lte=F("amount")),
                name="simulated_approves_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("approved_amount")),
                name="simulated_refunds_within_approved",
            ),
            models.CheckConstraint(
                condition=Q(held_amount__gte=0, held_amount__lte=F("amount") - F("approved_amount")),
                name="simulated_holds_within_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
