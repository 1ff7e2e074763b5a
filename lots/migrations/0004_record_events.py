from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lots", "0003_languages_of_displays"), ("events", "0001_initial")]

    operations = [migrations.RunSQL(Path(__file__).with_name("event_records.sql").read_text(encoding="utf-8"))]
