from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("devices", "0001_initial"),
        ("lots", "0001_initial"),
        ("tickets", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="GateEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("read", "Read"),
                            ("passage", "Passage"),
                            ("person", "By a person"),
                            ("release", "Released"),
                            ("undo", "Exit undone"),
                            ("hold", "Held open"),
                        ],
                        default="read",
                        max_length=8,
                    ),
                ),
                ("event_id", models.UUIDField()),
                ("body_hash", models.BinaryField(max_length=32)),
                ("seq", models.BigIntegerField(blank=True, null=True)),
                ("offline", models.BooleanField(default=False)),
                ("captured_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("skew_seconds", models.IntegerField(blank=True, null=True)),
                ("plate", models.CharField(blank=True, max_length=64, null=True)),
                ("plate_normalised", models.CharField(blank=True, max_length=15, null=True)),
                ("confidence", models.FloatField(blank=True, null=True)),
                ("read", models.JSONField(default=dict)),
                ("action", models.CharField(max_length=10)),
                ("reason", models.CharField(max_length=20)),
                ("flags", models.JSONField(default=list)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("answer", models.JSONField()),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="devices.device",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repeats",
                        to="gates.gateevent",
                    ),
                ),
                (
                    "gate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="lots.gate",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="lots.lot",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gate_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["gate", "plate_normalised", "-at"], name="event_gate_plate"),
                    models.Index(fields=["gate", "-at"], name="event_gate_recent"),
                    models.Index(fields=["lot", "-id"], name="event_lot_recent"),
                    models.Index(
                        condition=models.Q(("ticket__isnull", False)), fields=["ticket", "id"], name="event_ticket"
                    ),
                    models.Index(condition=models.Q(("first__isnull", False)), fields=["first"], name="event_first"),
                    models.Index(condition=models.Q(("kind", "hold")), fields=["gate", "id"], name="event_hold"),
                    models.Index(condition=models.Q(("person__isnull", False)), fields=["person"], name="event_person"),
                    models.Index(
                        condition=models.Q(("seq__isnull", False)), fields=["device", "seq"], name="event_device_seq"
                    ),
                    models.Index(
                        condition=models.Q(
                            models.Q(("flags", []), _negated=True), ("skew_seconds__isnull", False), _connector="OR"
                        ),
                        fields=["lot", "-at"],
                        name="event_to_look_at",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("device", "event_id"), name="event_once_per_device"),
                    models.CheckConstraint(
                        condition=models.Q(("device__isnull", False), ("person__isnull", False), _connector="OR"),
                        name="event_has_a_device_or_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "hold"), _negated=True),
                            models.Q(
                                ("action", "hold_open"),
                                ("person__isnull", False),
                                models.Q(("note", ""), _negated=True),
                            ),
                            models.Q(("action", "release"), ("person__isnull", False)),
                            _connector="OR",
                        ),
                        name="event_hold_has_person_and_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "undo")), fields=("first",), name="event_undone_once"
                    ),
                ],
            },
        ),
        migrations.RunSQL(Path(__file__).with_name("append_only.sql").read_text(encoding="utf-8")),
    ]
