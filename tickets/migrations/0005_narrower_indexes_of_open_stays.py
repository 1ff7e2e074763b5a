from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0004_region_of_plate"),
    ]

    operations = [
        # In the order in which waiting cars get a place.
        migrations.RemoveIndex(model_name="ticket", name="ticket_without_place"),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("level__isnull", True), ("status__in", ("entering", "active", "paid"))),
                fields=["lot", "entry_at", "id"],
                name="ticket_without_place",
            ),
        ),
        migrations.RemoveConstraint(model_name="ticket", name="ticket_one_open_per_spot"),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                fields=["spot"],
                condition=models.Q(("spot__isnull", False), ("status__in", ("entering", "active", "paid"))),
                name="ticket_one_open_per_spot",
            ),
        ),
    ]
