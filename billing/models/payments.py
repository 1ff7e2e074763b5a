"""Payments and refunds of charges."""

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models.charges import Charge
from common.notes import LONGEST_NOTE


class PaymentMethod(models.TextChoices):
    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    TERMINAL = "terminal", _("Card terminal")
    ONLINE = "online", _("Online")


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
    that was signed in, `taken_by` the attendant who took the money.
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
        ]
        indexes = [
            models.Index(fields=["finished_at"], name="payment_finished"),
            models.Index(fields=["charge", "created_at"], condition=Q(state="pending"), name="payment_pending"),
            models.Index(fields=["paid_by"], condition=Q(paid_by__isnull=False), name="payment_of_payer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.amount}"

    @property
    def refunded_amount(self) -> int:
        """Return the refunded amount in minor units."""
        return sum(refund.amount for refund in self.refunds.all())

    @property
    def change_amount(self) -> int:
        """Return the change given on the cash tendered, in minor units."""
        return (self.tendered_amount or self.amount) - self.amount


class Refund(models.Model):
    """Money returned from a captured payment. A refund out of `goodwill` also credits the charge by the same amount.

    `returned_at` is empty until the provider has returned it; cash is returned at once.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=LONGEST_NOTE)
    goodwill = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=120, unique=True)
    refunded_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive")]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(returned_at__isnull=True), name="refund_not_returned")
        ]

    def __str__(self) -> str:
        return f"Refund {self.amount}"


class SimulatedCardPayment(models.Model):
    """What the simulated provider stores about a request, as a real acquirer would; nothing else reads it."""

    reference = models.CharField(max_length=120, unique=True)
    amount = models.BigIntegerField(default=0)
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
        ]

    def __str__(self) -> str:
        return self.reference
