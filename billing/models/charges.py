"""Charges and the credits that lower them."""

from decimal import Decimal

from django.db import models
from django.db.models import F, GeneratedField, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models.tariffs import Tariff
from billing.pricing import tax_within
from common.notes import LONGEST_NOTE
from lots.models import Lot


class Charge(models.Model):
    """An amount owed for one thing. `label` is for display; billing doesn't know what it is for.

    Database triggers keep `credited`, `captured` and `refunded` equal to the sums of their rows. Amounts include tax at
    `tax_percent`, except what cash rounding added to the due amount (or took off) and change that could not be given,
    which are untaxed lines of their own. `tariff` is what priced it, where a tariff did.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="charges")
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    label = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    due_amount = models.BigIntegerField(default=0)
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    lines = models.JSONField(default=list)
    rounding_amount = models.BigIntegerField(default=0)
    kept_amount = models.BigIntegerField(default=0)
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
                condition=Q(due_amount__gte=0, tax_percent__gte=0, credited_amount__gte=0, captured_amount__gte=0)
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

    @property
    def moved_amount(self) -> int:
        """Return what has been paid and not given back, and credited."""
        return self.captured_amount - self.refunded_amount + self.credited_amount

    @property
    def charged_amount(self) -> int:
        """Return the due amount less credits."""
        return self.due_amount - self.credited_amount

    @property
    def is_waived(self) -> bool:
        """Return whether a person waived any of it."""
        return self.credits.standing().filter(kind=CreditKind.WAIVED).exists()

    @property
    def untaxed_amount(self) -> int:
        """Return what of the due amount is no price: cash rounding, and change that could not be given."""
        return self.rounding_amount + self.kept_amount

    def untaxed_lines(self) -> list[dict[str, str | int]]:
        """Return the lines of what is no price, in the form of stored ones, but marked and without a time."""
        lines = ((_("Cash rounding"), self.rounding_amount), (_("Change not given"), self.kept_amount))
        return [{"label": str(label), "amount": amount, "untaxed": True} for label, amount in lines if amount]

    @property
    def charged_tax_amount(self) -> int:
        """Return the tax inside the charged amount."""
        return tax_within(max(0, self.charged_amount - self.untaxed_amount), self.tax_percent)


class CreditKind(models.TextChoices):
    """Why an amount is credited: waived by a person, goodwill, or a voided stay."""

    WAIVED = "waived", _("Waived")
    GOODWILL = "goodwill", _("Goodwill")
    VOID = "void", _("Void")
    OTHER = "other", _("Other")


class CreditQuerySet(models.QuerySet["Credit"]):
    """Filters of credits."""

    def standing(self) -> "CreditQuerySet":
        """Keep the credits that were not taken back."""
        return self.filter(reverses=None, reversal=None)


class Credit(models.Model):
    """An amount that reduces what is due on a charge.

    One that is taken back stays, with a negative one that `reverses` it, of the same kind and person: sums come out.
    """

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="credits")
    amount = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=CreditKind.choices, default=CreditKind.OTHER)
    reason = models.CharField(max_length=LONGEST_NOTE)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")

    objects = CreditQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses__isnull=True) | Q(amount__lt=0, reverses__isnull=False),
                name="credit_positive_or_reversing",
            ),
            models.CheckConstraint(condition=Q(kind__in=CreditKind.values), name="credit_kind_known"),
        ]
        indexes = [
            models.Index(fields=["granted_by", "created_at"], condition=Q(kind="waived"), name="credit_waived_by")
        ]

    def __str__(self) -> str:
        return f"Credit {self.amount}"
