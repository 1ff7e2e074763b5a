from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_events_by_key")]

    operations = [migrations.RunSQL(Path(__file__).with_name("regulars_by_hash.sql").read_text(encoding="utf-8"))]
