"""Indexes of spots that are asked, and no others: each costs whenever a car comes or goes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lots', '0004_out_of_use_since'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='spot',
            name='spot_pickable',
        ),
        migrations.AlterField(
            model_name='spot',
            name='hold',
            field=models.BigIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='spot',
            name='level',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='spots', to='lots.level'),
        ),
        migrations.AlterField(
            model_name='spot',
            name='lot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='spots', to='lots.lot'),
        ),
        migrations.AlterField(
            model_name='spot',
            name='stay',
            field=models.BigIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='spot',
            name='zone',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='spots', to='lots.zone'),
        ),
        migrations.AlterField(
            model_name='spotcount',
            name='level',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='lots.level'),
        ),
        migrations.AlterField(
            model_name='spotcount',
            name='lot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='lots.lot'),
        ),
        migrations.AddIndex(
            model_name='spot',
            index=models.Index(condition=models.Q(('status', 'available')), fields=['zone', 'ordinal'], name='spot_free_in_zone'),
        ),
        migrations.AddConstraint(
            model_name='spot',
            constraint=models.UniqueConstraint(condition=models.Q(('stay__isnull', False)), fields=('stay',), name='spot_one_per_stay'),
        ),
        migrations.AddConstraint(
            model_name='spot',
            constraint=models.UniqueConstraint(condition=models.Q(('hold__isnull', False)), fields=('hold',), name='spot_one_per_hold'),
        ),
    ]
