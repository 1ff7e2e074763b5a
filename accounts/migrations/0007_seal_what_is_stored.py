from django.db import migrations

from common.db.sealed_roll import SealedTable, seal_table

TABLES = (
    SealedTable('accounts_user', 'id', ('phone', 'address', 'postal_code'), ()),
    SealedTable('accounts_merchant', 'id', ('address',), ()),
    SealedTable('accounts_blockedplate', 'id', ('reason',), ()),
)


def seal_stored(_apps, schema_editor):
    """Seal what was stored before its columns were; may be run again when it was stopped."""
    for table in TABLES:
        seal_table(table, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0006_seal_columns")]

    operations = [
        migrations.RunPython(seal_stored, migrations.RunPython.noop),
    ]
