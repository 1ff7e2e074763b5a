"""Cards that drivers agreed to have charged while they are not there."""

from django.db import models
from django.db.models import Q

from accounts.models import User


class SavedMethodQuerySet(models.QuerySet["SavedMethod"]):
    """Filters of saved methods."""

    def usable(self) -> "SavedMethodQuerySet":
        """Keep the methods that their owners have not removed."""
        return self.filter(removed_at__isnull=True)


class SavedMethod(models.Model):
    """A driver's card at a provider, which keeps it; `reference` is the provider's token, `label` what people read."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_methods")
    provider = models.CharField(max_length=40)
    reference = models.CharField(max_length=120)
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SavedMethodQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "provider", "reference"],
                condition=Q(removed_at__isnull=True),
                name="saved_method_once_per_owner",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="saved_method_has_reference"),
        ]

    def __str__(self) -> str:
        return self.label
