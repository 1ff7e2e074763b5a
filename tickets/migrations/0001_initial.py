from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.vehicles
import lots.compatibility


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("billing", "0001_initial"),
        ("lots", "0001_initial"),
        ("reservations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=13)),
                ("token", models.CharField(max_length=32)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("entering", "Entering"),
                            ("active", "Parked"),
                            ("paid", "Paid"),
                            ("closed", "Left"),
                            ("void", "Void"),
                            ("review", "In review"),
                        ],
                        max_length=10,
                    ),
                ),
                ("plate", models.CharField(blank=True, max_length=64, null=True)),
                ("plate_normalised", models.CharField(blank=True, max_length=15, null=True)),
                ("plate_skeleton", models.CharField(blank=True, max_length=15, null=True)),
                ("region", models.CharField(blank=True, max_length=20)),
                ("plate_region", models.CharField(blank=True, editable=False, max_length=60)),
                ("exit_plate", models.CharField(blank=True, max_length=64, null=True)),
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
                ("electric", models.BooleanField(default=False)),
                ("permit", models.BooleanField(default=False)),
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
                        null=True,
                    ),
                ),
                (
                    "priced_as",
                    models.CharField(
                        choices=[
                            ("compact", "Compact"),
                            ("regular", "Regular"),
                            ("large", "Large"),
                            ("motorcycle", "Motorcycle"),
                            ("handicap", "Accessible"),
                            ("ev", "Electric"),
                        ],
                        default=lots.compatibility.SpotType["REGULAR"],
                        max_length=12,
                    ),
                ),
                ("entry_at", models.DateTimeField()),
                ("exit_at", models.DateTimeField(blank=True, null=True)),
                ("no_grace", models.BooleanField(default=False, verbose_name="re-entry: no grace and no free minutes")),
                ("lost", models.BooleanField(default=False, verbose_name="lost-ticket fee applies")),
                ("multiplier", models.DecimalField(decimal_places=2, default=1, max_digits=4)),
                ("paid_at", models.DateTimeField(blank=True, null=True)),
                ("closed_reason", models.CharField(blank=True, max_length=20)),
                ("changed_at", models.DateTimeField()),
                ("changed_why", models.CharField(max_length=200)),
                (
                    "changed_by",
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
                        related_name="ticket",
                        to="billing.charge",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="lots.level",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="lots.lot",
                    ),
                ),
                (
                    "reservation",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="reservations.reservation",
                    ),
                ),
                (
                    "spot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="lots.spot",
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="billing.tariff",
                    ),
                ),
            ],
            options={
                "ordering": ["-entry_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ("entering", "active", "paid"))),
                        fields=["lot", "plate_skeleton"],
                        name="ticket_inside_by_plate",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("entering", "active", "paid"))),
                        fields=["lot", "-entry_at"],
                        name="ticket_inside_by_entry",
                    ),
                    models.Index(
                        condition=models.Q(("level__isnull", True), ("status__in", ("entering", "active", "paid"))),
                        fields=["lot", "entry_at", "id"],
                        name="ticket_without_place",
                    ),
                    models.Index(fields=["lot", "-entry_at"], name="ticket_by_entry"),
                    models.Index(
                        condition=models.Q(("exit_at__isnull", False)),
                        fields=["lot", "-exit_at"],
                        name="ticket_by_exit",
                    ),
                    models.Index(fields=["plate_normalised", "lot", "-exit_at"], name="ticket_of_plate"),
                    models.Index(
                        condition=models.Q(("reservation__isnull", False)),
                        fields=["reservation"],
                        name="ticket_of_reservation",
                    ),
                    models.Index(
                        condition=models.Q(("changed_by__isnull", False)),
                        fields=["changed_by"],
                        name="ticket_changed_by",
                    ),
                    models.Index(
                        condition=models.Q(("status", "review")), fields=["lot", "changed_at"], name="ticket_in_review"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["entering", "active", "paid", "closed", "void", "review"])),
                        name="ticket_status_known",
                    ),
                    models.UniqueConstraint(fields=("number",), name="ticket_number_once"),
                    models.UniqueConstraint(fields=("token",), name="ticket_token_once"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("plate_normalised__isnull", False), ("status__in", ("entering", "active", "paid"))
                        ),
                        fields=("lot", "plate_normalised", "plate_region"),
                        name="ticket_one_open_per_plate_and_lot",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("spot__isnull", False), ("status__in", ("entering", "active", "paid"))),
                        fields=("spot",),
                        name="ticket_one_open_per_spot",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("exit_at__isnull", True), ("exit_at__gte", models.F("entry_at")), _connector="OR"
                        ),
                        name="ticket_leaves_after_entry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "closed"), _negated=True),
                            models.Q(("exit_at__isnull", False), models.Q(("closed_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="ticket_closed_has_exit_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spot__isnull", True),
                            models.Q(("level__isnull", False), ("spot_type__isnull", False)),
                            _connector="OR",
                        ),
                        name="ticket_spot_has_level_and_type",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StayProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("number", "Typed its number"),
                            ("token", "Opened its link"),
                            ("payment", "Paid its whole fee"),
                        ],
                        max_length=8,
                    ),
                ),
                ("proven_at", models.DateTimeField()),
                (
                    "driver",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stay_proofs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proofs", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("driver", "ticket"), name="stay_proof_once_per_account"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["number", "token", "payment"])), name="stay_proof_kind_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlateCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_plate", models.CharField(blank=True, max_length=64)),
                ("to_plate", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("why", models.CharField(blank=True, max_length=200)),
                ("key", models.UUIDField(blank=True, null=True)),
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
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plate_corrections",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "ordering": ["ticket_id", "id"],
                "indexes": [
                    models.Index(fields=["at"], name="plate_correction_at"),
                    models.Index(condition=models.Q(("by__isnull", False)), fields=["by"], name="plate_correction_by"),
                ],
                "constraints": [models.UniqueConstraint(fields=("key",), name="plate_correction_once_per_form")],
            },
        ),
        migrations.CreateModel(
            name="TicketChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_status", models.CharField(blank=True, max_length=10)),
                ("to_status", models.CharField(max_length=10)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("why", models.CharField(max_length=200)),
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
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "ordering": ["ticket_id", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("by__isnull", False)), fields=["by"], name="ticket_change_by")
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("places.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("history.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("waiting_cars.sql").read_text(encoding="utf-8")),
    ]
