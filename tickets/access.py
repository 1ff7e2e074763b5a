"""Load payments, refunds and documents for the people whom they concern: who paid, and who works at their lots."""

from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Person
from accounts.models import Role, User
from billing.models import Document, Payment, Refund, RefundRequest
from common.errors import NotFoundError
from lots.access import lots_visible_to
from tickets.queries import charges_about, documents_about

Row = TypeVar("Row")


def payments_of(person: User) -> QuerySet[Payment]:
    """Return the payments of a person: for what they parked and booked, and by their account or card."""
    agreed = Q(automatic__driver=person) | Q(saved_method__owner=person)
    return Payment.objects.filter(Q(charge__in=charges_about(person).values("pk")) | Q(paid_by=person) | agreed)


def payments_managed_by(person: Person) -> QuerySet[Payment]:
    """Return the payments at the lots of which a person is an admin."""
    return Payment.objects.filter(charge__lot__in=lots_visible_to(person, Role.ADMIN))


def payments_at_work(person: Person) -> QuerySet[Payment]:
    """Return the payments that a person may look at and give back at work: an attendant those of stays."""
    return Payment.objects.filter(_at_work(person))


def payments_shown_to(person: User) -> QuerySet[Payment]:
    """Return the payments that a person may look at by their number: their own, and those at work."""
    return Payment.objects.filter(Q(pk__in=payments_of(person).values("pk")) | _at_work(person))


def load_payment(person: User, pk: int) -> Payment:
    """Return a payment with its charge and lot. Raises NotFoundError for what the person may not look at."""
    rows = payments_shown_to(person).select_related("charge__lot__operator", "charge__ticket")
    return _found(rows.filter(pk=pk).first())


def load_refund(person: User, pk: int) -> Refund:
    """Return a refund of a payment that the person may look at. Raises NotFoundError."""
    given = Refund.objects.filter(reverses=None, payment__in=payments_shown_to(person).values("pk"))
    return _found(given.select_related("payment__charge__lot").filter(pk=pk).first())


def load_refund_request(person: User, pk: int) -> RefundRequest:
    """Return a refund that a second person decides about; drivers see theirs once it is given. Raises NotFoundError."""
    at_work = Q(payment__in=payments_at_work(person).values("pk"))
    own = Q(payment__in=payments_of(person).values("pk"), refund__isnull=False)
    rows = RefundRequest.objects.filter(at_work | own).select_related("payment__charge__lot__operator")
    return _found(rows.filter(pk=pk).first())


def documents_shown_to(person: User) -> QuerySet[Document]:
    """Return the documents that a person may look at: of what they parked and booked, and those at work."""
    # Evaluated here, so that a driver, who works nowhere, gets a query for their own documents only.
    lots, own = list(lots_visible_to(person).values_list("pk", flat=True)), documents_about(person)
    if not lots:
        return own
    return Document.objects.filter(Q(pk__in=own.values("pk")) | Q(lot__in=lots))


def load_document(person: User, pk: int) -> Document:
    """Return a document with its operator and lot. Raises NotFoundError for what the person may not look at."""
    rows = documents_shown_to(person).select_related("operator", "lot", "about")
    return _found(rows.filter(pk=pk).first())


def _at_work(person: Person) -> Q:
    of_stays = Q(charge__ticket__isnull=False, charge__lot__in=lots_visible_to(person))
    return of_stays | Q(charge__lot__in=lots_visible_to(person, Role.ADMIN))


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFoundError(_("There is nothing here, or you may not see it."))
    return row
