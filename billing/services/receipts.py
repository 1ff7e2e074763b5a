"""Receipts, numbered without gaps per operator."""

from datetime import datetime

from django.db import connection

from billing.models import Payment, Receipt

_NUMBER = """
WITH next AS (
    INSERT INTO billing_receiptsequence AS kept (operator_id, last_number)
    SELECT operator_id, 1 FROM lots_lot WHERE id = %(lot)s
    ON CONFLICT (operator_id) DO UPDATE SET last_number = kept.last_number + 1
    RETURNING operator_id, last_number
)
INSERT INTO billing_receipt (operator_id, number, payment_id, issued_at)
SELECT operator_id, last_number, %(payment)s, %(at)s FROM next
RETURNING id, operator_id, number
"""


def number_receipt(payment: Payment, at: datetime) -> Receipt:
    """Give a payment that was just captured the next receipt number of its lot's operator; once a payment.

    The operator's sequence stays locked until the transaction ends, and rolls back with it, so no number is skipped:
    this is the last lock that a transaction takes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER, {"lot": payment.charge.lot_id, "payment": payment.pk, "at": at})
        key, operator, number = cursor.fetchone()
    return Receipt(id=key, operator_id=operator, number=number, payment=payment, issued_at=at)
