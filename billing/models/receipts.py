"""Receipts, numbered without gaps per operator."""

from django.db import models

from accounts.models import Operator
from billing.models.payments import Payment


class ReceiptSequence(models.Model):
    """The operator's last receipt number. The row is locked while a number is assigned, so none is skipped."""

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
