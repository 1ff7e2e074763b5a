"""Issues the documents that no page has issued: those of lanes, desks and programs."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from billing.documents.causes import payments_to_document, refunds_to_document
from billing.documents.invoice_corrections import invoices_to_correct
from billing.documents.issuing import correct_invoices, issue_credit_notes, issue_receipts
from billing.models import Document

BATCH = 50
MOST_AT_ONCE = 20 * BATCH

logger = structlog.get_logger(__name__)


def issue_due(*, at: datetime) -> int:
    """Issue what is missing, a batch a transaction, and return how many documents were issued.

    A cause that can't be documented is logged and keeps no other waiting.
    """
    issued = 0
    for find, issue in (
        (lambda: payments_to_document(at), issue_receipts),
        (lambda: refunds_to_document(at), issue_credit_notes),
        (invoices_to_correct, correct_invoices),
    ):
        due = list(find()[:MOST_AT_ONCE])
        for start in range(0, len(due), BATCH):
            issued += _issue_each(due[start : start + BATCH], partial(issue, at=at))
    return issued


def _issue_each(batch: list[Any], issue: Callable[[list[Any]], list[Document]]) -> int:
    try:
        return len(issue(batch))
    except Exception:
        if len(batch) == 1:
            logger.exception("document_not_issued", cause=repr(batch[0]))
            return 0
    return sum(_issue_each([one], issue) for one in batch)
