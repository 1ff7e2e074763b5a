"""Charges and the credits that lower them."""

from django.db import models
from django.db.models import F, GeneratedField, Q

from accounts.models import User
from lots.models import Lot


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
