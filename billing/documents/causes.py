"""What happened and has no document yet."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from billing.models import Payment, PaymentState, Refund

PAGES_FIRST = timedelta(seconds=2)
"""How long a worker leaves a cause to the page that shows its document."""


def payments_to_document(at: datetime) -> QuerySet[Payment]:
    """Return captured payments without a receipt, oldest first."""
    rows = Payment.objects.filter(state=PaymentState.CAPTURED, receipt=None, finished_at__lte=at - PAGES_FIRST)
    return rows.order_by("finished_at", "pk")


def refunds_to_document(at: datetime) -> QuerySet[Refund]:
    """Return refunds without a credit note whose payment has its receipt, oldest first."""
    rows = Refund.objects.filter(credit_note=None, created_at__lte=at - PAGES_FIRST, payment__receipt__isnull=False)
    return rows.order_by("created_at", "pk")
