from django.db import migrations, models

from common.db.sealed_roll import SealedTable, seal_table

TABLES = (
    SealedTable('billing_savedmethod', 'id', ('reference',), (('reference_hash', 'reference'),)),
    SealedTable('billing_debtappeal', 'id', ('text', 'answer'), ()),
    SealedTable('billing_objection', 'id', ('word',), ()),
)


def seal_stored(_apps, schema_editor):
    """Seal what was stored before its columns were; may be run again when it was stopped."""
    for table in TABLES:
        seal_table(table, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("billing", "0007_seal_columns")]

    operations = [
        migrations.RunPython(seal_stored, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="savedmethod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("owner", "provider", "reference_hash"),
                name="saved_method_once_per_owner",
            ),
        ),
    ]
