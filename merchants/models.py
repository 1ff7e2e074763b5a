"""What merchants give to their customers who parked: types of validations, their budgets, and each one given."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant, User
from billing.models import Charge, Document
from lots.models import Lot
from tickets.models import Ticket


class MerchantLot(models.Model):
    """A lot at which a merchant's customers park; the first one is that of its invoices."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="places")
    lot = models.ForeignKey(Lot, models.CASCADE, related_name="merchant_places")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "lot"], name="merchant_lot_once")]

    def __str__(self) -> str:
        return f"{self.merchant} · {self.lot}"


class BudgetKind(models.TextChoices):
    """What a month's budget counts: validations, or the money that they take off."""

    NONE = "", _("No budget")
    NUMBER = "number", _("Number of validations")
    AMOUNT = "amount", _("Amount of money")


class ValidationTypeQuerySet(models.QuerySet["ValidationType"]):
    """Filters of types."""

    def offered(self) -> "ValidationTypeQuerySet":
        """Keep those that may be given now."""
        return self.filter(ended_at__isnull=True, merchant__ended_at__isnull=True)


class ValidationType(models.Model):
    """One thing a merchant may give: a `discount` as the pricing engine takes it.

    A stay gets it `max_per_stay` times, and beside other kinds only if all are `stackable`; one plate gets it at most
    `max_per_plate` times a month (empty for any). A budget counts by month; one in money needs a discount in money,
    which counts in full. The merchant pays `share_percent` of what it took off. With a `by_code` drivers take it
    themselves by scanning the shop's code of the day. One that has ended is kept for the books.
    """

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="types")
    name = models.CharField(max_length=60)
    discount = models.JSONField()
    max_per_stay = models.PositiveSmallIntegerField(default=1)
    max_per_plate = models.PositiveSmallIntegerField(null=True, blank=True)
    stackable = models.BooleanField(default=False)
    budget_kind = models.CharField(max_length=6, choices=BudgetKind.choices, blank=True, default=BudgetKind.NONE)
    budget_limit = models.PositiveBigIntegerField(null=True, blank=True)
    share_percent = models.PositiveSmallIntegerField(default=100)
    by_code = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ValidationTypeQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "name"], condition=Q(ended_at__isnull=True), name="validation_type_name_once"
            ),
            models.CheckConstraint(condition=Q(share_percent__lte=100), name="validation_type_share_within_all"),
            models.CheckConstraint(condition=Q(max_per_stay__gte=1), name="validation_type_at_least_once"),
            models.CheckConstraint(condition=Q(budget_kind__in=BudgetKind.values), name="validation_budget_kind_known"),
            models.CheckConstraint(
                condition=Q(budget_kind="", budget_limit__isnull=True)
                | (~Q(budget_kind="") & Q(budget_limit__isnull=False)),
                name="validation_budget_has_a_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def worth(self) -> int:
        """Return what one counts towards a budget: 1, or the amount of its discount in minor units."""
        return int(self.discount["amount"]) if self.budget_kind == BudgetKind.AMOUNT else 1


class ValidationBudget(models.Model):
    """What was given of a type in a month, and the limit then; its row is locked while one is given or withdrawn."""

    type = models.ForeignKey(ValidationType, models.CASCADE, related_name="budgets", db_index=False)
    month = models.DateField()
    used = models.PositiveBigIntegerField(default=0)
    limit = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "month"], name="validation_budget_once_a_month"),
            models.CheckConstraint(condition=Q(used__lte=models.F("limit")), name="validation_budget_not_exceeded"),
        ]

    def __str__(self) -> str:
        return f"{self.type} · {self.month:%Y-%m}: {self.used} of {self.limit}"


class GivenHow(models.TextChoices):
    """Who gave a validation: a person of the merchant, a program, or the driver by the shop's code."""

    PERSON = "person", _("By hand")
    PROGRAM = "program", _("By a program")
    CODE = "code", _("By the shop's code")


class ValidationQuerySet(models.QuerySet["Validation"]):
    """Filters of validations."""

    def standing(self) -> "ValidationQuerySet":
        """Keep those that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class MerchantInvoice(models.Model):
    """What a merchant owes for a month, once: the charge, and the document that asks for it."""

    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="invoices")
    month = models.DateField()
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="merchant_invoice")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="merchant_invoices")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["merchant", "month"], name="merchant_invoice_once_a_month")]

    def __str__(self) -> str:
        return f"{self.merchant} · {self.month:%Y-%m}"


class Validation(models.Model):
    """One discount given to a stay. `month` is that of the lot's day on which it was given, whose budget it uses.

    Once the stay has ended, `taken_off` is what it took off the fee and `share_amount` what of that the merchant pays,
    in minor units of the lot's currency.
    """

    type = models.ForeignKey(ValidationType, models.PROTECT, related_name="validations", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="validations")
    month = models.DateField()
    how = models.CharField(max_length=7, choices=GivenHow.choices)
    given_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=80, unique=True, null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    taken_off = models.PositiveBigIntegerField(null=True, blank=True)
    share_amount = models.PositiveBigIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    invoice = models.ForeignKey(MerchantInvoice, models.PROTECT, null=True, blank=True, related_name="validations")

    objects = ValidationQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "type"],
                condition=Q(how="code", withdrawn_at__isnull=True),
                name="validation_by_code_once_a_stay",
            ),
            models.CheckConstraint(condition=Q(how__in=GivenHow.values), name="validation_how_known"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(taken_off__isnull=True, invoice__isnull=True),
                name="validation_withdrawn_is_worth_nothing",
            ),
            models.CheckConstraint(
                condition=Q(taken_off__isnull=True, share_amount__isnull=True)
                | Q(taken_off__isnull=False, share_amount__lte=models.F("taken_off")),
                name="validation_share_within_taken_off",
            ),
        ]
        indexes = [
            models.Index(fields=["type", "-given_at"], name="validation_by_type"),
            models.Index(
                fields=["given_at"],
                condition=Q(withdrawn_at__isnull=True, taken_off__isnull=True),
                name="validation_to_reckon",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} · {self.ticket}"

    @property
    def key(self) -> str:
        """Return the key of the stay's discount that this is."""
        return f"validation-{self.pk}"

    def as_discount(self) -> dict[str, Any]:
        """Return the discount as the stay keeps it."""
        return {
            "key": self.key,
            "kind": f"type-{self.type_id}",
            "name": self.type.merchant.name,
            "discount": self.type.discount,
            "alone": not self.type.stackable,
        }
