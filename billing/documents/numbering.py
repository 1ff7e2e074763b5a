"""The statement that numbers a document, chains it to the one before and links what caused it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from billing.models import Document, DocumentKind
from common.db.flush import flush_each

_TOKEN_BYTES = 16
_NUMBER = """
WITH counter AS (
    INSERT INTO billing_documentcounter AS kept (operator_id, kind, year, last_number, last_hash)
    VALUES (%(operator)s, %(kind)s::text, %(year)s::int, 1,
        billing_document_hash('', billing_document_number(%(kind)s::text, %(year)s::int, 1), %(content)s::jsonb))
    ON CONFLICT (operator_id, kind, year) DO UPDATE SET last_number = kept.last_number + 1,
        last_hash = billing_document_hash(kept.last_hash,
            billing_document_number(%(kind)s::text, %(year)s::int, kept.last_number + 1), %(content)s::jsonb)
    RETURNING last_number, last_hash
), issued AS (
    INSERT INTO billing_document (operator_id, lot_id, kind, year, sequence, number, token, currency, total_amount,
        tax_amount, plate_normalised, about_id, issued_at, content, hash, awaits_signature)
    SELECT %(operator)s, %(lot)s, %(kind)s::text, %(year)s::int, last_number,
        billing_document_number(%(kind)s::text, %(year)s::int, last_number), %(token)s, %(currency)s, %(total)s,
        %(tax)s, %(plate)s, %(about)s::bigint, %(at)s, %(content)s::jsonb, last_hash, %(unsigned)s
    FROM counter
    RETURNING id, sequence, number, hash
), linked AS (
    UPDATE {table} SET {column} = issued.id FROM issued WHERE {table}.id = ANY(%(causes)s::bigint[])
)
SELECT id, sequence, number, hash FROM issued
"""
_STATEMENTS = {
    DocumentKind.RECEIPT: _NUMBER.format(table="billing_payment", column="receipt_id"),
    DocumentKind.INVOICE: _NUMBER.format(table="billing_debt", column="invoice_id"),
    DocumentKind.CREDIT_NOTE: _NUMBER.format(table="billing_refund", column="credit_note_id"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that is ready to be numbered; `causes` are the keys of the rows that are to point at it.

    `operator` and `lot` are keys, `zone` is the operator's, or the lot's where the operator has none.

    `mail_to` are the addresses that get it, each with whether its plate and links are hidden from them.
    """

    kind: DocumentKind
    operator: int
    lot: int
    zone: ZoneInfo
    currency: str
    content: Mapping[str, Any]
    causes: Sequence[int]
    at: datetime
    plate: str = ""
    about: int | None = None
    mail_to: Mapping[str, bool] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """Return the year of issue in its zone."""
        return self.at.astimezone(self.zone).year


def number_drafts(drafts: Sequence[Draft], *, awaits_signature: bool, commits: bool) -> list[tuple[Document, Draft]]:
    """Issue drafts in one flush and return the documents with them.

    Their counters stay locked until the transaction ends; `commits` ends it in the same flush.
    """
    ordered = sorted(drafts, key=_in_order_of_counters)
    documents = [_document(draft, awaits_signature=awaits_signature) for draft in ordered]
    steps = [
        (_STATEMENTS[draft.kind], _values(draft, document)) for draft, document in zip(ordered, documents, strict=True)
    ]
    for document, row in zip(documents, flush_each(*steps, commits=commits), strict=True):
        key, sequence, document.number, document.hash = map(str, row or ())
        document.pk, document.sequence = int(key), int(sequence)
        document._state.adding = False  # noqa: SLF001 - documented
    return list(zip(documents, ordered, strict=True))


def _in_order_of_counters(draft: Draft) -> tuple[int, str, int]:
    """Sort drafts so that every transaction locks counters in the same order: per operator C, I, R."""
    return draft.operator, draft.kind, draft.year


def _document(draft: Draft, *, awaits_signature: bool) -> Document:
    return Document(
        operator_id=draft.operator,
        lot_id=draft.lot,
        kind=draft.kind,
        year=draft.year,
        token=token_urlsafe(_TOKEN_BYTES),
        currency=draft.currency,
        total_amount=draft.content["total"],
        tax_amount=sum(rate["tax"] for rate in draft.content["taxes"]),
        plate_normalised=draft.plate,
        about_id=draft.about,
        issued_at=draft.at,
        content=draft.content,
        awaits_signature=awaits_signature,
    )


def _values(draft: Draft, document: Document) -> dict[str, Any]:
    return {
        "operator": draft.operator,
        "lot": draft.lot,
        "kind": draft.kind.value,
        "year": document.year,
        "token": document.token,
        "currency": draft.currency,
        "total": document.total_amount,
        "tax": document.tax_amount,
        "plate": draft.plate,
        "about": draft.about,
        "at": draft.at,
        "content": json.dumps(draft.content),
        "unsigned": document.awaits_signature,
        "causes": list(draft.causes),
    }
