"""What card providers reported by webhook."""

from django.db import models
from django.db.models import Q


class ProviderEvent(models.Model):
    """A webhook of a provider about the payment, card set-up or refund with our key `reference`.

    It may come before that row. It is a reason to ask the provider, which was done at `applied_at`; what it says
    itself is kept as proof.
    """

    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=80)
    reference = models.CharField(max_length=120)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once"),
            models.CheckConstraint(condition=~Q(reference=""), name="provider_event_has_reference"),
        ]
        indexes = [
            models.Index(fields=["reference"], name="provider_event_of_payment"),
            models.Index(fields=["received_at"], condition=Q(applied_at__isnull=True), name="provider_event_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
