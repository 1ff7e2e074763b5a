from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_discounts_of_stays"), ("lots", "0004_record_events"), ("reservations", "0002_discounts_of_bookings"), ("passes", "0002_import_pass_holders")]

    operations = [migrations.RunSQL(Path(__file__).with_name("stay_events.sql").read_text(encoding="utf-8"))]
