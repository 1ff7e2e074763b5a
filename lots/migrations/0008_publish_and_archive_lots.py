from django.db import migrations, models


class Migration(migrations.Migration):
    """Lots are published from now on; those there are already have been public, and stay so."""

    dependencies = [("lots", "0007_search_text")]

    operations = [
        migrations.AddField("lot", "archived_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField("lot", "published", models.BooleanField(default=True), preserve_default=False),
        migrations.AlterField("lot", "published", models.BooleanField(default=False)),
    ]
