from pathlib import Path

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import lots.allocation
import lots.booking_rules
import lots.gate_rules
import lots.geometry
import lots.search
import lots.share_check


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("search_text.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("nearby.sql").read_text(encoding="utf-8")),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("address", models.CharField(blank=True, max_length=200)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("city", models.CharField(blank=True, max_length=80)),
                ("latitude", models.FloatField(blank=True, null=True)),
                ("longitude", models.FloatField(blank=True, null=True)),
                ("timezone", models.CharField(max_length=60)),
                ("currency", models.CharField(max_length=3)),
                ("holidays", models.JSONField(blank=True, default=dict)),
                ("opening_hours", models.JSONField(blank=True, default=dict)),
                ("amenities", models.JSONField(blank=True, default=list)),
                ("max_height_cm", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "tracking",
                    models.CharField(
                        choices=[("spots", "Every spot is known"), ("levels", "Only cars are counted")],
                        default="spots",
                        max_length=8,
                    ),
                ),
                (
                    "allocation",
                    models.CharField(
                        choices=[
                            ("nearest_entrance", "Nearest to the entrance"),
                            ("nearest_elevator", "Nearest to the lift"),
                            ("spread", "Spread over the levels"),
                            ("compact_first", "Smallest spot that fits"),
                            ("fill_from_top", "Fill from the top"),
                            ("random", "Random"),
                        ],
                        default=lots.allocation.Strategy["NEAREST_ENTRANCE"],
                        max_length=20,
                    ),
                ),
                ("is_closed", models.BooleanField(default=False, verbose_name="closed by hand")),
                ("published", models.BooleanField(default=False)),
                ("archived_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "low_confidence",
                    models.CharField(
                        choices=[("ticket", "Open with a numbered ticket"), ("attend", "Call an attendant")],
                        default=lots.gate_rules.LowConfidence["TICKET"],
                        max_length=8,
                    ),
                ),
                (
                    "confidence_threshold",
                    models.FloatField(
                        default=0.6,
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                ("dedupe_seconds", models.PositiveIntegerField(default=30)),
                ("passing_seconds", models.PositiveIntegerField(default=10)),
                ("oldest_record_days", models.PositiveIntegerField(default=30)),
                ("lane_fee_limit", models.BigIntegerField(blank=True, null=True)),
                ("plates_by_region", models.BooleanField(default=False)),
                ("cash_rounding", models.PositiveIntegerField(default=1)),
                ("early_minutes", models.PositiveIntegerField(default=30)),
                ("protect_minutes", models.PositiveIntegerField(default=180)),
                ("reentry_minutes", models.PositiveIntegerField(default=30)),
                ("hold_minutes", models.PositiveIntegerField(default=30)),
                ("turnaround_minutes", models.PositiveIntegerField(default=15)),
                ("no_show_minutes", models.PositiveIntegerField(default=15)),
                ("cancel_minutes", models.PositiveIntegerField(default=60)),
                ("early_grace_minutes", models.PositiveIntegerField(default=10)),
                ("late_grace_minutes", models.PositiveIntegerField(default=10)),
                ("bookable", models.BooleanField(db_default=True, default=True)),
                ("asks_phone", models.BooleanField(db_default=False, default=False)),
                (
                    "booking_share_percent",
                    models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
                ),
                (
                    "prepay",
                    models.CharField(
                        choices=[
                            ("none", "At the exit"),
                            ("hold", "Held on a card when booked"),
                            ("capture", "Paid when booked"),
                        ],
                        db_default=lots.booking_rules.Prepay["NONE"],
                        default=lots.booking_rules.Prepay["NONE"],
                        max_length=8,
                    ),
                ),
                ("late_cancel_percent", models.PositiveSmallIntegerField(db_default=50, default=50)),
                ("no_show_percent", models.PositiveSmallIntegerField(db_default=100, default=100)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=lots.search.SearchText("name", "city", "address"),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="accounts.operator"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        lots.geometry.LotPoint(),
                        condition=models.Q(("archived_at__isnull", True), ("published", True)),
                        name="lot_nearby",
                    ),
                    models.Index(
                        condition=models.Q(("archived_at__isnull", True), ("published", True)),
                        fields=["name", "id"],
                        name="lot_by_name",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tracking__in", ["spots", "levels"])), name="lot_tracking_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "allocation__in",
                                [
                                    "nearest_entrance",
                                    "nearest_elevator",
                                    "spread",
                                    "compact_first",
                                    "fill_from_top",
                                    "random",
                                ],
                            )
                        ),
                        name="lot_allocation_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("low_confidence__in", ["ticket", "attend"])),
                        name="lot_low_confidence_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confidence_threshold__gte", 0.0), ("confidence_threshold__lte", 1.0)),
                        name="lot_confidence_threshold_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("latitude__isnull", True),
                            models.Q(("latitude__gte", -90), ("latitude__lte", 90)),
                            _connector="OR",
                        ),
                        name="lot_latitude_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("longitude__isnull", True),
                            models.Q(("longitude__gte", -180), ("longitude__lte", 180)),
                            _connector="OR",
                        ),
                        name="lot_longitude_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lane_fee_limit__isnull", True), ("lane_fee_limit__gte", 0), _connector="OR"
                        ),
                        name="lot_lane_fee_limit_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("prepay__in", ["none", "hold", "capture"])), name="lot_prepay_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("late_cancel_percent__lte", 100), ("no_show_percent__lte", 100)),
                        name="lot_fee_of_a_booking_within_its_price",
                    ),
                    models.CheckConstraint(
                        condition=lots.share_check.AreShares("booking_share_percent"),
                        name="lot_booking_shares_are_percents",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Level",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("name", models.CharField(max_length=60)),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="levels", to="lots.lot"
                    ),
                ),
            ],
            options={
                "ordering": ["lot_id", "number"],
                "constraints": [models.UniqueConstraint(fields=("lot", "number"), name="level_number_once_per_lot")],
            },
        ),
        migrations.CreateModel(
            name="Gate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("direction", models.CharField(choices=[("entry", "Entry"), ("exit", "Exit")], max_length=5)),
                ("level", models.IntegerField(default=0, verbose_name="level number")),
                ("confirms_passage", models.BooleanField(default=False)),
                ("is_closed", models.BooleanField(default=False)),
                ("held_open_since", models.DateTimeField(blank=True, editable=False, null=True)),
                ("held_open_why", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "held_open_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="gates", to="lots.lot"),
                ),
            ],
            options={
                "ordering": ["lot_id", "direction", "code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["entry", "exit"])), name="gate_direction_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("held_open_by__isnull", True), ("held_open_since__isnull", True), ("held_open_why", "")
                            ),
                            models.Q(
                                ("held_open_by__isnull", False),
                                ("held_open_since__isnull", False),
                                models.Q(("held_open_why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="gate_hold_has_person_and_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpotCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "spot_type",
                    models.CharField(
                        choices=[
                            ("compact", "Compact"),
                            ("regular", "Regular"),
                            ("large", "Large"),
                            ("motorcycle", "Motorcycle"),
                            ("handicap", "Accessible"),
                            ("ev", "Electric"),
                        ],
                        max_length=12,
                    ),
                ),
                ("total", models.IntegerField(default=0)),
                ("occupied", models.IntegerField(default=0)),
                ("reserved", models.IntegerField(default=0)),
                ("maintenance", models.IntegerField(default=0)),
                (
                    "free",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("total"), "-", models.F("occupied")
                                ),
                                "-",
                                models.F("reserved"),
                            ),
                            "-",
                            models.F("maintenance"),
                        ),
                        output_field=models.IntegerField(),
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counts",
                        to="lots.level",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counts",
                        to="lots.lot",
                    ),
                ),
            ],
            options={
                "ordering": ["lot_id", "level_id", "spot_type"],
                "indexes": [models.Index(fields=["lot"], name="spot_count_lot")],
                "constraints": [
                    models.UniqueConstraint(fields=("level", "spot_type"), name="spot_count_once_per_level_and_type"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("maintenance__gte", 0), ("occupied__gte", 0), ("reserved__gte", 0), ("total__gte", 0)
                        ),
                        name="spot_count_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("occupied"), "+", models.F("reserved")
                                    ),
                                    "+",
                                    models.F("maintenance"),
                                ),
                            )
                        ),
                        name="spot_count_free_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                (
                    "spot_type",
                    models.CharField(
                        choices=[
                            ("compact", "Compact"),
                            ("regular", "Regular"),
                            ("large", "Large"),
                            ("motorcycle", "Motorcycle"),
                            ("handicap", "Accessible"),
                            ("ev", "Electric"),
                        ],
                        max_length=12,
                    ),
                ),
                ("prefix", models.CharField(blank=True, max_length=20)),
                ("start", models.PositiveIntegerField(default=1)),
                ("count", models.PositiveIntegerField()),
                ("distance", models.PositiveIntegerField(blank=True, null=True, verbose_name="metres to the entrance")),
                (
                    "elevator_distance",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="metres to the lift"),
                ),
                ("ordinal", models.PositiveIntegerField(default=0)),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="zones", to="lots.level"
                    ),
                ),
            ],
            options={
                "ordering": ["level_id", "ordinal"],
                "constraints": [
                    models.UniqueConstraint(fields=("level", "name"), name="zone_name_once_per_level"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spot_type__in", ["compact", "regular", "large", "motorcycle", "handicap", "ev"])
                        ),
                        name="zone_spot_type_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Spot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=32)),
                (
                    "spot_type",
                    models.CharField(
                        choices=[
                            ("compact", "Compact"),
                            ("regular", "Regular"),
                            ("large", "Large"),
                            ("motorcycle", "Motorcycle"),
                            ("handicap", "Accessible"),
                            ("ev", "Electric"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ordinal", models.PositiveIntegerField()),
                ("stay", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("hold", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("maintenance", models.BooleanField(default=False)),
                ("maintenance_note", models.CharField(blank=True, max_length=200)),
                ("maintenance_since", models.DateTimeField(blank=True, editable=False, null=True)),
                ("maintenance_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("observed_occupied", models.BooleanField(blank=True, null=True)),
                (
                    "observed_source",
                    models.SmallIntegerField(
                        blank=True, choices=[(0, "System"), (1, "Person"), (2, "Checkout"), (3, "Sensor")], null=True
                    ),
                ),
                ("observed_confidence", models.FloatField(blank=True, null=True)),
                ("observed_at", models.DateTimeField(blank=True, null=True)),
                ("pending_occupied", models.BooleanField(blank=True, null=True)),
                (
                    "pending_source",
                    models.SmallIntegerField(
                        blank=True, choices=[(0, "System"), (1, "Person"), (2, "Checkout"), (3, "Sensor")], null=True
                    ),
                ),
                ("pending_at", models.DateTimeField(blank=True, null=True)),
                (
                    "status",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(maintenance=True, then=models.Value("maintenance")),
                            models.When(stay__isnull=False, then=models.Value("occupied")),
                            models.When(hold__isnull=False, then=models.Value("reserved")),
                            models.When(observed_occupied=True, then=models.Value("occupied")),
                            default=models.Value("available"),
                            output_field=models.CharField(max_length=12),
                        ),
                        output_field=models.CharField(
                            choices=[
                                ("available", "Free"),
                                ("occupied", "Occupied"),
                                ("reserved", "Reserved"),
                                ("maintenance", "Maintenance"),
                            ],
                            max_length=12,
                        ),
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spots",
                        to="lots.level",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="spots", to="lots.lot"
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spots",
                        to="lots.zone",
                    ),
                ),
            ],
            options={
                "ordering": ["lot_id", "ordinal"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "available")),
                        fields=["zone", "ordinal"],
                        name="spot_free_in_zone",
                    ),
                    models.Index(fields=["level", "ordinal"], name="spot_on_level"),
                    models.Index(
                        condition=models.Q(("maintenance", True)),
                        fields=["lot", "maintenance_since"],
                        name="spot_out_of_use",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("lot", "number"), name="spot_number_once_per_lot"),
                    models.UniqueConstraint(
                        condition=models.Q(("stay__isnull", False)), fields=("stay",), name="spot_one_per_stay"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("hold__isnull", False)), fields=("hold",), name="spot_one_per_hold"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spot_type__in", ["compact", "regular", "large", "motorcycle", "handicap", "ev"])
                        ),
                        name="spot_type_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("counters.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("maintenance.sql").read_text(encoding="utf-8")),
    ]
