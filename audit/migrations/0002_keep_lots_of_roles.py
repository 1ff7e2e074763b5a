from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_keep_changes'),
        ('accounts', '0008_limit_roles_to_lots'),
    ]

    operations = [
        migrations.RunSQL(Path(__file__).with_name("lots_of_roles.sql").read_text(encoding="utf-8")),
    ]
