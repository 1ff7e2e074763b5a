from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reservations", "0005_seal_what_is_stored")]

    operations = [migrations.RunSQL(Path(__file__).with_name("forgotten_bookers.sql").read_text(encoding="utf-8"))]
