"""Indexes of stays that are asked, and no others: each costs with every entry and every exit."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_room_for_plates_as_read'),
        ('lots', '0005_lean_spots'),
        ('reservations', '0003_those_expected'),
        ('tickets', '0003_room_for_plates_as_read'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='ticket',
            name='ticket_last_exit_of_plate',
        ),
        migrations.AlterField(
            model_name='ticket',
            name='changed_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='driver',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tickets', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='level',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='lots.level'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='lot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='lots.lot'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='number',
            field=models.CharField(max_length=13),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='reservation',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tickets', to='reservations.reservation'),
        ),
        migrations.AlterField(
            model_name='ticket',
            name='token',
            field=models.CharField(max_length=32),
        ),
        migrations.AlterField(
            model_name='ticketchange',
            name='by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['plate_normalised', 'lot', '-exit_at'], name='ticket_of_plate'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('driver__isnull', False)), fields=['driver', '-entry_at'], name='ticket_of_driver'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('reservation__isnull', False)), fields=['reservation'], name='ticket_of_reservation'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('changed_by__isnull', False)), fields=['changed_by'], name='ticket_changed_by'),
        ),
        migrations.AddIndex(
            model_name='ticketchange',
            index=models.Index(condition=models.Q(('by__isnull', False)), fields=['by'], name='ticket_change_by'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.UniqueConstraint(fields=('number',), name='ticket_number_once'),
        ),
        migrations.AddConstraint(
            model_name='ticket',
            constraint=models.UniqueConstraint(fields=('token',), name='ticket_token_once'),
        ),
    ]
