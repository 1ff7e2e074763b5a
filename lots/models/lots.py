"""Lots and their entrances."""

from typing import ClassVar

from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import GeneratedField, Q, Value
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from common.db.choices import choices_of, values_of
from common.languages import LANGUAGES
from lots.allocation import Strategy
from lots.booking_rules import MOST_PERCENT, Prepay
from lots.gate_rules import LowConfidence
from lots.geometry import DegreesField, LotPoint
from lots.models.labels import (
    LANGUAGE_CHOICES,
    LOW_CONFIDENCE_LABELS,
    PREPAY_LABELS,
    STRATEGY_LABELS,
    Tracking,
)
from lots.search import SearchText
from lots.share_check import AreShares

PUBLIC = Q(published=True, archived_at__isnull=True)
"""The lots that anyone may see."""


class LotQuerySet(models.QuerySet["Lot"]):
    """Filters of lots."""

    def public(self) -> "LotQuerySet":
        """Keep the lots that anyone may see."""
        return self.filter(PUBLIC)

    def in_use(self) -> "LotQuerySet":
        """Keep the lots that are not archived."""
        return self.filter(archived_at=None)


class Lot(models.Model):
    """One facility with its timezone, currency and rules. Durations are in minutes unless named otherwise.

    `booking_share_percent` is an object: how many of 100 places of a spot type may be promised at one instant; those of
    a type that is left out may all be. So is `kept_days`: for how many days it keeps what (`lots.kept_days`). Its
    displays speak the `language`, or the installation's, and then the `second_language`, if any.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="lots")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80, blank=True)
    latitude = DegreesField(null=True, blank=True)
    longitude = DegreesField(null=True, blank=True)
    timezone = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    language = models.CharField(
        _("language of its displays"), max_length=2, choices=LANGUAGE_CHOICES, blank=True, default="", db_default=""
    )
    second_language = models.CharField(
        _("second language"), max_length=2, choices=LANGUAGE_CHOICES, blank=True, default="", db_default=""
    )
    holidays = models.JSONField(default=dict, blank=True)
    opening_hours = models.JSONField(default=dict, blank=True)
    amenities = models.JSONField(default=list, blank=True)
    max_height_cm = models.PositiveIntegerField(null=True, blank=True)
    tracking = models.CharField(max_length=8, choices=Tracking.choices, default=Tracking.SPOTS)
    allocation = models.CharField(max_length=20, choices=choices_of(STRATEGY_LABELS), default=Strategy.NEAREST_ENTRANCE)
    is_closed = models.BooleanField(_("closed by hand"), default=False)
    published = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    low_confidence = models.CharField(
        max_length=8, choices=choices_of(LOW_CONFIDENCE_LABELS), default=LowConfidence.TICKET
    )
    confidence_threshold = models.FloatField(default=0.6, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)])
    dedupe_seconds = models.PositiveIntegerField(default=30)
    passing_seconds = models.PositiveIntegerField(default=10)
    oldest_record_days = models.PositiveIntegerField(default=30)
    lane_fee_limit = models.BigIntegerField(null=True, blank=True)
    plates_by_region = models.BooleanField(default=False)
    cash_rounding = models.PositiveIntegerField(default=1)
    early_minutes = models.PositiveIntegerField(default=30)
    protect_minutes = models.PositiveIntegerField(default=180)
    reentry_minutes = models.PositiveIntegerField(default=30)
    hold_minutes = models.PositiveIntegerField(default=30)
    turnaround_minutes = models.PositiveIntegerField(default=15)
    no_show_minutes = models.PositiveIntegerField(default=15)
    cancel_minutes = models.PositiveIntegerField(default=60)
    early_grace_minutes = models.PositiveIntegerField(default=10)
    late_grace_minutes = models.PositiveIntegerField(default=10)
    counts_reset_hour = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(23)])
    bookable = models.BooleanField(default=True, db_default=True)
    asks_phone = models.BooleanField(default=False, db_default=False)
    booking_share_percent = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    prepay = models.CharField(
        max_length=8, choices=choices_of(PREPAY_LABELS), default=Prepay.NONE, db_default=Prepay.NONE
    )
    late_cancel_percent = models.PositiveSmallIntegerField(default=50, db_default=50)
    no_show_percent = models.PositiveSmallIntegerField(default=100, db_default=100)
    kept_days = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    created_at = models.DateTimeField(default=now)
    search_text = GeneratedField(
        expression=SearchText("name", "city", "address"), output_field=models.TextField(), db_persist=True
    )

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(tracking__in=Tracking.values), name="lot_tracking_known"),
            models.CheckConstraint(condition=Q(allocation__in=values_of(Strategy)), name="lot_allocation_known"),
            models.CheckConstraint(
                condition=Q(language__in=["", *LANGUAGES], second_language__in=["", *LANGUAGES]),
                name="lot_languages_known",
            ),
            models.CheckConstraint(
                condition=Q(low_confidence__in=values_of(LowConfidence)), name="lot_low_confidence_known"
            ),
            models.CheckConstraint(
                condition=Q(confidence_threshold__gte=0.0, confidence_threshold__lte=1.0),
                name="lot_confidence_threshold_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True) | Q(latitude__gte=-90, latitude__lte=90),
                name="lot_latitude_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True) | Q(longitude__gte=-180, longitude__lte=180),
                name="lot_longitude_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(lane_fee_limit__isnull=True) | Q(lane_fee_limit__gte=0),
                name="lot_lane_fee_limit_not_negative",
            ),
            models.CheckConstraint(condition=Q(prepay__in=values_of(Prepay)), name="lot_prepay_known"),
            models.CheckConstraint(
                condition=Q(counts_reset_hour__isnull=True) | Q(counts_reset_hour__lte=23),
                name="lot_counts_reset_at_an_hour",
            ),
            models.CheckConstraint(
                condition=Q(late_cancel_percent__lte=MOST_PERCENT, no_show_percent__lte=MOST_PERCENT),
                name="lot_fee_of_a_booking_within_its_price",
            ),
            models.CheckConstraint(
                condition=AreShares("booking_share_percent"), name="lot_booking_shares_are_percents"
            ),
        ]
        indexes: ClassVar = [
            GistIndex(LotPoint(), condition=PUBLIC, name="lot_nearby"),
            models.Index(fields=["name", "id"], condition=PUBLIC, name="lot_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Return whether anyone may see the lot, as PUBLIC tells it."""
        return self.published and self.archived_at is None

    @property
    def counts_spots(self) -> bool:
        """Return whether every spot is known; otherwise only cars are counted."""
        return self.tracking == Tracking.SPOTS


class LotEntrance(models.Model):
    """How drivers find into a lot: words, and a picture as `pictures.rewritten` wrote it with its SHA-256."""

    lot = models.OneToOneField(Lot, models.CASCADE, related_name="entrance", primary_key=True)
    way_in = models.CharField(max_length=500, blank=True)
    picture = models.BinaryField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    width = models.PositiveSmallIntegerField(default=0)
    height = models.PositiveSmallIntegerField(default=0)
    shows = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(picture=None, digest="") | (Q(picture__isnull=False) & ~Q(digest="") & ~Q(shows="")),
                name="entrance_picture_has_digest_and_words",
            )
        ]

    def __str__(self) -> str:
        return f"Entrance of {self.lot_id}"
