"""Taking a person out of payments, cards, agreements and appeals; amounts and documents stay."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import DELETED, User
from billing.models import (
    AutomaticPayment,
    CardSetup,
    DebtAppeal,
    Payment,
    PromoUse,
    ProviderEvent,
    SavedMethod,
    WithdrawnWhy,
)
from billing.services.automatic import withdraw_automatic
from billing.services.forgetting import forget_agreed_plates

ERASED = f"erased{DELETED}"


def addresses_paid_with(person: User) -> set[str]:
    """Return the addresses to which a person had receipts and answers sent, in lower case."""
    receipts = Payment.objects.filter(paid_by=person).exclude(receipt_email="").values_list("receipt_email", flat=True)
    appeals = DebtAppeal.objects.filter(made_by=person).values_list("email", flat=True)
    return {email.lower() for email in (*receipts, *appeals)}


@transaction.atomic
def erase_payer(*, person: User, addresses: Collection[str], at: datetime) -> list[SavedMethod]:
    """Unlink a person from what they paid and agreed to, and return the removed cards that providers have to drop.

    Agreements by which something was charged stay as its proof, with a hash of the plate; so do amounts and documents.
    """
    for agreement in AutomaticPayment.objects.standing().filter(driver=person):
        withdraw_automatic(agreement=agreement, why=WithdrawnWhy.DRIVER, at=at)
    AutomaticPayment.objects.filter(driver=person, payments=None).delete()
    kept = list(AutomaticPayment.objects.filter(driver=person).values_list("pk", flat=True))
    AutomaticPayment.objects.filter(pk__in=kept).update(driver=None, vehicle=None)
    forget_agreed_plates(agreements=kept)
    own = Q(paid_by=person) | Q(saved_method__owner=person) | Q(mailed_to__in=addresses)
    payments = Payment.objects.annotate(mailed_to=Lower("receipt_email")).filter(own)
    told = {*payments.values_list("idempotency_key", flat=True)}
    told |= {*CardSetup.objects.filter(owner=person).values_list("reference", flat=True)}
    ProviderEvent.objects.filter(reference__in=told).update(payload={})
    Payment.objects.filter(pk__in=payments.values("pk")).update(paid_by=None, receipt_email="", page_url="")
    CardSetup.objects.filter(owner=person).exclude(finished_at=None).delete()  # the task drops what is saved by others
    used = PromoUse.objects.annotate(of=Lower("email")).filter(Q(person=person) | Q(of__in=addresses))
    used.update(person=None, email="", plate="")
    appeals = DebtAppeal.objects.annotate(to=Lower("email")).filter(Q(made_by=person) | Q(to__in=addresses))
    appeals.update(made_by=None, email=ERASED, text="")
    SavedMethod.objects.usable().filter(owner=person).update(removed_at=at)
    SavedMethod.objects.filter(owner=person).update(label="")
    return list(SavedMethod.objects.filter(owner=person, forgotten_at=None))
