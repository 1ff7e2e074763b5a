"""What follows an open debt: reminders to its owner, and the owner's appeal."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from billing.models.debts import Debt
from common.db.sealed_fields import EncryptedTextField
from common.notes import LONGEST_NOTE

LONGEST_APPEAL = 1000


class DebtReminder(models.Model):
    """One reminder of a debt, by its number; one that came too late was left out, and only noted.

    `fee_amount` (minor units) was added to the charge with it.
    """

    debt = models.ForeignKey(Debt, models.CASCADE, related_name="reminders")
    number = models.PositiveSmallIntegerField()
    fee_amount = models.BigIntegerField(default=0)
    left_out = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["debt", "number"], name="debt_reminder_once"),
            models.CheckConstraint(
                condition=Q(fee_amount=0) | Q(fee_amount__gt=0, left_out=False), name="debt_reminder_fee_when_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"Reminder {self.number}"


class DebtAppealQuerySet(models.QuerySet["DebtAppeal"]):
    """Filters of appeals."""

    def open(self) -> "DebtAppealQuerySet":
        """Keep those that nobody has answered."""
        return self.filter(answered_at__isnull=True)


class DebtAppeal(models.Model):
    """What a driver says against a debt, and an admin's answer: `accepted` writes the debt off."""

    debt = models.ForeignKey(Debt, models.CASCADE, related_name="appeals")
    text = EncryptedTextField(max_length=LONGEST_APPEAL)
    email = models.EmailField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    accepted = models.BooleanField(null=True, blank=True)
    answer = EncryptedTextField(max_length=LONGEST_NOTE, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = DebtAppealQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["debt"], condition=Q(answered_at__isnull=True), name="debt_appeal_one_open"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, accepted__isnull=True)
                | Q(answered_at__isnull=False, accepted__isnull=False),
                name="debt_appeal_answered_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Appeal {self.made_at:%Y-%m-%d}"
