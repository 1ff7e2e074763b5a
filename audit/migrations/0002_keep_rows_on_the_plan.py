from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_keep_changes'),
        ('lots', '0009_rows_on_the_plan'),
    ]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("kept_zones.sql").read_text(encoding="utf-8")),
    ]
