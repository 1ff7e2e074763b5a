import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("lots", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("camera", "Plate camera"),
                            ("barrier", "Barrier controller"),
                            ("kiosk", "Kiosk"),
                            ("edge", "Edge box"),
                        ],
                        default="camera",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("key_prefix", models.CharField(max_length=12, unique=True)),
                ("key_hash", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "gate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to="lots.gate"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to="lots.lot"
                    ),
                ),
            ],
            options={
                "ordering": ["gate_id", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["camera", "barrier", "kiosk", "edge"])),
                        name="device_kind_known",
                    )
                ],
            },
        ),
    ]
