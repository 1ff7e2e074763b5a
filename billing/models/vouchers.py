"""Vouchers: codes with a value that are used once, at a desk."""

from django.db import models
from django.db.models import Q

from accounts.models import Operator, User
from billing.models.payments import Payment
from common.notes import LONGEST_NOTE


class Voucher(models.Model):
    """A code with an `amount` (minor units) that pays once, at any desk of its operator until its last local day.

    What is left of it when the fee is lower is not given out. Its row is locked while it is used.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="vouchers")
    code = models.CharField(max_length=13, unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    valid_until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="voucher")

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="voucher_amount_positive")]

    def __str__(self) -> str:
        return self.code
