"""Money: tariffs, charges and what moves them."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, GeneratedField, Q, Value
from django.utils.timezone import now

from accounts.models import Operator, User
from common.plates import MAX_RAW_LENGTH
from lots.models import Lot


class TariffQuerySet(models.QuerySet["Tariff"]):
    """Filters of tariffs."""

    def current(self) -> "TariffQuerySet":
        """Keep the newest revision of each tariff."""
        return self.filter(superseded_at__isnull=True)

    def valid_on(self, day: object) -> "TariffQuerySet":
        """Keep the tariffs that price stays which begin on the local `day`."""
        return self.current().filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)


class Tariff(models.Model):
    """The priced rules of a lot, from one local day to another, both included.

    Rules of a tariff that priced a stay never change: a correction is a new revision and the old one is superseded.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="tariffs")
    name = models.CharField(max_length=80)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    rules = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TariffQuerySet.as_manager()

    class Meta:
        ordering = ["lot_id", "valid_from", "revision"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="tariff_ends_after_start",
            ),
            ExclusionConstraint(
                name="tariff_one_valid_per_lot_and_day",
                expressions=[
                    (
                        Func(
                            "lot_id", "lot_id", Value("[]"), function="int8range", output_field=BigIntegerRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            "valid_from",
                            "valid_until",
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(superseded_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Charge(models.Model):
    """What is owed for one thing. `label` is for display; this layer never knows what it is for.

    `credited`, `captured` and `refunded` are sums kept by the database from the rows that move money.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="charges")
    label = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    due_amount = models.BigIntegerField(default=0)
    tax_amount = models.BigIntegerField(default=0)
    lines = models.JSONField(default=list)
    credited_amount = models.BigIntegerField(default=0, editable=False)
    captured_amount = models.BigIntegerField(default=0, editable=False)
    refunded_amount = models.BigIntegerField(default=0, editable=False)
    balance_amount = GeneratedField(
        expression=F("due_amount") - F("credited_amount") - F("captured_amount") + F("refunded_amount"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    created_at = models.DateTimeField()
    assessed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due_amount__gte=0, tax_amount__gte=0, credited_amount__gte=0, captured_amount__gte=0)
                & Q(refunded_amount__gte=0),
                name="charge_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__lte=F("captured_amount")), name="charge_refunded_within_captured"
            ),
            models.CheckConstraint(
                condition=Q(due_amount__gte=F("credited_amount") + F("captured_amount") - F("refunded_amount")),
                name="charge_never_overpaid",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class PaymentMethod(models.TextChoices):
    CASH = "cash", "Cash"
    CARD = "card", "Card"
    TERMINAL = "terminal", "Card terminal"
    ONLINE = "online", "Online"


class PaymentState(models.TextChoices):
    PENDING = "pending", "Pending"
    AUTHORISED = "authorised", "Authorised"
    CAPTURED = "captured", "Captured"
    FAILED = "failed", "Failed"
    VOIDED = "voided", "Voided"


class Payment(models.Model):
    """One attempt to move money towards a charge; a captured amount may be less than what was asked for.

    A pending payment reserves its `amount` of the charge until its provider has had the last word. `fingerprint` says
    what was asked under the idempotency key; `receipt_email` is where the receipt goes once the charge is settled.
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
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
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
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.amount}"

    @property
    def change_amount(self) -> int:
        """Return what was given back of the cash tendered, in minor units."""
        return (self.tendered_amount or self.amount) - self.amount


class Refund(models.Model):
    """Money given back from a captured payment.

    `returned_at` is empty until the payment's provider has given it back; cash is returned at once.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=200)
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


class Credit(models.Model):
    """An amount that lowers what is due on a charge."""

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="credits")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="credit_amount_positive")]

    def __str__(self) -> str:
        return f"Credit {self.amount}"


class DebtQuerySet(models.QuerySet["Debt"]):
    """Filters of debts."""

    def open(self) -> "DebtQuerySet":
        """Keep the debts that are still owed."""
        return self.filter(settled_at__isnull=True)


class Debt(models.Model):
    """What stayed unpaid on a charge when the car left, owed by its plate."""

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="debts")
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="debt")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=15)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DebtQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="debt_amount_positive")]
        indexes = [
            models.Index(
                fields=["operator", "plate_normalised"], condition=Q(settled_at__isnull=True), name="debt_open"
            )
        ]

    def __str__(self) -> str:
        return f"Debt {self.plate}"


class ReceiptSequence(models.Model):
    """The last receipt number an operator gave out; the row is locked while one is given, so no number is skipped."""

    operator = models.OneToOneField(Operator, models.CASCADE, related_name="receipt_sequence", primary_key=True)
    last_number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last_number)


class Receipt(models.Model):
    """Proof of a captured payment, numbered without gaps per operator."""

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="receipts")
    number = models.PositiveBigIntegerField()
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="receipt")
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["operator_id", "number"]
        constraints = [models.UniqueConstraint(fields=["operator", "number"], name="receipt_number_once_per_operator")]

    def __str__(self) -> str:
        return f"{self.number:06d}"


class SimulatedCardPayment(models.Model):
    """What the simulated card terminal remembers of one request, as a real acquirer would; nothing else reads it."""

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
