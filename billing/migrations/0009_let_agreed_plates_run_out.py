from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_seal_what_is_stored")]

    operations = [migrations.RunSQL(Path(__file__).with_name("forget_terms.sql").read_text(encoding="utf-8"))]
