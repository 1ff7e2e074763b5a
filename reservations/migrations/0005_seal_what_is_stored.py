from django.db import migrations

from common.db.sealed_roll import SealedTable, seal_table

TABLES = (
    SealedTable('reservations_reservation', 'id', ('phone',), ()),
    SealedTable('reservations_notparkedreport', 'id', ('word',), ()),
)


def seal_stored(_apps, schema_editor):
    """Seal what was stored before its columns were; may be run again when it was stopped."""
    for table in TABLES:
        seal_table(table, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reservations", "0004_seal_columns")]

    operations = [
        migrations.RunPython(seal_stored, migrations.RunPython.noop),
    ]
