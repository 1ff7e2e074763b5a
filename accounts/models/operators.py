"""Operators, and the merchants who give their customers parking."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from common.db.sealed_fields import EncryptedTextField


class DebtConsequence(models.TextChoices):
    """What as many open debts of a plate as are the limit lead to."""

    BLOCK = "block", _("The car is not let in")
    PREPAY = "prepay", _("The car is let in only with a prepaid booking")


class Operator(models.Model):
    """A company that runs lots; its data is hidden from other operators.

    `waiver_limit` is the largest fee that an attendant may waive, `waiver_day_limit` what one may waive in a day; in
    minor units of `currency`, empty for no limit. Admins have none. Above `refund_limit` a second person approves a
    refund; empty for never. The legal name (else the name), address and tax id stand on its documents,
    whose year is that in its `timezone`; without one, in that of the lot. A till that is off by more than
    `till_tolerance` needs a note. Each reminder of a debt costs `debt_reminder_fee`, all of one debt at most
    `debt_fee_cap`, which the law sets. `debt_consequence` is what three open debts of a plate lead to.
    """

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    waiver_limit = models.PositiveBigIntegerField(null=True, blank=True)
    waiver_day_limit = models.PositiveBigIntegerField(null=True, blank=True)
    refund_limit = models.PositiveBigIntegerField(null=True, blank=True)
    legal_name = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    till_tolerance = models.PositiveBigIntegerField(default=0)
    debt_reminder_fee = models.PositiveBigIntegerField(default=0)
    debt_fee_cap = models.PositiveBigIntegerField(null=True, blank=True)
    debt_consequence = models.CharField(
        max_length=6, choices=DebtConsequence.choices, default=DebtConsequence.BLOCK, db_default=DebtConsequence.BLOCK
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(debt_reminder_fee=0) | Q(debt_fee_cap__isnull=False), name="operator_fee_has_a_cap"
            ),
            models.CheckConstraint(
                condition=Q(debt_consequence__in=DebtConsequence.values), name="operator_debt_consequence_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SetupCode(models.Model):
    """The hash of the code by which an installation without operators gets its first one: one row, gone once used."""

    is_only = models.BooleanField(primary_key=True, default=True, editable=False)
    code_hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(is_only=True), name="setup_code_is_one")]

    def __str__(self) -> str:
        return f"Setup code of {self.made_at:%Y-%m-%d %H:%M}"


class OperatorLogo(models.Model):
    """The picture on an operator's documents: a small PNG or JPEG."""

    operator = models.OneToOneField(Operator, models.CASCADE, related_name="logo", primary_key=True)
    image = models.BinaryField()
    media_type = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"Logo of {self.operator}"


class MerchantQuerySet(models.QuerySet["Merchant"]):
    """Filters of merchants."""

    def active(self) -> "MerchantQuerySet":
        """Keep those that still give discounts."""
        return self.filter(ended_at__isnull=True)


class Merchant(models.Model):
    """A shop whose people lower the parking fee of its customers.

    Its invoices go to the legal name (else the name) with the address and tax id, by mail to `email`. One that has
    ended keeps its row for the books.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="merchants")
    name = models.CharField(max_length=60)
    legal_name = models.CharField(max_length=120, blank=True)
    address = EncryptedTextField(max_length=300, blank=True)
    country = models.CharField(max_length=2, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    email = models.EmailField("email", blank=True)
    created_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MerchantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["operator", "name"], name="merchant_name_once_per_operator")]

    def __str__(self) -> str:
        return self.name
