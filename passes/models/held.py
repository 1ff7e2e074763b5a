"""Passes that people and companies have."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import SavedMethod
from common.db.sealed_fields import EncryptedTextField
from common.notes import LONGEST_NOTE
from lots.models import Lot
from passes.models.companies import Company
from passes.models.offers import PassOffer
from passes.models.terms import PassTerms
from passes.pass_rules import PassRenewal


class PassStatus(models.TextChoices):
    """A draft is not paid yet; it begins with that."""

    DRAFT = "draft", _("Not paid yet")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    EXPIRED = "expired", _("Ended")
    CANCELLED = "cancelled", _("Cancelled")


ENDED = (PassStatus.EXPIRED, PassStatus.CANCELLED)


class PassQuerySet(models.QuerySet["Pass"]):
    """Filters of passes."""

    def active(self) -> "PassQuerySet":
        """Keep those that open gates on their days."""
        return self.filter(status=PassStatus.ACTIVE)

    def not_ended(self) -> "PassQuerySet":
        """Keep those that count, or may still."""
        return self.exclude(status__in=ENDED)


class Pass(PassTerms):
    """A right to park at its `lots` from `valid_from` to `valid_until`, local days, both included.

    Its charges belong to `lot`, the first of them; one of several lots is `shared`: its pool is decided under its own
    lock. The holder is a `company`, an account, or somebody of whom only a name and an address are known. It covers a
    stay until `stopped_at`, when it was suspended or cancelled. `entries_left` is kept by the database from the stays
    on it. Its terms are those of its offer when it was sold.
    """

    code = models.CharField(max_length=13, unique=True)
    name = models.CharField(max_length=80)
    offer = models.ForeignKey(PassOffer, models.SET_NULL, null=True, blank=True, related_name="sold")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="first_of_passes")
    lots = models.ManyToManyField(Lot, related_name="passes")
    shared = models.BooleanField(default=False, editable=False)
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True, related_name="passes")
    holder = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="passes")
    holder_name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=9, choices=PassStatus.choices, default=PassStatus.DRAFT)
    valid_from = models.DateField()
    valid_until = models.DateField()
    entries_left = models.PositiveIntegerField(null=True, blank=True)
    saved_method = models.ForeignKey(SavedMethod, models.SET_NULL, null=True, blank=True, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True)
    unpaid = models.BooleanField(_("suspended as it was not paid"), default=False)
    note = EncryptedTextField(max_length=LONGEST_NOTE, blank=True)
    idempotency_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    objects = PassQuerySet.as_manager()

    class Meta(PassTerms.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            *PassTerms.Meta.constraints,
            models.CheckConstraint(condition=Q(status__in=PassStatus.values), name="pass_status_known"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="pass_ends_after_start"),
            models.CheckConstraint(condition=Q(company__isnull=True) | Q(holder__isnull=True), name="pass_one_holder"),
            models.CheckConstraint(
                condition=Q(status__in=[PassStatus.SUSPENDED, PassStatus.CANCELLED], stopped_at__isnull=False)
                | Q(status__in=[PassStatus.DRAFT, PassStatus.ACTIVE], stopped_at__isnull=True)
                | Q(status=PassStatus.EXPIRED),
                name="pass_stopped_when_suspended_or_cancelled",
            ),
            models.CheckConstraint(
                condition=Q(entries__isnull=True, entries_left__isnull=True)
                | Q(entries__isnull=False, entries_left__isnull=False),
                name="pass_counts_its_entries",
            ),
        ]
        indexes = [
            models.Index(
                fields=["valid_until"], condition=Q(status__in=[PassStatus.ACTIVE]), name="pass_active_by_end"
            ),
            models.Index(fields=["created_at"], condition=Q(status=PassStatus.DRAFT), name="pass_draft"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def renews(self) -> bool:
        """Return whether another period follows its last day."""
        return self.renewal != PassRenewal.NONE

    @property
    def may_be_invoiced(self) -> bool:
        """Return whether its holder may choose an invoice for what follows: the pass has one, or its offer."""
        return PassRenewal.INVOICE in {self.renewal, self.offer.renewal if self.offer else None}

    @property
    def covers_until(self) -> date:
        """Return the last day that it covers: one that is to be renewed still opens for its days of grace."""
        return self.valid_until + timedelta(days=self.grace_days if self.renews else 0)


class PassChange(models.Model):
    """One change of a pass: of its state, or of what `why` says; who and when."""

    held_pass = models.ForeignKey(Pass, models.CASCADE, related_name="changes")
    from_status = models.CharField(max_length=9, blank=True)
    to_status = models.CharField(max_length=9)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    why = models.CharField(max_length=LONGEST_NOTE, blank=True)

    class Meta:
        ordering = ["held_pass_id", "id"]

    def __str__(self) -> str:
        return f"{self.held_pass_id}: {self.to_status}"
