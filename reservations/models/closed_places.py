"""Places that nobody may use for a time."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, OuterRef, Q

from accounts.models import User
from common.db.choices import choices_of, values_of
from common.notes import LONGEST_NOTE
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Level, Lot
from reservations.models.reservations import Reservation


def _array_of(expression: object) -> Func:
    template = "%(function)s[%(expressions)s]"
    return Func(expression, function="ARRAY", template=template, output_field=ArrayField(models.BigIntegerField()))


class BlackoutQuerySet(models.QuerySet["Blackout"]):
    """Filters of blackouts."""

    def in_force(self, at: datetime) -> "BlackoutQuerySet":
        """Keep those that close places at `at` or later."""
        return self.filter(lifted_at=None, ends_at__gt=at)

    def running(self, at: datetime) -> "BlackoutQuerySet":
        """Keep those that close places at `at`."""
        return self.in_force(at).filter(starts_at__lte=at)

    def closing_type(self) -> "BlackoutQuerySet":
        """Keep those that close places of the outer row's lot, level and spot type."""
        of_level = Q(level=None) | Q(level=OuterRef("level_id"))
        return self.filter(of_level, Q(spot_type="") | Q(spot_type=OuterRef("spot_type")), lot=OuterRef("lot_id"))

    def closing_bay(self) -> "BlackoutQuerySet":
        """Keep those that close the bay of the outer row."""
        return self.closing_type().filter(Q(bays=[]) | Q(bays__contains=_array_of(OuterRef("pk"))))


class Blackout(models.Model):
    """Places of a lot that nobody may use over [`starts_at`, `ends_at`), for maintenance or an event.

    Those of a `level` and of a `spot_type`, where these are given, or the spots whose keys are the `bays`. In a lot
    that only counts cars it may close only `places` of a level and type: the numbers from `first_place` on. One that
    was lifted closes nothing any more. A trigger of the bookings lets none be placed there.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="blackouts", db_index=False)
    level = models.ForeignKey(Level, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS), blank=True)
    bays = ArrayField(models.BigIntegerField(), default=list, blank=True)
    first_place = models.PositiveIntegerField(null=True, blank=True)
    places = models.PositiveIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=LONGEST_NOTE)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    objects = BlackoutQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="blackout_ends_after_start"),
            models.CheckConstraint(
                condition=Q(spot_type="") | Q(spot_type__in=values_of(SpotType)), name="blackout_spot_type_known"
            ),
            models.CheckConstraint(
                condition=Q(places__isnull=True, first_place__isnull=True)
                | Q(places__gt=0, first_place__gt=0, level__isnull=False, bays=[]) & ~Q(spot_type=""),
                name="blackout_places_are_of_a_level_and_type",
            ),
            models.CheckConstraint(
                condition=Q(bays=[]) | Q(level__isnull=True, spot_type=""), name="blackout_bays_stand_alone"
            ),
        ]
        indexes = [models.Index(fields=["lot", "ends_at"], name="blackout_of_lot")]

    def __str__(self) -> str:
        return self.reason

    def closes_type(self, level_id: int | None, spot_type: str) -> bool:
        """Return whether places of a level (its key) and type are among those that it closes."""
        return self.level_id in {None, level_id} and self.spot_type in {"", spot_type}

    def closes(self, booking: Reservation) -> bool:
        """Return whether it closes the place that a booking has; the time is not looked at."""
        if booking.spot_id is None and booking.place is None:
            return False
        # A booking may have been given a larger spot than it asked for.
        spot_type = booking.spot.spot_type if booking.spot else booking.spot_type
        return self.closes_place(booking.level_id, spot_type, spot=booking.spot_id, number=booking.place)

    def closes_place(self, level: int | None, spot_type: str, *, spot: int | None, number: int | None) -> bool:
        """Return whether it closes a place of a level and type: a spot (all by their keys), or a counted `number`."""
        if self.bays:
            return spot in self.bays
        if not self.closes_type(level, spot_type):
            return False
        if self.places is None or self.first_place is None:
            return True
        return number is not None and 0 <= number - self.first_place < self.places
