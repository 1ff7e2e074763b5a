from django.db import migrations, models


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
    ]
