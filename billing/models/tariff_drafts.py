"""Drafts of tariffs, and who changed which prices when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models.tariffs import Tariff
from lots.models import Lot


class TariffDraft(models.Model):
    """Prices that somebody works on. They price nothing before they are published as a tariff.

    It is published while `published_as` is set; `replaces` is the tariff that ends the day before for its sake.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="tariff_drafts")
    name = models.CharField(max_length=80)
    rules = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField()
    published_as = models.OneToOneField(Tariff, models.SET_NULL, null=True, blank=True, related_name="+")
    replaces = models.ForeignKey(Tariff, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["lot_id", "id"]

    def __str__(self) -> str:
        return self.name


class PricesOf(models.TextChoices):
    """Whose prices changed."""

    TARIFF = "tariff", _("Tariff")
    DRAFT = "draft", _("Draft")


class ChangedBy(models.TextChoices):
    """By what a change was made; anything that names nobody has gone past the product."""

    PERSON = "person", _("Person")
    SITE_FILE = "site_file", _("Site file")
    DATABASE = "database", _("Database")


class TariffChange(models.Model):
    """One change of a lot's prices: what they were and are (None: not there), who, when. Only the database writes it.

    `subject_id` is the key of the tariff or draft, which may be gone; `role` is the database's user.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="+", db_index=False)
    subject = models.CharField(max_length=6, choices=PricesOf.choices)
    subject_id = models.BigIntegerField()
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    how = models.CharField(max_length=9, choices=ChangedBy.choices)
    role = models.CharField(max_length=63)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(subject__in=PricesOf.values), name="tariff_change_subject_known"),
            models.CheckConstraint(condition=Q(how__in=ChangedBy.values), name="tariff_change_how_known"),
            models.CheckConstraint(
                condition=Q(before__isnull=False) | Q(after__isnull=False), name="tariff_change_says_something"
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "-at", "-id"], name="tariff_change_of_lot"),
            models.Index(fields=["by"], condition=Q(by__isnull=False), name="tariff_change_by"),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.subject_id}"
