"""The operators of messages that were written before they had the column: of the receipt, or of who invited."""

from django.db import migrations

RECEIPTS = """
UPDATE notifications_message message SET operator_id = receipt.operator_id
FROM billing_receipt receipt
WHERE message.template = 'receipt'
    AND receipt.id = CASE WHEN message.key ~ '^receipt:[0-9]{1,18}:' THEN split_part(message.key, ':', 2)::bigint END
"""
INVITATIONS = """
UPDATE notifications_message message SET operator_id = member.operator_id
FROM accounts_membership member
WHERE message.template = 'invitation'
    AND member.id = CASE WHEN message.key ~ '^invitation:[0-9]{1,18}$' THEN split_part(message.key, ':', 2)::bigint END
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_room_for_plates_as_read'),
        ('billing', '0002_sums'),
        ('notifications', '0003_operator_of_a_message'),
    ]

    operations = [
        migrations.RunSQL([RECEIPTS, INVITATIONS], migrations.RunSQL.noop),
    ]
