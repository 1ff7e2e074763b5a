import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.db.sealed_fields


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_seal_what_is_stored'),
    ]

    operations = [
        migrations.CreateModel(
            name='SetupCode',
            fields=[
                ('is_only', models.BooleanField(default=True, editable=False, primary_key=True, serialize=False)),
                ('code_hash', models.BinaryField(max_length=32)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('is_only', True)), name='setup_code_is_one')],
            },
        ),
        migrations.CreateModel(
            name='OperatorApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.CharField(max_length=120)),
                ('name', models.CharField(max_length=120)),
                ('email', models.EmailField(max_length=254, verbose_name='email')),
                ('country', models.CharField(max_length=2)),
                ('wishes', common.db.sealed_fields.EncryptedTextField(blank=True, max_length=2000)),
                ('language', models.CharField(max_length=10)),
                ('nonce', models.CharField(max_length=32)),
                ('applied_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('declined_at', models.DateTimeField(blank=True, null=True)),
                ('answer', common.db.sealed_fields.EncryptedTextField(blank=True, max_length=2000)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('operator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='applications', to='accounts.operator')),
            ],
            options={
                'ordering': ['-applied_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('accepted_at__isnull', True), ('declined_at__isnull', True)), fields=('email',), name='application_one_undecided'), models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('declined_at__isnull', True), _connector='OR'), name='application_decided_once'), models.CheckConstraint(condition=models.Q(('confirmed_at__isnull', False), models.Q(('accepted_at__isnull', True), ('declined_at__isnull', True)), _connector='OR'), name='application_confirmed_before_decided')],
            },
        ),
    ]
