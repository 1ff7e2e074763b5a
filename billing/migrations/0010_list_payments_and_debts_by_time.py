from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0009_let_agreed_plates_run_out"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["created_at"], name="payment_created"),
        ),
        migrations.AddIndex(
            model_name="debt",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", True)),
                fields=["operator", "-created_at"],
                name="debt_open_since",
            ),
        ),
    ]
