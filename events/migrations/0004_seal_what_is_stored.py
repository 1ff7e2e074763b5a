import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import migrations

from common.db.sealed_roll import SealedTable, seal_table

TABLES = (
    SealedTable('events_webhook', 'id', ('secret', 'old_secret'), ()),
)


def seal_stored(_apps, schema_editor):
    """Seal what was sealed by the secret key alone as other columns are; may be run again when it was stopped."""
    box = MultiFernet([_derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])
    with schema_editor.connection.cursor() as cursor:
        for column in ("secret", "old_secret"):
            cursor.execute(f"SELECT id, {column} FROM events_webhook WHERE {column} LIKE 'gAAAA%'")  # noqa: S608 our own
            for key, sealed in cursor.fetchall():
                opened = box.decrypt(sealed.encode()).decode()
                cursor.execute(f"UPDATE events_webhook SET {column} = %s WHERE id = %s", [opened, key])  # noqa: S608 our own
    for table in TABLES:
        seal_table(table, using=schema_editor.connection.alias)


def _derived(key):
    raw = key if isinstance(key, bytes) else key.encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"webhooks:" + raw).digest()))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("events", "0003_seal_secrets")]

    operations = [
        migrations.RunPython(seal_stored, migrations.RunPython.noop),
    ]
