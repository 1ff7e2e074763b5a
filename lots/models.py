"""Places: lots, levels, zones, spots and their counters."""

from typing import ClassVar

from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, GeneratedField, Q, Value, When
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator, User
from common.db.choices import choices_of, values_of
from common.languages import LANGUAGES
from common.notes import LONGEST_NOTE
from lots.allocation import Strategy
from lots.booking_rules import MOST_PERCENT, Prepay
from lots.compatibility import SpotType
from lots.gate_rules import Direction, LowConfidence
from lots.geometry import LotPoint
from lots.observations import Source
from lots.search import SearchText
from lots.share_check import AreShares

SPOT_LABELS = {
    SpotType.COMPACT: _("Compact"),
    SpotType.REGULAR: _("Regular"),
    SpotType.LARGE: _("Large"),
    SpotType.MOTORCYCLE: _("Motorcycle"),
    SpotType.HANDICAP: _("Accessible"),
    SpotType.EV: _("Electric"),
}
STRATEGY_LABELS = {
    Strategy.NEAREST_ENTRANCE: _("Nearest to the entrance"),
    Strategy.NEAREST_ELEVATOR: _("Nearest to the lift"),
    Strategy.SPREAD: _("Spread over the levels"),
    Strategy.COMPACT_FIRST: _("Smallest spot that fits"),
    Strategy.FILL_FROM_TOP: _("Fill from the top"),
    Strategy.RANDOM: _("Random"),
}
LOW_CONFIDENCE_LABELS = {
    LowConfidence.TICKET: _("Open with a numbered ticket"),
    LowConfidence.ATTEND: _("Call an attendant"),
}
SOURCE_LABELS = {
    Source.SYSTEM: _("System"),
    Source.PERSON: _("Person"),
    Source.CHECKOUT: _("Checkout"),
    Source.SENSOR: _("Sensor"),
}
PREPAY_LABELS = {
    Prepay.NONE: _("At the exit"),
    Prepay.HOLD: _("Held on a card when booked"),
    Prepay.CAPTURE: _("Paid when booked"),
}
LANGUAGE_CHOICES = list(LANGUAGES.items())
DIRECTION_LABELS = {Direction.ENTRY: _("Entry"), Direction.EXIT: _("Exit")}


class SpotStatus(models.TextChoices):
    AVAILABLE = "available", _("Free")
    OCCUPIED = "occupied", _("Occupied")
    RESERVED = "reserved", _("Reserved")
    MAINTENANCE = "maintenance", _("Maintenance")


class Tracking(models.TextChoices):
    SPOTS = "spots", _("Every spot is known")
    LEVELS = "levels", _("Only cars are counted")


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
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
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
    def counts_spots(self) -> bool:
        """Return whether every spot is known; otherwise only cars are counted."""
        return self.tracking == Tracking.SPOTS


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
    """Part of a level with one spot type; in a lot that only counts cars, a capacity."""

    level = models.ForeignKey(Level, models.CASCADE, related_name="zones")
    name = models.CharField(max_length=60)
    spot_type = models.CharField(max_length=12, choices=choices_of(SPOT_LABELS))
    prefix = models.CharField(max_length=20, blank=True)
    start = models.PositiveIntegerField(default=1)
    count = models.PositiveIntegerField()
    distance = models.PositiveIntegerField(_("metres to the entrance"), null=True, blank=True)
    elevator_distance = models.PositiveIntegerField(_("metres to the lift"), null=True, blank=True)
    ordinal = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["level_id", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["level", "name"], name="zone_name_once_per_level"),
            models.CheckConstraint(condition=Q(spot_type__in=values_of(SpotType)), name="zone_spot_type_known"),
        ]

    def __str__(self) -> str:
        return self.name


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
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    is_reset = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["lot", "-at", "-id"], name="count_corrections_of_lot")]
        constraints = [models.CheckConstraint(condition=~Q(added=0), name="count_correction_changes_it")]

    def __str__(self) -> str:
        return f"{self.spot_type}: {self.added:+d}"


class Gate(models.Model):
    """A lane in one direction. The three fields of a hold say since when, by whom and why its barrier stays up."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="gates")
    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80, blank=True)
    direction = models.CharField(max_length=5, choices=choices_of(DIRECTION_LABELS))
    level = models.IntegerField(_("level number"), default=0)
    confirms_passage = models.BooleanField(default=False)
    is_closed = models.BooleanField(default=False)
    held_open_since = models.DateTimeField(null=True, blank=True, editable=False)
    held_open_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    held_open_why = models.CharField(max_length=LONGEST_NOTE, blank=True, editable=False)

    class Meta:
        ordering = ["lot_id", "direction", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=values_of(Direction)), name="gate_direction_known"),
            models.CheckConstraint(
                condition=(
                    Q(held_open_since__isnull=True, held_open_by__isnull=True, held_open_why="")
                    | Q(held_open_since__isnull=False, held_open_by__isnull=False) & ~Q(held_open_why="")
                ),
                name="gate_hold_has_person_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code

    @property
    def is_held_open(self) -> bool:
        """Return whether a person holds it open."""
        return self.held_open_since is not None
