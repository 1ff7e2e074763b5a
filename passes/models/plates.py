"""The plates of passes with their history, and the stays on passes."""

from django.db import models
from django.db.models import Q

from accounts.models import Operator, User
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from common.regions import LONGEST_REGION
from lots.models import Lot
from passes.models.held import Pass


class PassPlateQuerySet(models.QuerySet["PassPlate"]):
    """Filters of plates."""

    def current(self) -> "PassPlateQuerySet":
        """Keep the plates that passes have now."""
        return self.filter(removed_at=None)


class PassPlate(models.Model):
    """A plate that a pass has, or had until `removed_at`. One that came in place of another was `swapped_in`."""

    held_pass = models.ForeignKey(Pass, models.CASCADE, related_name="plates", db_index=False)
    operator = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    plate_skeleton = models.CharField(max_length=MAX_LENGTH)
    region = models.CharField(max_length=LONGEST_REGION, blank=True)
    label = models.CharField(max_length=80, blank=True)
    swapped_in = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    objects = PassPlateQuerySet.as_manager()

    class Meta:
        ordering = ["held_pass_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["held_pass", "plate_normalised"],
                condition=Q(removed_at__isnull=True),
                name="pass_plate_once_per_pass",
            ),
            models.CheckConstraint(condition=~Q(plate_normalised=""), name="pass_plate_readable"),
        ]
        indexes = [
            models.Index(
                fields=["operator", "plate_skeleton"], condition=Q(removed_at__isnull=True), name="pass_plate_alike"
            ),
            models.Index(fields=["held_pass", "added_at"], name="pass_plate_history"),
        ]

    def __str__(self) -> str:
        return self.plate


class PassUse(models.Model):
    """A stay on a pass; the database keeps it from the ticket, whose key it has.

    Its car is inside until `left_at`. It has used as many `entries`; none when its entry was undone (`given_back`).
    """

    ticket = models.BigIntegerField(unique=True)
    held_pass = models.ForeignKey(Pass, models.PROTECT, related_name="uses", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", db_index=False)
    plate_normalised = models.CharField(max_length=MAX_LENGTH, blank=True)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    entries = models.PositiveSmallIntegerField(default=1)
    given_back = models.BooleanField(default=False)

    class Meta:
        ordering = ["held_pass_id", "-entered_at", "-id"]
        indexes = [
            models.Index(fields=["held_pass"], condition=Q(left_at__isnull=True), name="pass_use_inside"),
            models.Index(fields=["held_pass", "-entered_at"], name="pass_use_history"),
        ]

    def __str__(self) -> str:
        return f"{self.held_pass_id}: {self.plate_normalised}"
