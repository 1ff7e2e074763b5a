from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("passes", "0002_import_pass_holders"), ("lots", "0004_record_events")]

    operations = [migrations.RunSQL(Path(__file__).with_name("pass_events.sql").read_text(encoding="utf-8"))]
