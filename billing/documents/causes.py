"""What happened and has no document yet."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from billing.models import Document, DocumentKind, Payment, PaymentState, Refund

PAGES_FIRST = timedelta(seconds=2)
"""How long a worker leaves a cause to the page that shows its document."""


def taken_together(payment: Payment) -> object:
    """Return what is equal for payments that share a receipt."""
    return payment.together or payment.pk


def with_those_taken_together(keys: set[int]) -> QuerySet[Payment]:
    """Return payments by their keys, with those that share their receipts."""
    groups = Payment.objects.filter(pk__in=keys, together__isnull=False).values("together")
    return Payment.objects.filter(Q(pk__in=keys) | Q(together__in=groups))


def payments_to_document(at: datetime) -> QuerySet[Payment]:
    """Return captured payments without a receipt, oldest first."""
    rows = Payment.objects.filter(state=PaymentState.CAPTURED, receipt=None, finished_at__lte=at - PAGES_FIRST)
    return rows.order_by("finished_at", "pk")


def refunds_to_document(at: datetime) -> QuerySet[Refund]:
    """Return refunds without a credit note whose payment has its receipt, oldest first."""
    rows = Refund.objects.filter(credit_note=None, created_at__lte=at - PAGES_FIRST, payment__receipt__isnull=False)
    return rows.order_by("created_at", "pk")


def invoices_to_cancel() -> QuerySet[Document]:
    """Return the invoices whose debt was taken back and that no credit note corrects."""
    return Document.objects.filter(kind=DocumentKind.INVOICE, debts=None, corrections=None).order_by("pk")
