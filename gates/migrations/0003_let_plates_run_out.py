from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("gates", "0002_obeyed_commands")]

    operations = [migrations.RunSQL(Path(__file__).with_name("forget_plates.sql").read_text(encoding="utf-8"))]
