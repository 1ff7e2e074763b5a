"""The statement that numbers a document, chains it to the one before and links what caused it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models import Operator
from billing.models import Document, DocumentKind
from lots.models import Lot

_TOKEN_BYTES = 16
_NUMBER = """
WITH counter AS (
    INSERT INTO billing_documentcounter AS kept (operator_id, kind, year, last_number, last_hash)
    VALUES (%(operator_id)s, %(kind)s, %(year)s, 1,
        billing_document_hash('', billing_document_number(%(kind)s, %(year)s, 1), %(content)s::jsonb))
    ON CONFLICT (operator_id, kind, year) DO UPDATE SET last_number = kept.last_number + 1,
        last_hash = billing_document_hash(
            kept.last_hash, billing_document_number(%(kind)s, %(year)s, kept.last_number + 1), %(content)s::jsonb)
    RETURNING last_number, last_hash
), issued AS (
    INSERT INTO billing_document (operator_id, lot_id, kind, year, sequence, number, token, currency, total_amount,
        tax_amount, plate_normalised, about_id, issued_at, content, hash, awaits_signature)
    SELECT %(operator_id)s, %(lot_id)s, %(kind)s, %(year)s, last_number,
        billing_document_number(%(kind)s, %(year)s, last_number), %(token)s, %(currency)s, %(total_amount)s,
        %(tax_amount)s, %(plate_normalised)s, %(about_id)s, %(issued_at)s, %(content)s::jsonb, last_hash,
        %(awaits_signature)s
    FROM counter
    RETURNING id, sequence, number, hash
), linked AS (
    UPDATE {table} SET {column} = issued.id FROM issued WHERE {table}.id = ANY(%(causes)s)
)
SELECT id, sequence, number, hash FROM issued
"""
_LINKS = {
    DocumentKind.RECEIPT: ("billing_payment", "receipt_id"),
    DocumentKind.INVOICE: ("billing_debt", "invoice_id"),
    DocumentKind.CREDIT_NOTE: ("billing_refund", "credit_note_id"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that is ready to be numbered; `causes` are the keys of the rows that are to point at it.

    `mail_to` are the addresses that get it, each with whether its plate and links are hidden from them.
    """

    kind: DocumentKind
    operator: Operator
    lot: Lot
    currency: str
    content: Mapping[str, Any]
    causes: Sequence[int]
    at: datetime
    plate: str = ""
    about: int | None = None
    awaits_signature: bool = False
    mail_to: Mapping[str, bool] | None = None

    @property
    def year(self) -> int:
        """Return the year of issue in the operator's zone, or in the lot's where the operator has none."""
        return self.at.astimezone(ZoneInfo(self.operator.timezone or self.lot.timezone)).year


def in_order_of_counters(draft: Draft) -> tuple[int, str, int]:
    """Sort drafts so that every transaction locks counters in the same order: per operator C, I, R."""
    return draft.operator.pk, draft.kind, draft.year


def number_draft(draft: Draft) -> Document:
    """Issue a draft and return the document; its counter stays locked until the transaction ends."""
    table, column = _LINKS[draft.kind]
    document = Document(
        operator=draft.operator,
        lot=draft.lot,
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
        awaits_signature=draft.awaits_signature,
    )
    values = {name: value for name, value in vars(document).items() if not name.startswith("_")}
    values |= {"kind": draft.kind.value, "content": json.dumps(draft.content), "causes": list(draft.causes)}
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER.format(table=table, column=column), values)
        document.pk, document.sequence, document.number, document.hash = cursor.fetchone()
    document._state.adding = False  # noqa: SLF001 - documented
    return document
