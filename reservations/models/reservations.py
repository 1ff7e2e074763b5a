"""Reservations: a spot for a vehicle over a period."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Case, Deferrable, F, Func, Q, Value, When
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import VEHICLE_LABELS, User
from accounts.vehicles import VehicleType
from billing.models import Charge, PromoUse, Tariff
from common.db.choices import choices_of, values_of
from common.db.sealed_fields import EncryptedTextField
from common.phones import LONGEST_PHONE
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from lots.booking_rules import MOST_PERCENT, Prepay
from lots.compatibility import SpotType
from lots.models import PREPAY_LABELS, SPOT_LABELS, Level, Lot, Spot
from reservations.booked_time import BookedTime


class ReservationStatus(models.TextChoices):
    """A pending one keeps its place until it is confirmed or lapses: then nothing was booked."""

    PENDING = "pending", _("Being confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    ACTIVE = "active", _("Parked")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", pgettext_lazy("booking", "Cancelled")
    NO_SHOW = "no_show", _("No show")
    LAPSED = "lapsed", _("Lapsed")


LIVE = (ReservationStatus.PENDING, ReservationStatus.CONFIRMED, ReservationStatus.ACTIVE)
NOT_STARTED = (ReservationStatus.PENDING, ReservationStatus.CONFIRMED)
EXPECTED = (ReservationStatus.CONFIRMED, ReservationStatus.NO_SHOW)
"""Reservations whose car may still arrive."""


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Filters of reservations."""

    def live(self) -> "ReservationQuerySet":
        """Keep the reservations that still hold a place."""
        return self.filter(status__in=LIVE)

    def without_place(self) -> "ReservationQuerySet":
        """Keep the reservations to come that have no place that they could have."""
        return self.filter(status=ReservationStatus.CONFIRMED, place_lost_at__isnull=False)


def _one(expression: object) -> Func:
    """Return a number as a range of its own: ranges need no extension of the database to be compared by overlap."""
    return Func(expression, expression, Value("[]"), function="int8range", output_field=BigIntegerRangeField())


_TYPE_NUMBER = Case(
    *(When(spot_type=spot_type.value, then=Value(number)) for number, spot_type in enumerate(SpotType, start=1)),
    output_field=models.BigIntegerField(),
)


class Reservation(models.Model):
    """A reservation of a place over [`starts_at`, `ends_at`).

    In a lot that knows its spots a live one has a `spot`; in one that only counts cars it has the place of this number,
    from 1 to the capacity, of its `level` and type. `during` adds the lot's turnaround, and ends with a place that was
    given back early; on one place it may not overlap. The database checks that after each statement, so that one
    statement may exchange places. One `asked_for` is not moved. `place_lost_at`: since then it has no place that it
    could have.

    The account of the `driver`, else the address in `email`, is who booked; `booked_by` is the operator's person who
    did it for a caller. A guest's address counts from `email_confirmed_at` on. The price includes tax, and is by the
    tariff and multiplier of when it was booked, less its `discounts`, as stays have them: of the code whose `promo_use`
    it has; `prepay`, minutes and percentages are the lot's of that time too. It
    is free to cancel until `cancel_free_until`. `cancelled_at` and `missed_at` say when it was cancelled, or its driver
    had not come; what either costs is the `fee_amount`. Since `forgiven_at` a no-show counts no more against who
    booked. The `at_exit_amount` is what the operator has made a prepaid booking dearer by: it is paid with the stay.
    `unsettled_since`: more is being paid, or a hold was lost. `sequence` rises with each change that calendars have to
    follow. The `phone` was verified before it was booked.
    """

    code = models.CharField(max_length=13)
    token = models.CharField(max_length=32)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="reservations")
    driver = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="reservations")
    email = models.EmailField(blank=True)
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    phone = EncryptedTextField(max_length=LONGEST_PHONE, blank=True)
    booked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    plate_skeleton = models.CharField(max_length=MAX_LENGTH)
    vehicle_type = models.CharField(max_length=12, choices=choices_of(VEHICLE_LABELS), default=VehicleType.REGULAR)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS))
    spot = models.ForeignKey(Spot, models.PROTECT, null=True, blank=True, related_name="reservations")
    asked_for = models.BooleanField(_("this spot was asked for"), default=False)
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="reservations")
    place = models.PositiveIntegerField(null=True, blank=True)
    place_lost_at = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    during = DateTimeRangeField(editable=False)
    status = models.CharField(max_length=12, choices=ReservationStatus.choices, default=ReservationStatus.CONFIRMED)
    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="reservations")
    multiplier = models.DecimalField(max_digits=4, decimal_places=2, default=1)
    price_amount = models.BigIntegerField()
    discounts = models.JSONField(default=list, blank=True, db_default=[])
    promo_use = models.OneToOneField(PromoUse, models.PROTECT, null=True, blank=True, related_name="booking")
    prepay = models.CharField(max_length=8, choices=choices_of(PREPAY_LABELS), default=Prepay.NONE)
    cancel_minutes = models.PositiveIntegerField()
    cancel_free_until = models.DateTimeField()
    late_cancel_percent = models.PositiveSmallIntegerField()
    no_show_minutes = models.PositiveIntegerField()
    no_show_percent = models.PositiveSmallIntegerField()
    early_grace_minutes = models.PositiveIntegerField()
    late_grace_minutes = models.PositiveIntegerField()
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="+")
    fee_amount = models.BigIntegerField(default=0)
    at_exit_amount = models.BigIntegerField(default=0)
    unsettled_since = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    forgiven_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], name="reservation_code_once"),
            models.UniqueConstraint(fields=["token"], name="reservation_token_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reservation_ends_after_start"),
            models.CheckConstraint(condition=Q(status__in=ReservationStatus.values), name="reservation_status_known"),
            models.CheckConstraint(condition=Q(spot_type__in=values_of(SpotType)), name="reservation_spot_type_known"),
            models.CheckConstraint(condition=Q(prepay__in=values_of(Prepay)), name="reservation_prepay_known"),
            models.CheckConstraint(
                condition=Q(
                    fee_amount__range=(0, F("price_amount")),
                    late_cancel_percent__lte=MOST_PERCENT,
                    no_show_percent__lte=MOST_PERCENT,
                ),
                name="reservation_fees_within_the_price",
            ),
            models.CheckConstraint(
                condition=Q(at_exit_amount__range=(0, F("price_amount"))), name="reservation_at_exit_within_the_price"
            ),
            models.CheckConstraint(
                condition=~Q(status=ReservationStatus.CANCELLED) | Q(cancelled_at__isnull=False),
                name="reservation_cancelled_at_known",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReservationStatus.NO_SHOW) | Q(missed_at__isnull=False),
                name="reservation_missed_at_known",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True) | Q(place__gt=0, level__isnull=False, spot__isnull=True),
                name="reservation_place_is_of_a_level",
            ),
            ExclusionConstraint(
                name="reservation_spot_never_double_booked",
                expressions=[(_one("spot_id"), RangeOperators.OVERLAPS), ("during", RangeOperators.OVERLAPS)],
                condition=Q(status__in=LIVE, spot__isnull=False),
                deferrable=Deferrable.IMMEDIATE,
            ),
            ExclusionConstraint(
                name="reservation_place_never_double_booked",
                expressions=[
                    (_one("level_id"), RangeOperators.OVERLAPS),
                    (_one(_TYPE_NUMBER), RangeOperators.OVERLAPS),
                    (_one("place"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=LIVE, place__isnull=False),
                deferrable=Deferrable.IMMEDIATE,
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "starts_at"], condition=Q(status__in=LIVE), name="reservation_live"),
            models.Index(
                fields=["starts_at"], condition=Q(status=ReservationStatus.CONFIRMED), name="reservation_to_come"
            ),
            models.Index(
                fields=["lot", "plate_skeleton"], condition=Q(status__in=EXPECTED), name="reservation_expected"
            ),
            models.Index(
                fields=["created_at"], condition=Q(status=ReservationStatus.PENDING), name="reservation_pending"
            ),
            models.Index(
                fields=["unsettled_since"], condition=Q(unsettled_since__isnull=False), name="reservation_unsettled"
            ),
            models.Index(
                fields=["lot"],
                condition=Q(status=ReservationStatus.CONFIRMED, place_lost_at__isnull=False),
                name="reservation_without_place",
            ),
            models.Index(fields=["lot", "-starts_at"], name="reservation_of_lot"),
            models.Index(fields=["plate_normalised", "-starts_at"], name="reservation_of_plate"),
            models.Index(fields=["email", "-starts_at"], condition=~Q(email=""), name="reservation_of_address"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def time(self) -> BookedTime:
        """Return what was booked, without the turnaround."""
        return BookedTime(self.starts_at, self.ends_at)

    @property
    def is_live(self) -> bool:
        """Return whether it still holds a place."""
        return self.status in LIVE
