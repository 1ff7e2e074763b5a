"""A proof says whose stay it is; the ticket itself no longer does."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0006_drivers_have_proven'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='ticket',
            name='ticket_of_driver',
        ),
        migrations.RemoveField(
            model_name='ticket',
            name='driver',
        ),
    ]
