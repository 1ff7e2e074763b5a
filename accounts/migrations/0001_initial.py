import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.vehicles


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Operator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("currency", models.CharField(max_length=3)),
                ("waiver_limit", models.PositiveBigIntegerField(blank=True, null=True)),
                ("waiver_day_limit", models.PositiveBigIntegerField(blank=True, null=True)),
                ("refund_limit", models.PositiveBigIntegerField(blank=True, null=True)),
                ("legal_name", models.CharField(blank=True, max_length=120)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("tax_id", models.CharField(blank=True, max_length=40)),
                ("timezone", models.CharField(blank=True, max_length=64)),
                ("till_tolerance", models.PositiveBigIntegerField(default=0)),
                ("debt_reminder_fee", models.PositiveBigIntegerField(default=0)),
                ("debt_fee_cap", models.PositiveBigIntegerField(blank=True, null=True)),
                (
                    "debt_consequence",
                    models.CharField(
                        choices=[
                            ("block", "The car is not let in"),
                            ("prepay", "The car is let in only with a prepaid booking"),
                        ],
                        db_default="block",
                        default="block",
                        max_length=6,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("debt_reminder_fee", 0), ("debt_fee_cap__isnull", False), _connector="OR"),
                        name="operator_fee_has_a_cap",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debt_consequence__in", ["block", "prepay"])),
                        name="operator_debt_consequence_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="email")),
                ("name", models.CharField(blank=True, max_length=120)),
                ("phone", models.CharField(blank=True, db_default="", default="", max_length=16)),
                ("address", models.CharField(blank=True, db_default="", default="", max_length=300)),
                ("postal_code", models.CharField(blank=True, db_default="", default="", max_length=16)),
                (
                    "locale",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("en-GB", "United Kingdom"),
                            ("en-US", "United States"),
                            ("en-CH", "Switzerland"),
                            ("en-IE", "Ireland"),
                            ("en-AU", "Australia"),
                            ("en-CA", "Canada"),
                            ("en-IN", "India"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                ("timezone", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("is_staff", models.BooleanField(default=False, verbose_name="back office")),
                ("is_active", models.BooleanField(default=True)),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="user_email_unique_in_any_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phone", ""), ("phone__regex", "^\\+[1-9][0-9]{6,14}$"), _connector="OR"),
                        name="user_phone_with_its_country_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deleted_at__isnull", True),
                            models.Q(
                                ("address", ""),
                                ("email__endswith", "@deleted.invalid"),
                                ("is_active", False),
                                ("name", ""),
                                ("phone", ""),
                                ("postal_code", ""),
                            ),
                            _connector="OR",
                        ),
                        name="user_deleted_is_nobody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Permit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plate", models.CharField(max_length=64)),
                ("plate_normalised", models.CharField(max_length=15)),
                ("number", models.CharField(blank=True, max_length=40)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(blank=True, null=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="permits", to="accounts.operator"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["operator", "plate_normalised"], name="permit_plate")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="permit_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vehicle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plate", models.CharField(max_length=64)),
                ("plate_normalised", models.CharField(max_length=15)),
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
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vehicles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["plate_normalised"],
                "indexes": [models.Index(fields=["plate_normalised"], name="vehicle_plate")],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "plate_normalised"), name="vehicle_plate_once_per_owner"),
                    models.CheckConstraint(
                        condition=models.Q(("vehicle_type__in", ["motorcycle", "compact", "regular", "large"])),
                        name="vehicle_type_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BlockedPlate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("plate", models.CharField(max_length=64)),
                ("plate_normalised", models.CharField(max_length=15)),
                ("region", models.CharField(blank=True, max_length=60)),
                ("reason", models.CharField(max_length=200)),
                ("blocked_at", models.DateTimeField()),
                ("for_debts", models.BooleanField(default=False, editable=False)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "blocked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocked_plates",
                        to="accounts.operator",
                    ),
                ),
            ],
            options={
                "ordering": ["-blocked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("operator", "plate_normalised", "region", "for_debts"),
                        name="blocked_plate_once_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("plate_normalised", ""), _negated=True), name="blocked_plate_readable"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="email")),
                ("role", models.CharField(choices=[("admin", "Admin"), ("attendant", "Attendant")], max_length=12)),
                ("nonce", models.CharField(max_length=32)),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="accounts.operator"
                    ),
                ),
            ],
            options={
                "ordering": ["-invited_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at__isnull", True), ("withdrawn_at__isnull", True)),
                        fields=("operator", "email"),
                        name="invitation_one_waiting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["admin", "attendant"])), name="invitation_role_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"
                        ),
                        name="invitation_ends_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(choices=[("admin", "Admin"), ("attendant", "Attendant")], max_length=12)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="accounts.operator"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "operator"), name="membership_one_per_operator"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["admin", "attendant"])), name="membership_role_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorLogo",
            fields=[
                (
                    "operator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="logo",
                        serialize=False,
                        to="accounts.operator",
                    ),
                ),
                ("image", models.BinaryField()),
                ("media_type", models.CharField(max_length=20)),
            ],
        ),
    ]
