"""Receipts, numbered without gaps per operator."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from billing.models import Payment, Receipt, ReceiptSequence


@transaction.atomic
def issue_receipt(*, payment: Payment, at: datetime) -> Receipt:
    """Give a captured payment the operator's next receipt number; the same payment keeps its receipt.

    The operator's sequence stays locked until the transaction ends, and rolls back with it, so no number is skipped.
    """
    earlier = Receipt.objects.filter(payment=payment).first()
    if earlier:
        return earlier
    operator = payment.charge.lot.operator
    ReceiptSequence.objects.bulk_create([ReceiptSequence(operator=operator)], ignore_conflicts=True)
    ReceiptSequence.objects.filter(operator=operator).update(last_number=F("last_number") + 1)
    number = ReceiptSequence.objects.get(operator=operator).last_number
    return Receipt.objects.create(operator=operator, number=number, payment=payment, issued_at=at)
