from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_keep_rows_on_the_plan'),
        ('accounts', '0009_limit_roles_to_lots'),
    ]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("lots_of_roles.sql").read_text(encoding="utf-8")),
    ]
