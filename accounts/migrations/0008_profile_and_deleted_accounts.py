from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_debt_consequence'),
    ]

    operations = [
        migrations.AddField('user', 'phone', models.CharField(blank=True, db_default='', default='', max_length=16)),
        migrations.AddField('user', 'address', models.CharField(blank=True, db_default='', default='', max_length=300)),
        migrations.AddField('user', 'postal_code', models.CharField(blank=True, db_default='', default='', max_length=16)),
        migrations.AddField(
            'user',
            'locale',
            models.CharField(
                blank=True,
                choices=[('en-GB', 'United Kingdom'), ('en-US', 'United States'), ('en-CH', 'Switzerland'), ('en-IE', 'Ireland'), ('en-AU', 'Australia'), ('en-CA', 'Canada'), ('en-IN', 'India')],
                db_default='',
                default='',
                max_length=8,
            ),
        ),
        migrations.AddField('user', 'timezone', models.CharField(blank=True, db_default='', default='', max_length=64)),
        migrations.AddField('user', 'deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddConstraint(
            'user',
            models.CheckConstraint(
                condition=models.Q(('phone', ''), ('phone__regex', '^\\+[1-9][0-9]{6,14}$'), _connector='OR'),
                name='user_phone_with_its_country_code',
            ),
        ),
        migrations.AddConstraint(
            'user',
            models.CheckConstraint(
                condition=models.Q(
                    ('deleted_at__isnull', True),
                    models.Q(('address', ''), ('email__endswith', '@deleted.invalid'), ('is_active', False), ('name', ''), ('phone', ''), ('postal_code', '')),
                    _connector='OR',
                ),
                name='user_deleted_is_nobody',
            ),
        ),
    ]
