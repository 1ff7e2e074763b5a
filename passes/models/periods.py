"""The periods that passes were sold for."""

from django.db import models
from django.db.models import F, Q

from billing.models import Charge
from passes.models.held import Pass


class PassPeriod(models.Model):
    """One period of a pass, from its first to its last day; `number` 1 is the one it was sold with.

    Its price is paid by the `charge`; one without a charge is offered, or was granted for nothing. It counts from
    `begun_at` on: then its days, and its entries, are those of the pass.
    """

    held_pass = models.ForeignKey(Pass, models.CASCADE, related_name="periods", db_index=False)
    number = models.PositiveSmallIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    price_amount = models.PositiveBigIntegerField()
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="+")
    offered_at = models.DateTimeField()
    billed_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["held_pass_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["held_pass", "number"], name="pass_period_once"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="pass_period_ends_after_start"),
            models.CheckConstraint(
                condition=Q(begun_at__isnull=True) | Q(dropped_at__isnull=True), name="pass_period_begun_or_dropped"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_pass_id}: {self.first_day} to {self.last_day}"
