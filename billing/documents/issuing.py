"""Issues documents for what happened, in transactions of their own.

Causes are locked and loaded first, in the order of their keys; the counters are locked last, by the statement that
numbers the documents. A lane, which changes neither captured payments nor recorded refunds, never waits for them. Each
function is idempotent: a cause has one document.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q

from billing.documents.document_facts import Taken, lock_debt, lock_payments, lock_refunds
from billing.documents.drafting import (
    Recipient,
    draft_credit_note,
    draft_invoice,
    draft_invoice_correction,
    draft_receipt,
)
from billing.documents.fiscal import is_fiscal, sign_documents
from billing.documents.invoice_corrections import lock_invoices
from billing.documents.mails import queue_documents
from billing.documents.numbering import Draft, number_drafts
from billing.models import Charge, Debt, Document, Payment, PaymentState, Refund


def issue_receipts(payments: Iterable[Payment], *, at: datetime) -> list[Document]:
    """Issue the missing receipts of captured payments; those that were taken together share one."""
    return _issue(partial(_receipts, {payment.pk for payment in payments}, at))


def issue_credit_notes(refunds: Iterable[Refund], *, at: datetime) -> list[Document]:
    """Issue the missing credit notes of refunds; one whose payment has no receipt yet has to wait for it."""
    return _issue(partial(_credit_notes, {refund.pk for refund in refunds}, at))


def issue_invoice(debt: Debt, recipient: Recipient, *, at: datetime) -> Document | None:
    """Invoice what a debt still owes to a person or company; None when it has an invoice or owes nothing."""
    return next(iter(_issue(partial(_invoice, debt.pk, recipient, at))), None)


def correct_invoices(invoices: Collection[int], *, at: datetime) -> list[Document]:
    """Issue credit notes for what invoices, by their keys, say beyond what is owed."""
    return _issue(partial(_corrections, invoices, at))


def document_charge(charge: Charge, *, at: datetime) -> list[Document]:
    """Issue what is missing for a charge's payments and refunds, and return all its documents as they were issued."""
    issue_receipts(charge.payments.filter(state=PaymentState.CAPTURED, receipt=None), at=at)
    issue_credit_notes(Refund.objects.filter(payment__charge=charge, credit_note=None), at=at)
    return documents_of(charge)


def documents_of(charge: Charge) -> list[Document]:
    """Return the issued documents of a charge in the order in which they were issued."""
    by_payment = Document.objects.filter(payments__charge=charge)
    by_refund = Document.objects.filter(refunds__payment__charge=charge)
    by_debt = Document.objects.filter(Q(debts__charge=charge) | Q(about__debts__charge=charge))
    found = {document.pk: document for rows in (by_payment, by_refund, by_debt) for document in rows}
    return [found[key] for key in sorted(found)]


def _issue(load: Callable[[], Sequence[Draft]]) -> list[Document]:
    with transaction.atomic():
        drafts, fiscal = load(), is_fiscal()
        if not drafts:
            return []
        mails = any(draft.mail_to for draft in drafts)
        issued = number_drafts(drafts, awaits_signature=fiscal, commits=not mails)
        queue_documents(issued)
        documents = [document for document, _draft in issued]
        if fiscal:
            transaction.on_commit(partial(sign_documents, [one.pk for one in documents]), robust=True)
    return documents


def _receipts(wanted: Collection[int], at: datetime) -> list[Draft]:
    groups: dict[object, list[Taken]] = {}
    for payment in lock_payments(wanted) if wanted else ():
        groups.setdefault(payment.together or payment.key, []).append(payment)
    return [draft_receipt(group, at) for group in groups.values()]


def _credit_notes(wanted: Collection[int], at: datetime) -> list[Draft]:
    return [draft_credit_note(refund, at) for refund in lock_refunds(wanted)] if wanted else []


def _invoice(key: int, recipient: Recipient, at: datetime) -> list[Draft]:
    owing = lock_debt(key)
    if owing is None:
        return []
    billed, amount, taxed_before = owing
    return [draft_invoice(key, billed, recipient, amount=amount, taxed_before=taxed_before, at=at)]


def _corrections(keys: Collection[int], at: datetime) -> list[Draft]:
    return [draft_invoice_correction(one, at) for one in lock_invoices(keys)] if keys else []
