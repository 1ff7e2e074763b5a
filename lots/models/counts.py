"""Counters of spots, and what people correct of them."""

from django.db import models
from django.db.models import F, GeneratedField, Q

from accounts.models import User
from common.db.choices import choices_of
from common.notes import LONGEST_NOTE
from lots.models.labels import SPOT_LABELS
from lots.models.lots import Lot
from lots.models.places import Level


class SpotCount(models.Model):
    """How many spots of a type a level has in each state; kept by the database, equal to a recount at rest.

    `uncounted` cars are among the occupied ones: somebody corrected the count by them, and no stay knows them.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="counts", db_index=False)
    level = models.ForeignKey(Level, models.CASCADE, related_name="counts", db_index=False)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS))
    total = models.IntegerField(default=0)
    occupied = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    maintenance = models.IntegerField(default=0)
    uncounted = models.IntegerField(default=0, db_default=0)
    free = GeneratedField(
        expression=F("total") - F("occupied") - F("reserved") - F("maintenance"),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["lot_id", "level_id", "spot_type"]
        constraints = [
            models.UniqueConstraint(fields=["level", "spot_type"], name="spot_count_once_per_level_and_type"),
            models.CheckConstraint(
                condition=Q(total__gte=0, occupied__gte=0, reserved__gte=0, maintenance__gte=0),
                name="spot_count_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(total__gte=F("occupied") + F("reserved") + F("maintenance")),
                name="spot_count_free_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(uncounted__gte=0, uncounted__lte=F("occupied")), name="spot_count_knows_its_stays"
            ),
        ]
        indexes = [models.Index(fields=["lot"], name="spot_count_lot")]

    def __str__(self) -> str:
        return f"{self.spot_type}: {self.total}"


class CountCorrection(models.Model):
    """Somebody counted the cars of a type on a level: how many more of them no stay knows than before.

    Only ever added to; the database moves the counter with it. `inside` is how many cars were inside then.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="count_corrections", db_index=False)
    level = models.ForeignKey(Level, models.PROTECT, related_name="count_corrections", db_index=False)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS))
    added = models.IntegerField()
    inside = models.PositiveIntegerField()
    reason = models.CharField(max_length=LONGEST_NOTE)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    is_reset = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["lot", "-at", "-id"], name="count_corrections_of_lot")]
        constraints = [models.CheckConstraint(condition=~Q(added=0), name="count_correction_changes_it")]

    def __str__(self) -> str:
        return f"{self.spot_type}: {self.added:+d}"
