"""Stays that were tied to a driver are proven by that driver."""

from django.db import migrations

COPY = """
INSERT INTO tickets_stayproof (ticket_id, driver_id, kind, proven_at)
SELECT id, driver_id, 'token', entry_at FROM tickets_ticket WHERE driver_id IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0005_proofs_of_stays'),
    ]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
    ]
