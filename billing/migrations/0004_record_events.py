from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_promo_codes_and_vouchers"), ("lots", "0004_record_events")]

    operations = [migrations.RunSQL(Path(__file__).with_name("money_events.sql").read_text(encoding="utf-8"))]
