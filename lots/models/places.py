"""Levels, zones and spots."""

from typing import ClassVar

from django.db import models
from django.db.models import Case, GeneratedField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from common.db.choices import choices_of, values_of
from common.notes import LONGEST_NOTE
from lots.compatibility import SpotType
from lots.drawn_rows import FULL_TURN, RowPlace
from lots.models.labels import (
    SOURCE_LABELS,
    SPOT_LABELS,
    SpotStatus,
)
from lots.models.lots import Lot


class Level(models.Model):
    """A floor; 0 is the ground."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="levels")
    number = models.IntegerField()
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ["lot_id", "number"]
        constraints = [models.UniqueConstraint(fields=["lot", "number"], name="level_number_once_per_lot")]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """Part of a level with one spot type; in a lot that only counts cars, a capacity.

    Its spots are a row on the plan: numbered from `start` in steps of `step`, drawn from `left` and `top` (decimetres)
    at an `angle` (`lots.drawn_rows`), or one after the other where it has no place yet.
    """

    level = models.ForeignKey(Level, models.CASCADE, related_name="zones")
    name = models.CharField(max_length=60)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS))
    prefix = models.CharField(max_length=20, blank=True)
    start = models.PositiveIntegerField(default=1)
    step = models.PositiveIntegerField(default=1, db_default=1)
    count = models.PositiveIntegerField()
    distance = models.PositiveIntegerField(_("metres to the entrance"), null=True, blank=True)
    elevator_distance = models.PositiveIntegerField(_("metres to the lift"), null=True, blank=True)
    ordinal = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(null=True, blank=True)
    top = models.PositiveIntegerField(null=True, blank=True)
    angle = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["level_id", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["level", "name"], name="zone_name_once_per_level"),
            models.CheckConstraint(condition=Q(spot_type__in=values_of(SpotType)), name="zone_spot_type_known"),
            models.CheckConstraint(condition=Q(step__gt=0, angle__lt=FULL_TURN), name="zone_row_goes_on"),
            models.CheckConstraint(
                condition=Q(left__isnull=True, top__isnull=True) | Q(left__isnull=False, top__isnull=False),
                name="zone_place_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> RowPlace | None:
        """Return where its row is drawn; None where it has no place."""
        return None if self.left is None or self.top is None else RowPlace(self.left, self.top, self.angle)


class SpotQuerySet(models.QuerySet["Spot"]):
    """Filters of spots."""

    def available(self) -> "SpotQuerySet":
        """Keep the spots that a walk-in could be given now."""
        return self.filter(status=SpotStatus.AVAILABLE)


class Spot(models.Model):
    """One bay. Its status is derived by the database from the facts beside it and never set.

    `stay` and `hold` are the keys of the open ticket in it and of the reservation it is held for; both belong to
    layers above, so they are plain numbers here. A trigger of the tickets keeps `stay`, another `maintenance_since`. A
    maintenance with an end (`maintenance_until`) begins and ends by itself, one without is a person's.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="spots", db_index=False)
    level = models.ForeignKey(Level, models.CASCADE, related_name="spots", db_index=False)
    zone = models.ForeignKey(Zone, models.CASCADE, related_name="spots", db_index=False)
    number = models.CharField(max_length=32)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS))
    ordinal = models.PositiveIntegerField()

    stay = models.BigIntegerField(null=True, blank=True, editable=False)
    hold = models.BigIntegerField(null=True, blank=True, editable=False)
    maintenance = models.BooleanField(default=False)
    maintenance_note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    maintenance_since = models.DateTimeField(null=True, blank=True, editable=False)
    maintenance_until = models.DateTimeField(null=True, blank=True, editable=False)
    observed_occupied = models.BooleanField(null=True, blank=True)
    observed_source = models.SmallIntegerField(choices=choices_of(SOURCE_LABELS), null=True, blank=True)
    observed_confidence = models.FloatField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    pending_occupied = models.BooleanField(null=True, blank=True)
    pending_source = models.SmallIntegerField(choices=choices_of(SOURCE_LABELS), null=True, blank=True)
    pending_at = models.DateTimeField(null=True, blank=True)

    status = GeneratedField(
        expression=Case(
            When(maintenance=True, then=Value("maintenance")),
            When(stay__isnull=False, then=Value("occupied")),
            When(hold__isnull=False, then=Value("reserved")),
            When(observed_occupied=True, then=Value("occupied")),
            default=Value("available"),
            output_field=models.CharField(max_length=12),
        ),
        output_field=models.CharField(max_length=12, choices=SpotStatus.choices),
        db_persist=True,
    )

    objects = SpotQuerySet.as_manager()

    class Meta:
        ordering = ["lot_id", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "number"], name="spot_number_once_per_lot"),
            models.UniqueConstraint(fields=["stay"], condition=Q(stay__isnull=False), name="spot_one_per_stay"),
            models.UniqueConstraint(fields=["hold"], condition=Q(hold__isnull=False), name="spot_one_per_hold"),
            models.CheckConstraint(condition=Q(spot_type__in=values_of(SpotType)), name="spot_type_known"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["zone", "ordinal"], condition=Q(status=SpotStatus.AVAILABLE), name="spot_free_in_zone"
            ),
            models.Index(fields=["level", "ordinal"], name="spot_on_level"),
            models.Index(fields=["lot", "maintenance_since"], condition=Q(maintenance=True), name="spot_out_of_use"),
        ]

    def __str__(self) -> str:
        return self.number
