"""Whose stay it is: what an account has proven."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0004_lean_stays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StayProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('number', 'Typed its number'), ('token', 'Opened its link'), ('payment', 'Paid its whole fee')], max_length=8)),
                ('proven_at', models.DateTimeField()),
                ('driver', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stay_proofs', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proofs', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('driver', 'ticket'), name='stay_proof_once_per_account'), models.CheckConstraint(condition=models.Q(('kind__in', ['number', 'token', 'payment'])), name='stay_proof_kind_known')],
            },
        ),
    ]
