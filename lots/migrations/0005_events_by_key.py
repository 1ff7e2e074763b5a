from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lots", "0004_record_events")]

    operations = [migrations.RunSQL(Path(__file__).with_name("event_of_a_spot.sql").read_text(encoding="utf-8"))]
