"""Reservations: a spot for a vehicle over a period."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import VEHICLE_LABELS, User
from accounts.vehicles import VehicleType
from billing.models import Charge, Tariff
from common.db.choices import choices_of
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from lots.models import SPOT_LABELS, Level, Lot, Spot


class ReservationStatus(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    ACTIVE = "active", _("Parked")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("No show")


LIVE = (ReservationStatus.CONFIRMED, ReservationStatus.ACTIVE)
EXPECTED = (ReservationStatus.CONFIRMED, ReservationStatus.NO_SHOW)
"""Reservations whose car may still arrive."""


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Filters of reservations."""

    def live(self) -> "ReservationQuerySet":
        """Keep the reservations that still hold a place."""
        return self.filter(status__in=LIVE)


class Reservation(models.Model):
    """A reservation of a spot over [`starts_at`, `ends_at`).

    `during` adds the lot's turnaround; on one spot it may not overlap.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="reservations")
    driver = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="reservations")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    plate_skeleton = models.CharField(max_length=MAX_LENGTH)
    vehicle_type = models.CharField(max_length=12, choices=choices_of(VEHICLE_LABELS), default=VehicleType.REGULAR)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS))
    spot = models.ForeignKey(Spot, models.PROTECT, null=True, blank=True, related_name="reservations")
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="reservations")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = DateTimeRangeField(editable=False)
    status = models.CharField(max_length=12, choices=ReservationStatus.choices, default=ReservationStatus.CONFIRMED)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="reservations")
    multiplier = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reservation_ends_after_start"),
            models.CheckConstraint(condition=Q(status__in=ReservationStatus.values), name="reservation_status_known"),
            ExclusionConstraint(
                name="reservation_spot_never_double_booked",
                expressions=[
                    (
                        Func(
                            "spot_id", "spot_id", Value("[]"), function="int8range", output_field=BigIntegerRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE, spot__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "starts_at"], condition=Q(status__in=LIVE), name="reservation_live"),
            models.Index(
                fields=["lot", "plate_skeleton"], condition=Q(status__in=EXPECTED), name="reservation_expected"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plate} {self.starts_at:%Y-%m-%d %H:%M}"
