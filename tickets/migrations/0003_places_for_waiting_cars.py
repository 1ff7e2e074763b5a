from pathlib import Path

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0002_passing_and_old_records"),
        ("tickets", "0002_plate_corrections"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("level__isnull", True), ("status__in", ("entering", "active", "paid"))),
                fields=["lot", "entry_at"],
                name="ticket_without_place",
            ),
        ),
        migrations.RunSQL(Path(__file__).with_name("waiting_cars.sql").read_text(encoding="utf-8")),
    ]
