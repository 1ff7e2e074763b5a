from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reservations", "0002_discounts_of_bookings"), ("lots", "0004_record_events")]

    operations = [migrations.RunSQL(Path(__file__).with_name("booking_events.sql").read_text(encoding="utf-8"))]
