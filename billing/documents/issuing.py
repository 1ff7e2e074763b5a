"""Issues documents for what happened, in transactions of their own.

Causes are locked first, then what they are documented against, then the counters; a lane, which changes neither
captured payments nor recorded refunds, never waits for them. Each function is idempotent: a cause has one document.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from billing.documents.causes import taken_together, with_those_taken_together
from billing.documents.drafting import (
    Recipient,
    draft_cancellation,
    draft_credit_note,
    draft_invoice,
    draft_receipt,
)
from billing.documents.fiscal import is_fiscal, sign_documents
from billing.documents.mails import queue_document
from billing.documents.numbering import Draft, in_order_of_counters, number_draft
from billing.documents.subjects import facts_of
from billing.models import Charge, Debt, Document, DocumentKind, Payment, PaymentState, Refund


def issue_receipts(payments: Iterable[Payment], *, at: datetime) -> list[Document]:
    """Issue the missing receipts of captured payments; those that were taken together share one."""
    return _issue(partial(_receipts, {payment.pk for payment in payments}, at))


def issue_credit_notes(refunds: Iterable[Refund], *, at: datetime) -> list[Document]:
    """Issue the missing credit notes of refunds; one whose payment has no receipt yet has to wait for it."""
    return _issue(partial(_credit_notes, {refund.pk for refund in refunds}, at))


def issue_invoice(debt: Debt, recipient: Recipient, *, at: datetime) -> Document | None:
    """Invoice what a debt still owes to a person or company; None when it has an invoice or owes nothing."""
    return next(iter(_issue(partial(_invoice, debt.pk, recipient, at))), None)


def cancel_invoices(invoices: Iterable[Document], *, at: datetime) -> list[Document]:
    """Issue the credit notes of invoices whose debt was taken back."""
    return _issue(partial(_cancellations, {invoice.pk for invoice in invoices}, at))


def document_charge(charge: Charge, *, at: datetime) -> list[Document]:
    """Issue what is missing for a charge's payments and refunds, and return all its documents as they were issued.

    Credit notes come first, because what was paid after a refund is taxed after it.
    """
    _credit_all(charge, at)
    issue_receipts(charge.payments.filter(state=PaymentState.CAPTURED, receipt=None), at=at)
    _credit_all(charge, at)
    return documents_of(charge)


def _credit_all(charge: Charge, at: datetime) -> None:
    while issue_credit_notes(Refund.objects.filter(payment__charge=charge, credit_note=None), at=at):
        pass


def documents_of(charge: Charge) -> list[Document]:
    """Return the issued documents of a charge in the order in which they were issued."""
    by_payment = Document.objects.filter(payments__charge=charge)
    by_refund = Document.objects.filter(refunds__payment__charge=charge)
    by_debt = Document.objects.filter(debts__charge=charge)
    found = {document.pk: document for rows in (by_payment, by_refund, by_debt) for document in rows}
    return [found[key] for key in sorted(found)]


def _issue(drafts: Callable[[], Sequence[Draft]]) -> list[Document]:
    with transaction.atomic():
        fiscal = is_fiscal()
        ready = [replace(draft, awaits_signature=fiscal) for draft in sorted(drafts(), key=in_order_of_counters)]
        documents = [number_draft(draft) for draft in ready]
        for document, draft in zip(documents, ready, strict=True):
            queue_document(document, draft.mail_to or {}, at=draft.at)
        if documents and fiscal:
            transaction.on_commit(partial(sign_documents, [one.pk for one in documents]), robust=True)
    return documents


def _receipts(wanted: set[int], at: datetime) -> list[Draft]:
    locked = _locked_payments(wanted)
    before = _documented(locked)
    facts = facts_of(payment.charge for payment in locked)
    groups: dict[object, list[Payment]] = {}
    for payment in locked:
        if payment.receipt_id is None:
            groups.setdefault(taken_together(payment), []).append(payment)
    drafts = []
    for group in groups.values():
        if not any(payment.pk in wanted for payment in group):
            continue
        drafts.append(draft_receipt(group, facts, before, at))
        for payment in group:
            before[payment.charge_id] = before.get(payment.charge_id, 0) + payment.captured_amount
    return drafts


def _locked_payments(wanted: set[int]) -> list[Payment]:
    """Lock all captured payments of the charges of some, in their order, so that a charge's documents are made in turn.

    Those that were taken together with them are locked, too.
    """
    return _locked_payments_of(with_those_taken_together(wanted).values("charge"))


def _locked_payments_of(charges: Iterable[int] | QuerySet[Payment, Any]) -> list[Payment]:
    rows = Payment.objects.filter(charge__in=charges, state=PaymentState.CAPTURED).order_by("pk")
    return list(rows.select_for_update(no_key=True, of=("self",)).select_related("charge__lot__operator"))


def _documented(payments: Iterable[Payment]) -> dict[int, int]:
    """Return what the documents of charges say was kept so far, given all their captured payments, which are locked."""
    receipted = [payment for payment in payments if payment.receipt_id]
    kept: dict[int, int] = {}
    for payment in receipted:
        kept[payment.charge_id] = kept.get(payment.charge_id, 0) + payment.captured_amount
    back = Refund.objects.filter(payment__in=receipted, credit_note__isnull=False)
    for charge, amount in back.values_list("payment__charge", "amount") if receipted else ():
        kept[charge] -= amount
    return kept


def _credit_notes(wanted: set[int], at: datetime) -> list[Draft]:
    rows = Refund.objects.filter(pk__in=wanted, credit_note=None, payment__receipt__isnull=False)
    _locked_payments(set(rows.values_list("payment", flat=True)))
    locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    refunds = list(locked.select_related("payment__charge__lot"))
    receipts = _locked_documents({refund.payment.receipt_id for refund in refunds if refund.payment.receipt_id})
    facts = facts_of(refund.payment.charge for refund in refunds)
    drafts: list[Draft] = []
    told = set[int]()
    for refund in refunds:
        receipt = receipts[refund.payment.receipt_id or 0]
        # A second credit note of one receipt is made against the first, so it waits for the next transaction.
        if receipt.pk in told:
            continue
        told.add(receipt.pk)
        drafts.append(draft_credit_note(refund, facts, receipt, list(receipt.corrections.order_by("pk")), at))
    return drafts


def _invoice(key: int, recipient: Recipient, at: datetime) -> list[Draft]:
    row = Debt.objects.filter(pk=key, invoice=None, settled_at=None).select_for_update(no_key=True, of=("self",))
    debt = row.select_related("charge__lot", "operator").first()
    if debt is None or debt.charge.balance_amount <= 0:
        return []
    before = _documented(_locked_payments_of([debt.charge_id])).get(debt.charge_id, 0)
    return [draft_invoice(debt, recipient, facts_of([debt.charge]), before, at)]


def _cancellations(keys: set[int], at: datetime) -> list[Draft]:
    invoices = _locked_documents(keys)
    open_ones = [one for one in invoices.values() if one.kind == DocumentKind.INVOICE and not one.debts.exists()]
    notes = [(one, list(one.corrections.order_by("pk"))) for one in open_ones]
    return [
        draft_cancellation(invoice, credited, at)
        for invoice, credited in notes
        if invoice.total_amount + sum(note.total_amount for note in credited) > 0
    ]


def _locked_documents(keys: set[int]) -> dict[int, Document]:
    rows = Document.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True, of=("self",))
    return {row.pk: row for row in rows.select_related("operator", "lot")}
