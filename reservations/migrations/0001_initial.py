import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("billing", "0001_initial"),
        ("lots", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                        default="regular",
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
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField(editable=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("confirmed", "Confirmed"),
                            ("active", "Parked"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                            ("no_show", "No show"),
                        ],
                        default="confirmed",
                        max_length=12,
                    ),
                ),
                ("multiplier", models.DecimalField(decimal_places=2, default=1, max_digits=4)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                        condition=models.Q(("status__in", ("confirmed", "active"))),
                        fields=["lot", "starts_at"],
                        name="reservation_live",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("confirmed", "no_show"))),
                        fields=["lot", "plate_skeleton"],
                        name="reservation_expected",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="reservation_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["confirmed", "active", "completed", "cancelled", "no_show"])
                        ),
                        name="reservation_status_known",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("spot__isnull", False), ("status__in", ("confirmed", "active"))),
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
                ],
            },
        ),
    ]
