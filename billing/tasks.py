"""What is finished later: payments and refunds that their provider has not answered."""

from celery import shared_task
from django.utils.timezone import now

from billing.models import Refund
from billing.queries import abandoned_payments
from billing.services import conclude_payment, return_refund


@shared_task
def conclude_payments() -> None:
    """Ask the providers about payments left pending, and return refunds that were not."""
    for payment in abandoned_payments(now()).select_related("charge")[:100]:
        conclude_payment(payment=payment, at=now())
    for refund in Refund.objects.filter(returned_at=None).select_related("payment").order_by("created_at")[:100]:
        return_refund(refund=refund, at=now())
