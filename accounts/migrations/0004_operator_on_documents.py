import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_blocks_by_region")]

    operations = [
        migrations.AddField("operator", "legal_name", models.CharField(blank=True, default="", max_length=120), preserve_default=False),
        migrations.AddField("operator", "address", models.CharField(blank=True, default="", max_length=300), preserve_default=False),
        migrations.AddField("operator", "tax_id", models.CharField(blank=True, default="", max_length=40), preserve_default=False),
        migrations.AddField("operator", "timezone", models.CharField(blank=True, default="", max_length=64), preserve_default=False),
        migrations.CreateModel(
            name="OperatorLogo",
            fields=[
                ("operator", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="logo", serialize=False, to="accounts.operator")),
                ("image", models.BinaryField()),
                ("media_type", models.CharField(max_length=20)),
            ],
        ),
    ]
