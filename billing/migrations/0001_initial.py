from decimal import Decimal
from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("lots", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BookLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("charged", "Charged"),
                            ("credited", "Credited"),
                            ("captured", "Captured"),
                            ("refunded", "Refunded"),
                        ],
                        max_length=8,
                    ),
                ),
                ("source", models.BigIntegerField(blank=True, null=True)),
                ("amount", models.BigIntegerField()),
                ("tax", models.BigIntegerField(default=0)),
                ("stays", models.SmallIntegerField(default=0)),
                ("method", models.CharField(blank=True, max_length=10)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("day", models.DateField(blank=True, null=True)),
                ("hour", models.SmallIntegerField(blank=True, null=True)),
                ("adjusts", models.DateField(blank=True, null=True)),
            ],
            options={
                "db_table": "billing_bookline",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("R", "Receipt"), ("I", "Invoice"), ("C", "Credit note")], max_length=1),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("sequence", models.PositiveBigIntegerField()),
                ("number", models.CharField(max_length=24)),
                ("token", models.CharField(max_length=22, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("total_amount", models.BigIntegerField()),
                ("tax_amount", models.BigIntegerField()),
                ("plate_normalised", models.CharField(blank=True, max_length=15)),
                ("issued_at", models.DateTimeField()),
                ("content", models.JSONField()),
                ("hash", models.CharField(max_length=64)),
                ("awaits_signature", models.BooleanField(default=False)),
                ("signature", models.JSONField(blank=True, null=True)),
                (
                    "about",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="billing.document",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="lots.lot",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="accounts.operator",
                    ),
                ),
            ],
            options={
                "ordering": ["-issued_at", "-id"],
                "indexes": [
                    models.Index(fields=["operator", "-issued_at"], name="document_by_day"),
                    models.Index(
                        condition=models.Q(("plate_normalised", ""), _negated=True),
                        fields=["operator", "plate_normalised"],
                        name="document_of_plate",
                    ),
                    models.Index(
                        condition=models.Q(("awaits_signature", True)), fields=["id"], name="document_to_sign"
                    ),
                    models.Index(condition=models.Q(("kind", "I")), fields=["id"], name="document_invoices"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operator", "kind", "year", "sequence"), name="document_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["R", "I", "C"])), name="document_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "C"), _negated=True), ("about__isnull", False), _connector="OR"
                        ),
                        name="document_credit_note_names_its_document",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("R", "Receipt"), ("I", "Invoice"), ("C", "Credit note")], max_length=1),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("last_number", models.PositiveBigIntegerField(default=0)),
                ("last_hash", models.CharField(blank=True, max_length=64)),
                (
                    "operator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document_counters",
                        to="accounts.operator",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("operator", "kind", "year"), name="document_counter_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charged", models.BigIntegerField(default=0)),
                ("credited", models.BigIntegerField(default=0)),
                ("captured", models.BigIntegerField(default=0)),
                ("refunded", models.BigIntegerField(default=0)),
                ("tax", models.BigIntegerField(default=0)),
                ("stays", models.BigIntegerField(default=0)),
                ("payments", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("day", models.DateField()),
                ("hour", models.SmallIntegerField()),
                (
                    "operator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.operator",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("operator", "day", "hour", "currency"), name="operator_sum_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=40)),
                ("event_id", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=80)),
                ("reference", models.CharField(max_length=120)),
                ("payload", models.JSONField()),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["reference"], name="provider_event_of_payment"),
                    models.Index(
                        condition=models.Q(("applied_at__isnull", True)),
                        fields=["received_at"],
                        name="provider_event_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "event_id"), name="provider_event_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True), name="provider_event_has_reference"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=40)),
                ("reference", models.CharField(max_length=120)),
                ("label", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("forgotten_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_methods",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("forgotten_at__isnull", True), ("removed_at__isnull", False)),
                        fields=["removed_at"],
                        name="saved_method_to_forget",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("owner", "provider", "reference"),
                        name="saved_method_once_per_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True), name="saved_method_has_reference"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("drawer", models.CharField(max_length=40)),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("counting", "Counting"), ("closed", "Closed")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("float_amount", models.BigIntegerField()),
                ("opened_at", models.DateTimeField()),
                ("counting_at", models.DateTimeField(blank=True, null=True)),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "closed_by",
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
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="billing.shift",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to="lots.lot"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at", "-id"],
                "indexes": [models.Index(fields=["lot", "opened_at"], name="shift_of_lot")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "counting", "closed"])), name="shift_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("float_amount__gte", 0)), name="shift_float_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("drawer", ""), _negated=True), name="shift_drawer_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("counted_at__isnull", False), ("state", "closed")),
                            models.Q(
                                ("closed_at__isnull", True), ("counting_at__isnull", False), ("state", "counting")
                            ),
                            models.Q(
                                ("closed_at__isnull", True),
                                ("counted_at__isnull", True),
                                ("counting_at__isnull", True),
                                ("state", "open"),
                            ),
                            _connector="OR",
                        ),
                        name="shift_times_fit_state",
                    ),
                    models.UniqueConstraint(
                        models.F("person"),
                        condition=models.Q(("state__in", ["open", "counting"])),
                        name="shift_one_open_per_person",
                    ),
                    models.UniqueConstraint(
                        models.F("lot"),
                        django.db.models.functions.text.Lower("drawer"),
                        condition=models.Q(("state__in", ["open", "counting"])),
                        name="shift_one_open_per_drawer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SimulatedCardPayment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=120, unique=True)),
                ("amount", models.BigIntegerField(default=0)),
                ("currency", models.CharField(blank=True, default="", max_length=3)),
                ("token", models.CharField(blank=True, default="", max_length=120)),
                ("is_hold", models.BooleanField(default=False)),
                ("held_amount", models.BigIntegerField(default=0)),
                ("capture_before", models.DateTimeField(blank=True, null=True)),
                ("asks_payer", models.BooleanField(default=False)),
                ("return_url", models.CharField(blank=True, default="", max_length=2000)),
                ("approved_amount", models.BigIntegerField(default=0)),
                ("refunded_amount", models.BigIntegerField(default=0)),
                ("failure", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approved_amount__gte", 0), ("approved_amount__lte", models.F("amount"))),
                        name="simulated_approves_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refunded_amount__gte", 0), ("refunded_amount__lte", models.F("approved_amount"))
                        ),
                        name="simulated_refunds_within_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("held_amount__gte", 0),
                            (
                                "held_amount__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("amount"), "-", models.F("approved_amount")
                                ),
                            ),
                        ),
                        name="simulated_holds_within_amount",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tariff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("rules", models.JSONField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tariffs", to="lots.lot"
                    ),
                ),
            ],
            options={
                "ordering": ["lot_id", "valid_from", "revision"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="tariff_ends_after_start",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        expressions=[
                            (
                                models.Func(
                                    "lot_id",
                                    "lot_id",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "valid_from",
                                    "valid_until",
                                    models.Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="tariff_one_valid_per_lot_and_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyClose",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charged", models.BigIntegerField(default=0)),
                ("credited", models.BigIntegerField(default=0)),
                ("captured", models.BigIntegerField(default=0)),
                ("refunded", models.BigIntegerField(default=0)),
                ("tax", models.BigIntegerField(default=0)),
                ("stays", models.BigIntegerField(default=0)),
                ("payments", models.BigIntegerField(default=0)),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("outstanding", models.BigIntegerField()),
                ("closed_at", models.DateTimeField()),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="daily_closes",
                        to="lots.lot",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("lot", "day", "currency"), name="daily_close_once")],
            },
        ),
        migrations.CreateModel(
            name="AutomaticPayment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plate", models.CharField(max_length=64)),
                ("plate_normalised", models.CharField(max_length=15)),
                ("limit_amount", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("agreed_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "withdrawn_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("driver", "stopped by you"),
                            ("terms", "replaced by a new limit or card"),
                            ("vehicle", "the vehicle was changed or removed"),
                            ("not_me", "stopped because a payment was not yours"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="automatic_payments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="automatic_payments",
                        to="accounts.vehicle",
                    ),
                ),
                (
                    "saved_method",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="automatic_payments",
                        to="billing.savedmethod",
                    ),
                ),
            ],
            options={
                "ordering": ["-agreed_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=["plate_normalised"],
                        name="automatic_payment_of_plate",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("limit_amount__gt", 0)), name="automatic_payment_limit_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("plate_normalised", ""), _negated=True),
                        name="automatic_payment_plate_readable",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_why", "")),
                            models.Q(
                                ("withdrawn_at__gte", models.F("agreed_at")),
                                ("withdrawn_why__in", ["driver", "terms", "vehicle", "not_me"]),
                            ),
                            _connector="OR",
                        ),
                        name="automatic_payment_withdrawn_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("driver", "plate_normalised"),
                        name="automatic_payment_once_per_driver_and_plate",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=120)),
                ("currency", models.CharField(max_length=3)),
                ("due_amount", models.BigIntegerField(default=0)),
                ("tax_percent", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=7)),
                ("lines", models.JSONField(default=list)),
                ("rounding_amount", models.BigIntegerField(default=0)),
                ("kept_amount", models.BigIntegerField(default=0)),
                ("credited_amount", models.BigIntegerField(default=0, editable=False)),
                ("captured_amount", models.BigIntegerField(default=0, editable=False)),
                ("refunded_amount", models.BigIntegerField(default=0, editable=False)),
                (
                    "balance_amount",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("due_amount"), "-", models.F("credited_amount")
                                ),
                                "-",
                                models.F("captured_amount"),
                            ),
                            "+",
                            models.F("refunded_amount"),
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("assessed_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="lots.lot"
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.tariff",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("captured_amount__gte", 0),
                            ("credited_amount__gte", 0),
                            ("due_amount__gte", 0),
                            ("tax_percent__gte", 0),
                            ("refunded_amount__gte", 0),
                        ),
                        name="charge_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refunded_amount__lte", models.F("captured_amount"))),
                        name="charge_refunded_within_captured",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "due_amount__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("credited_amount"), "+", models.F("captured_amount")
                                    ),
                                    "-",
                                    models.F("refunded_amount"),
                                ),
                            )
                        ),
                        name="charge_never_overpaid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CardSetup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=40)),
                ("reference", models.CharField(max_length=120, unique=True)),
                ("provider_reference", models.CharField(blank=True, max_length=120)),
                ("page_url", models.CharField(blank=True, max_length=2000)),
                ("page_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="card_setups",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "saved_method",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="billing.savedmethod",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=["created_at"],
                        name="card_setup_unfinished",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CashMovement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("drop", "To the safe"),
                            ("paid_in", "Paid in"),
                            ("paid_out", "Paid out"),
                            ("handed_over", "Handed over"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("closes_round", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("idempotency_key", models.CharField(max_length=120, unique=True)),
                ("created_at", models.DateTimeField()),
                (
                    "moved_by",
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
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="billing.shift"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["drop", "paid_in", "paid_out", "handed_over"])),
                        name="movement_kind_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="movement_amount_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShiftCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField()),
                ("tender", models.CharField(choices=[("cash", "Cash"), ("card", "Cards")], max_length=8)),
                ("currency", models.CharField(max_length=3)),
                ("counted_amount", models.BigIntegerField()),
                ("expected_amount", models.BigIntegerField()),
                ("pieces", models.JSONField(blank=True, null=True)),
                ("counted_at", models.DateTimeField()),
                (
                    "counted_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="counts", to="billing.shift"
                    ),
                ),
            ],
            options={
                "ordering": ["-round", "-tender", "currency"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tender__in", ["cash", "card"])), name="count_tender_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("counted_amount__gte", 0)), name="count_not_negative"),
                    models.UniqueConstraint(
                        fields=("shift", "round", "tender", "currency"), name="count_once_per_tender_and_currency"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShiftReopening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("reopened_at", models.DateTimeField()),
                (
                    "reopened_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reopenings", to="billing.shift"
                    ),
                ),
            ],
            options={
                "ordering": ["reopened_at", "id"],
                "constraints": [models.UniqueConstraint(fields=("shift", "round"), name="reopening_once_per_round")],
            },
        ),
        migrations.CreateModel(
            name="MonthlySum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charged", models.BigIntegerField(default=0)),
                ("credited", models.BigIntegerField(default=0)),
                ("captured", models.BigIntegerField(default=0)),
                ("refunded", models.BigIntegerField(default=0)),
                ("tax", models.BigIntegerField(default=0)),
                ("stays", models.BigIntegerField(default=0)),
                ("payments", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("method", models.CharField(blank=True, max_length=10)),
                ("month", models.DateField()),
                (
                    "cashier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lots.lot"
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="billing.tariff",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lot", "month", "currency", "method", "tariff", "cashier"),
                        name="monthly_sum_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HourlySum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("charged", models.BigIntegerField(default=0)),
                ("credited", models.BigIntegerField(default=0)),
                ("captured", models.BigIntegerField(default=0)),
                ("refunded", models.BigIntegerField(default=0)),
                ("tax", models.BigIntegerField(default=0)),
                ("stays", models.BigIntegerField(default=0)),
                ("payments", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("method", models.CharField(blank=True, max_length=10)),
                ("day", models.DateField()),
                ("hour", models.SmallIntegerField()),
                (
                    "cashier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="lots.lot"
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="billing.tariff",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lot", "day", "hour", "currency", "method", "tariff", "cashier"),
                        name="hourly_sum_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Debt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plate", models.CharField(max_length=64)),
                ("plate_normalised", models.CharField(max_length=15)),
                ("region", models.CharField(blank=True, max_length=60)),
                ("amount", models.BigIntegerField()),
                ("reason", models.CharField(max_length=40)),
                ("of_booker", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="debt", to="billing.charge"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="debts", to="accounts.operator"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="debts",
                        to="billing.document",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at__isnull", True)),
                        fields=["operator", "plate_normalised"],
                        name="debt_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="debt_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("plate_normalised", ""), _negated=True), name="debt_plate_readable"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("cash", "Cash"),
                            ("card", "Card"),
                            ("terminal", "Card terminal"),
                            ("online", "Online"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("authorised", "Authorised"),
                            ("captured", "Captured"),
                            ("failed", "Failed"),
                            ("voided", "Voided"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("captured_amount", models.BigIntegerField(default=0)),
                ("tendered_amount", models.BigIntegerField(blank=True, null=True)),
                ("provider", models.CharField(blank=True, max_length=40)),
                ("provider_reference", models.CharField(blank=True, max_length=120)),
                ("failure", models.CharField(blank=True, max_length=40)),
                ("idempotency_key", models.CharField(max_length=120, unique=True)),
                ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
                ("receipt_email", models.EmailField(blank=True, max_length=254)),
                ("by_number", models.BooleanField(default=False)),
                ("rounding_amount", models.BigIntegerField(default=0)),
                ("kept_amount", models.BigIntegerField(default=0)),
                ("together", models.UUIDField(blank=True, null=True)),
                ("page_url", models.CharField(blank=True, default="", max_length=2000)),
                ("page_until", models.DateTimeField(blank=True, null=True)),
                ("taxed_before", models.BigIntegerField(default=0, editable=False)),
                ("is_hold", models.BooleanField(default=False)),
                ("authorised_amount", models.BigIntegerField(default=0)),
                ("capture_before", models.DateTimeField(blank=True, null=True)),
                ("settling_amount", models.BigIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "automatic",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="billing.automaticpayment",
                    ),
                ),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="billing.charge"
                    ),
                ),
                (
                    "paid_by",
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
                    "receipt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="billing.document",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "saved_method",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="payments",
                        to="billing.savedmethod",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="billing.shift",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [
                    models.Index(fields=["finished_at"], name="payment_finished"),
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["charge", "created_at"],
                        name="payment_pending",
                    ),
                    models.Index(
                        condition=models.Q(("paid_by__isnull", False)), fields=["paid_by"], name="payment_of_payer"
                    ),
                    models.Index(
                        condition=models.Q(("automatic__isnull", False)), fields=["automatic"], name="payment_automatic"
                    ),
                    models.Index(
                        condition=models.Q(("receipt__isnull", True), ("state", "captured")),
                        fields=["finished_at"],
                        name="payment_without_receipt",
                    ),
                    models.Index(
                        condition=models.Q(("shift__isnull", False)), fields=["shift"], name="payment_of_shift"
                    ),
                    models.Index(
                        condition=models.Q(("together__isnull", False)), fields=["together"], name="payment_together"
                    ),
                    models.Index(
                        condition=models.Q(("state", "authorised")), fields=["capture_before"], name="payment_held"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("method__in", ["cash", "card", "terminal", "online"])),
                        name="payment_method_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "authorised", "captured", "failed", "voided"])),
                        name="payment_state_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payment_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("captured_amount__gte", 0), ("captured_amount__lte", models.F("amount"))),
                        name="payment_captures_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "captured"), ("captured_amount", 0), _connector="OR"),
                        name="payment_captures_only_when_captured",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kept_amount__gte", 0), ("method", "cash")),
                            models.Q(("kept_amount", 0), ("rounding_amount", 0)),
                            _connector="OR",
                        ),
                        name="payment_only_cash_is_rounded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("authorised_amount__gte", 0),
                            ("authorised_amount__lte", models.F("amount")),
                            models.Q(
                                ("settling_amount__isnull", True),
                                ("settling_amount__range", (0, models.F("authorised_amount"))),
                                _connector="OR",
                            ),
                        ),
                        name="payment_holds_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["authorised", "voided"]), _negated=True),
                            ("is_hold", True),
                            _connector="OR",
                        ),
                        name="payment_only_holds_are_authorised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "authorised"), _negated=True),
                            models.Q(("authorised_amount__gt", 0), ("capture_before__isnull", False)),
                            _connector="OR",
                        ),
                        name="payment_hold_has_a_deadline",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("page_url", ""),
                            models.Q(("page_until__isnull", False), ("state", "pending")),
                            _connector="OR",
                        ),
                        name="payment_page_while_pending",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("charged", "Charged"),
                            ("credited", "Credited"),
                            ("captured", "Captured"),
                            ("refunded", "Refunded"),
                        ],
                        max_length=8,
                    ),
                ),
                ("source", models.BigIntegerField(blank=True, null=True)),
                ("amount", models.BigIntegerField()),
                ("tax", models.BigIntegerField(default=0)),
                ("stays", models.SmallIntegerField(default=0)),
                ("method", models.CharField(blank=True, max_length=10)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("day", models.DateField(blank=True, null=True)),
                ("hour", models.SmallIntegerField(blank=True, null=True)),
                ("adjusts", models.DateField(blank=True, null=True)),
                (
                    "cashier",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "charge",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.charge",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="lots.lot",
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="billing.tariff",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("day__isnull", True)), fields=["id"], name="posting_unbooked"),
                    models.Index(
                        condition=models.Q(("day__isnull", False)), fields=["lot", "day", "hour"], name="posting_of_day"
                    ),
                    models.Index(
                        condition=models.Q(("adjusts__isnull", False)), fields=["lot", "day"], name="posting_adjusting"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["charged", "credited", "captured", "refunded"])),
                        name="posting_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("adjusts__isnull", True), ("day__isnull", True), ("hour__isnull", True)),
                            models.Q(("day__isnull", False), ("hour__isnull", False)),
                            _connector="OR",
                        ),
                        name="posting_placed_as_a_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Credit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("waived", "Waived"), ("goodwill", "Goodwill"), ("void", "Void"), ("other", "Other")],
                        default="other",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credits", to="billing.charge"
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="billing.credit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind", "waived")),
                        fields=["granted_by", "created_at"],
                        name="credit_waived_by",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("reverses__isnull", True)),
                            models.Q(("amount__lt", 0), ("reverses__isnull", False)),
                            _connector="OR",
                        ),
                        name="credit_positive_or_reversing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["waived", "goodwill", "void", "other"])),
                        name="credit_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("raised_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("refunded", "Refunded as goodwill"), ("rejected", "Rejected")],
                        max_length=8,
                    ),
                ),
                ("word", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objection", to="billing.payment"
                    ),
                ),
            ],
            options={
                "ordering": ["-raised_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at__isnull", True)), fields=["raised_at"], name="objection_waiting"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("outcome", ""), ("word", "")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("outcome__in", ["refunded", "rejected"]),
                                models.Q(("word", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_decided_with_a_word",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("goodwill", models.BooleanField(default=False)),
                ("idempotency_key", models.CharField(max_length=120, unique=True)),
                ("created_at", models.DateTimeField()),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("return_note", models.CharField(blank=True, max_length=200)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=60)),
                ("is_refused", models.BooleanField(default=False)),
                (
                    "credit_note",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="billing.document",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="billing.payment"
                    ),
                ),
                (
                    "refunded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "returned_by",
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
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="billing.refund",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="billing.shift",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("returned_at__isnull", True)),
                        fields=["created_at"],
                        name="refund_not_returned",
                    ),
                    models.Index(
                        condition=models.Q(("credit_note__isnull", True)),
                        fields=["created_at"],
                        name="refund_without_credit_note",
                    ),
                    models.Index(
                        condition=models.Q(("shift__isnull", False)), fields=["shift"], name="refund_of_shift"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("reverses__isnull", True)),
                            models.Q(("amount__lt", 0), ("reverses__isnull", False)),
                            _connector="OR",
                        ),
                        name="refund_positive_or_reversing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DebtAppeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=1000)),
                ("email", models.EmailField(max_length=254)),
                ("made_at", models.DateTimeField()),
                ("accepted", models.BooleanField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, max_length=200)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "debt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="appeals", to="billing.debt"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)), fields=("debt",), name="debt_appeal_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted__isnull", True), ("answered_at__isnull", True)),
                            models.Q(("accepted__isnull", False), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="debt_appeal_answered_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DebtReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("fee_amount", models.BigIntegerField(default=0)),
                ("left_out", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                (
                    "debt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="billing.debt"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("debt", "number"), name="debt_reminder_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fee_amount", 0), models.Q(("fee_amount__gt", 0), ("left_out", False)), _connector="OR"
                        ),
                        name="debt_reminder_fee_when_sent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("goodwill", models.BooleanField(default=False)),
                ("idempotency_key", models.CharField(max_length=120, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("approved", "Approved"), ("rejected", "Rejected")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision_note", models.CharField(blank=True, max_length=200)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_requests",
                        to="billing.payment",
                    ),
                ),
                (
                    "refund",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="request",
                        to="billing.refund",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="refund_request_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "approved", "rejected"])),
                        name="refund_request_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("requested_by")), _negated=True),
                        name="refund_request_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "waiting")),
                            models.Q(models.Q(("state", "waiting"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="refund_request_decided_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("refund__isnull", False), ("state", "approved")),
                            models.Q(models.Q(("state", "approved"), _negated=True), ("refund__isnull", True)),
                            _connector="OR",
                        ),
                        name="refund_request_approved_has_refund",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("payment",), name="refund_request_one_waiting"
                    ),
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("sums.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("documents.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("shifts.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("payment_states.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("automatic.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(Path(__file__).with_name("books.sql").read_text(encoding="utf-8")),
    ]
