from django.db import migrations

from common.db.sealed_roll import SealedTable, seal_table

TABLES = (
    SealedTable('notifications_phonecode', 'id', ('phone',), (('phone_hash', 'phone'),)),
    SealedTable('notifications_textmessage', 'id', ('phone', 'text'), (('phone_hash', 'phone'),)),
)


def seal_stored(_apps, schema_editor):
    """Seal what was stored before its columns were; may be run again when it was stopped."""
    for table in TABLES:
        seal_table(table, using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("notifications", "0003_seal_phones")]

    operations = [
        migrations.RunPython(seal_stored, migrations.RunPython.noop),
    ]
