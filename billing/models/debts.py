"""Debts: what was unpaid when a car left."""

from django.db import models
from django.db.models import Q

from accounts.models import Operator
from billing.models.charges import Charge
from billing.models.documents import Document
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from common.regions import LONGEST_KEY


class DebtQuerySet(models.QuerySet["Debt"]):
    """Filters of debts."""

    def open(self) -> "DebtQuerySet":
        """Keep the debts that are still owed."""
        return self.filter(settled_at__isnull=True)


class Debt(models.Model):
    """The unpaid part of a charge when the car left, owed by its plate, and region where the lot tells cars by it.

    One `of_booker` is owed by who booked, who may have typed any plate: it does not block the plate, or has bought
    something else and has none.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="debts")
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="debt")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    region = models.CharField(max_length=LONGEST_KEY, blank=True)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    of_booker = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    invoice = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="debts")

    objects = DebtQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="debt_amount_positive"),
            models.CheckConstraint(condition=~Q(plate_normalised="") | Q(of_booker=True), name="debt_plate_readable"),
        ]
        indexes = [
            models.Index(
                fields=["operator", "plate_normalised"], condition=Q(settled_at__isnull=True), name="debt_open"
            ),
            models.Index(
                fields=["operator", "-created_at"], condition=Q(settled_at__isnull=True), name="debt_open_since"
            ),
        ]

    def __str__(self) -> str:
        return f"Debt {self.plate}"
