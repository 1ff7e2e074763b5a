"""Months of stays priced by two tariffs."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from billing.models import TariffDraft
from lots.models import Lot
from tickets.models.stay import Ticket


class TariffComparison(models.Model):
    """What the stays of a month would have cost by a draft, beside what they would by the tariff in force.

    Both rules are kept as they were. A worker prices the stays that left on these days in the order in which they left
    and remembers how far it `reached`, so that another goes on after it. `lengths` has a row for each length of stay.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="+", db_index=False)
    draft = models.ForeignKey(TariffDraft, models.CASCADE, related_name="comparisons")
    tariff_name = models.CharField(max_length=80)
    old_rules = models.JSONField()
    new_rules = models.JSONField()
    first_day = models.DateField()
    last_day = models.DateField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    reached_at = models.DateTimeField(null=True, blank=True)
    reached_id = models.BigIntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    moved_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    old_amount = models.BigIntegerField(default=0)
    new_amount = models.BigIntegerField(default=0)
    dearer = models.PositiveIntegerField(default=0)
    cheaper = models.PositiveIntegerField(default=0)
    unpriced = models.PositiveIntegerField(default=0)
    dearest = models.ForeignKey(Ticket, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    dearest_by = models.BigIntegerField(default=0)
    cheapest = models.ForeignKey(Ticket, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    cheapest_by = models.BigIntegerField(default=0)
    lengths = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="comparison_done_within_total"),
            models.UniqueConstraint(
                fields=["draft"], condition=Q(finished_at__isnull=True), name="comparison_one_running_per_draft"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(finished_at__isnull=True), name="comparison_to_do")]

    def __str__(self) -> str:
        return f"{self.draft} · {self.first_day}–{self.last_day}"
