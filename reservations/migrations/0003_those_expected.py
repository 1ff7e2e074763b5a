"""An index of the bookings whose car may yet come, as a read at an entry asks for them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_room_for_plates_as_read'),
        ('lots', '0005_lean_spots'),
        ('reservations', '0002_room_for_plates_as_read'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='reservation',
            name='reservation_live_plate',
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(condition=models.Q(('status__in', ('confirmed', 'no_show'))), fields=['lot', 'plate_skeleton'], name='reservation_expected'),
        ),
    ]
