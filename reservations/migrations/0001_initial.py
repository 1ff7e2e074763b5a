from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.vehicles
import lots.booking_rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("billing", "0001_initial"),
        ("lots", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=13)),
                ("token", models.CharField(max_length=32)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("email_confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("phone", models.CharField(blank=True, max_length=16)),
                ("plate", models.CharField(max_length=64)),
                ("plate_normalised", models.CharField(max_length=15)),
                ("plate_skeleton", models.CharField(max_length=15)),
                (
                    "vehicle_type",
                    models.CharField(
                        choices=[
                            ("motorcycle", "Motorcycle"),
                            ("compact", "Compact car"),
                            ("regular", "Car"),
                            ("large", "Van or truck"),
                        ],
                        default=accounts.vehicles.VehicleType["REGULAR"],
                        max_length=12,
                    ),
                ),
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
                ("asked_for", models.BooleanField(default=False, verbose_name="this spot was asked for")),
                ("place", models.PositiveIntegerField(blank=True, null=True)),
                ("place_lost_at", models.DateTimeField(blank=True, null=True)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField(editable=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Being confirmed"),
                            ("confirmed", "Confirmed"),
                            ("active", "Parked"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                            ("no_show", "No show"),
                            ("lapsed", "Lapsed"),
                        ],
                        default="confirmed",
                        max_length=12,
                    ),
                ),
                ("multiplier", models.DecimalField(decimal_places=2, default=1, max_digits=4)),
                ("price_amount", models.BigIntegerField()),
                (
                    "prepay",
                    models.CharField(
                        choices=[
                            ("none", "At the exit"),
                            ("hold", "Held on a card when booked"),
                            ("capture", "Paid when booked"),
                        ],
                        default=lots.booking_rules.Prepay["NONE"],
                        max_length=8,
                    ),
                ),
                ("cancel_minutes", models.PositiveIntegerField()),
                ("cancel_free_until", models.DateTimeField()),
                ("late_cancel_percent", models.PositiveSmallIntegerField()),
                ("no_show_minutes", models.PositiveIntegerField()),
                ("no_show_percent", models.PositiveSmallIntegerField()),
                ("early_grace_minutes", models.PositiveIntegerField()),
                ("late_grace_minutes", models.PositiveIntegerField()),
                ("fee_amount", models.BigIntegerField(default=0)),
                ("at_exit_amount", models.BigIntegerField(default=0)),
                ("unsettled_since", models.DateTimeField(blank=True, null=True)),
                ("idempotency_key", models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("missed_at", models.DateTimeField(blank=True, null=True)),
                ("forgiven_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "booked_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "charge",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.charge",
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="lots.level",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reservations", to="lots.lot"
                    ),
                ),
                (
                    "spot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="lots.spot",
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reservations", to="billing.tariff"
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ("pending", "confirmed", "active"))),
                        fields=["lot", "starts_at"],
                        name="reservation_live",
                    ),
                    models.Index(
                        condition=models.Q(("status", "confirmed")), fields=["starts_at"], name="reservation_to_come"
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("confirmed", "no_show"))),
                        fields=["lot", "plate_skeleton"],
                        name="reservation_expected",
                    ),
                    models.Index(
                        condition=models.Q(("status", "pending")), fields=["created_at"], name="reservation_pending"
                    ),
                    models.Index(
                        condition=models.Q(("unsettled_since__isnull", False)),
                        fields=["unsettled_since"],
                        name="reservation_unsettled",
                    ),
                    models.Index(
                        condition=models.Q(("place_lost_at__isnull", False), ("status", "confirmed")),
                        fields=["lot"],
                        name="reservation_without_place",
                    ),
                    models.Index(fields=["lot", "-starts_at"], name="reservation_of_lot"),
                    models.Index(fields=["plate_normalised", "-starts_at"], name="reservation_of_plate"),
                    models.Index(
                        condition=models.Q(("email", ""), _negated=True),
                        fields=["email", "-starts_at"],
                        name="reservation_of_address",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="reservation_code_once"),
                    models.UniqueConstraint(fields=("token",), name="reservation_token_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="reservation_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["pending", "confirmed", "active", "completed", "cancelled", "no_show", "lapsed"],
                            )
                        ),
                        name="reservation_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spot_type__in", ["compact", "regular", "large", "motorcycle", "handicap", "ev"])
                        ),
                        name="reservation_spot_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("prepay__in", ["none", "hold", "capture"])), name="reservation_prepay_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fee_amount__range", (0, models.F("price_amount"))),
                            ("late_cancel_percent__lte", 100),
                            ("no_show_percent__lte", 100),
                        ),
                        name="reservation_fees_within_the_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at_exit_amount__range", (0, models.F("price_amount")))),
                        name="reservation_at_exit_within_the_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "cancelled"), _negated=True),
                            ("cancelled_at__isnull", False),
                            _connector="OR",
                        ),
                        name="reservation_cancelled_at_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "no_show"), _negated=True),
                            ("missed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="reservation_missed_at_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("place__isnull", True),
                            models.Q(("level__isnull", False), ("place__gt", 0), ("spot__isnull", True)),
                            _connector="OR",
                        ),
                        name="reservation_place_is_of_a_level",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("spot__isnull", False), ("status__in", ("pending", "confirmed", "active"))),
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        expressions=[
                            (
                                models.Func(
                                    "spot_id",
                                    "spot_id",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            ("during", "&&"),
                        ],
                        name="reservation_spot_never_double_booked",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(
                            ("place__isnull", False), ("status__in", ("pending", "confirmed", "active"))
                        ),
                        deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                        expressions=[
                            (
                                models.Func(
                                    "level_id",
                                    "level_id",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.Case(
                                        models.When(spot_type="compact", then=models.Value(1)),
                                        models.When(spot_type="regular", then=models.Value(2)),
                                        models.When(spot_type="large", then=models.Value(3)),
                                        models.When(spot_type="motorcycle", then=models.Value(4)),
                                        models.When(spot_type="handicap", then=models.Value(5)),
                                        models.When(spot_type="ev", then=models.Value(6)),
                                        output_field=models.BigIntegerField(),
                                    ),
                                    models.Case(
                                        models.When(spot_type="compact", then=models.Value(1)),
                                        models.When(spot_type="regular", then=models.Value(2)),
                                        models.When(spot_type="large", then=models.Value(3)),
                                        models.When(spot_type="motorcycle", then=models.Value(4)),
                                        models.When(spot_type="handicap", then=models.Value(5)),
                                        models.When(spot_type="ev", then=models.Value(6)),
                                        output_field=models.BigIntegerField(),
                                    ),
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "place",
                                    "place",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            ("during", "&&"),
                        ],
                        name="reservation_place_never_double_booked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Blackout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "spot_type",
                    models.CharField(
                        blank=True,
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
                (
                    "bays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("first_place", models.PositiveIntegerField(blank=True, null=True)),
                ("places", models.PositiveIntegerField(blank=True, null=True)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="lots.level",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blackouts",
                        to="lots.lot",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_at", "-id"],
                "indexes": [models.Index(fields=["lot", "ends_at"], name="blackout_of_lot")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="blackout_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spot_type", ""),
                            ("spot_type__in", ["compact", "regular", "large", "motorcycle", "handicap", "ev"]),
                            _connector="OR",
                        ),
                        name="blackout_spot_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_place__isnull", True), ("places__isnull", True)),
                            models.Q(
                                ("bays", []),
                                ("first_place__gt", 0),
                                ("level__isnull", False),
                                ("places__gt", 0),
                                models.Q(("spot_type", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="blackout_places_are_of_a_level_and_type",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bays", []), models.Q(("level__isnull", True), ("spot_type", "")), _connector="OR"
                        ),
                        name="blackout_bays_stand_alone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotParkedReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reported_at", models.DateTimeField()),
                ("turned_away_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("refunded", "Given back"), ("rejected", "Rejected"), ("parked", "Came in after all")],
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("word", models.CharField(blank=True, max_length=200)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="not_parked",
                        to="reservations.reservation",
                    ),
                ),
            ],
            options={
                "ordering": ["-reported_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=["reported_at"],
                        name="not_parked_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["", "refunded", "rejected", "parked"])),
                        name="not_parked_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("outcome", "")),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="not_parked_decided_with_an_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BookingAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("changed", "Changed"),
                            ("cancelled", "Cancelled"),
                            ("forgiven", "No-show forgiven"),
                            ("moved", "Moved for a closure"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("why", models.CharField(blank=True, max_length=200)),
                ("changes", models.JSONField(blank=True, default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="acts", to="reservations.reservation"
                    ),
                ),
            ],
            options={
                "ordering": ["booking_id", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["changed", "cancelled", "forgiven", "moved"])),
                        name="booking_act_kind_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("blackouts.sql").read_text(encoding="utf-8")),
    ]
