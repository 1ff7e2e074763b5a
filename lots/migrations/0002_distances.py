from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lots", "0001_initial")]

    operations = [
        migrations.RunSQL(
            Path(__file__).with_name("distances.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION lots_metres(float8, float8, float8, float8)",
        ),
    ]
