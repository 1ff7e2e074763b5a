"""Cards that drivers agreed to have charged while they are not there."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from common.db.sealed_fields import EncryptedTextField, KeyedHashField

LABEL_ENDING = " ending "
"""What providers' adapters write between the kind of a card and its last digits."""


class SavedMethodQuerySet(models.QuerySet["SavedMethod"]):
    """Filters of saved methods."""

    def usable(self) -> "SavedMethodQuerySet":
        """Keep the methods that their owners have not removed."""
        return self.filter(removed_at__isnull=True)


class SavedMethod(models.Model):
    """A driver's card at a provider, which keeps it; `reference` is the provider's token, `label` its kind and digits.

    From `removed_at` on it is not charged; the provider has dropped it since `forgotten_at`.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_methods")
    provider = models.CharField(max_length=40)
    reference = EncryptedTextField(max_length=120)
    reference_hash = KeyedHashField(of="reference")
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = SavedMethodQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "provider", "reference_hash"],
                condition=Q(removed_at__isnull=True),
                name="saved_method_once_per_owner",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="saved_method_has_reference"),
        ]
        indexes = [
            models.Index(
                fields=["removed_at"],
                condition=Q(removed_at__isnull=False, forgotten_at__isnull=True),
                name="saved_method_to_forget",
            )
        ]

    def __str__(self) -> str:
        """Return what people read, in their language: `Visa ending 4242`."""
        kind, _ending, digits = self.label.rpartition(LABEL_ENDING)
        return _("%(card)s ending %(digits)s") % {"card": kind, "digits": digits} if kind else self.label


class CardSetup(models.Model):
    """One attempt of a driver to save a card on the provider's page; `reference` is our key there."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="card_setups")
    provider = models.CharField(max_length=40)
    reference = models.CharField(max_length=120, unique=True)
    provider_reference = models.CharField(max_length=120, blank=True)
    page_url = models.CharField(max_length=2000, blank=True)
    page_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    saved_method = models.ForeignKey(SavedMethod, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], condition=Q(finished_at__isnull=True), name="card_setup_unfinished")
        ]

    def __str__(self) -> str:
        return self.reference
