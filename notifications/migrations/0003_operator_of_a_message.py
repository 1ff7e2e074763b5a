"""Messages belong to an operator."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_room_for_plates_as_read'),
        ('notifications', '0002_what_to_look_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='operator',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='accounts.operator'),
        ),
    ]
