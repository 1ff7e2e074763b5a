from pathlib import Path

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial"), ("billing", "0001_initial"), ("lots", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="stays_before",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, verbose_name="paid stays of the plate in the month before this one"
            ),
        ),
        migrations.RunSQL(Path(__file__).with_name("regulars.sql").read_text(encoding="utf-8")),
    ]
