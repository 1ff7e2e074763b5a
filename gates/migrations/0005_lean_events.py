"""Indexes of events that are asked, and no others: each costs with every read."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gates', '0004_what_to_look_at'),
        ('lots', '0005_lean_spots'),
        ('tickets', '0004_lean_stays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='gateevent',
            name='event_ticket',
        ),
        migrations.AlterField(
            model_name='gateevent',
            name='device',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='gates.device'),
        ),
        migrations.AlterField(
            model_name='gateevent',
            name='first',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeats', to='gates.gateevent'),
        ),
        migrations.AlterField(
            model_name='gateevent',
            name='gate',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='gates.gate'),
        ),
        migrations.AlterField(
            model_name='gateevent',
            name='lot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='lots.lot'),
        ),
        migrations.AlterField(
            model_name='gateevent',
            name='person',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='gate_events', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='gateevent',
            name='ticket',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='tickets.ticket'),
        ),
        migrations.AddIndex(
            model_name='gateevent',
            index=models.Index(condition=models.Q(('ticket__isnull', False)), fields=['ticket', 'id'], name='event_ticket'),
        ),
        migrations.AddIndex(
            model_name='gateevent',
            index=models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='event_first'),
        ),
        migrations.AddIndex(
            model_name='gateevent',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person'], name='event_person'),
        ),
    ]
