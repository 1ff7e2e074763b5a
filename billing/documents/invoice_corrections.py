"""What invoices say against what is owed: an invoice and its corrections together never say more."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from billing.documents.document_facts import DOCUMENT
from common.db.flush import flush

INVOICED = """
SELECT invoice.id, invoice.number, invoice.operator_id, invoice.issued_at, invoice.total_amount AS total,
    coalesce(corrections.amount, 0) AS corrected, debt.id AS debt_id, lowering.reason, lowering.at AS lowered_at,
    CASE WHEN debt.id IS NULL THEN invoice.total_amount
        ELSE least(greatest((invoice.content->>'charged')::bigint - charge.due_amount + lowering.amount, 0),
            invoice.total_amount) END AS beyond
FROM billing_document invoice
LEFT JOIN billing_debt debt ON debt.invoice_id = invoice.id
LEFT JOIN billing_charge charge ON charge.id = debt.charge_id
LEFT JOIN LATERAL (
    SELECT -sum(note.total_amount)::bigint AS amount FROM billing_document note WHERE note.about_id = invoice.id
) corrections ON true
LEFT JOIN LATERAL (
    SELECT coalesce(sum(credit.amount), 0)::bigint AS amount,
        max(credit.created_at) AS at,
        (array_agg(credit.reason ORDER BY credit.created_at DESC, credit.id DESC))[1] AS reason
    FROM billing_credit credit
    -- A goodwill credit belongs to a refund, which has a credit note of its own.
    WHERE charge.credited_amount > 0 AND credit.charge_id = charge.id AND credit.kind <> 'goodwill'
        AND credit.reverses_id IS NULL
        AND NOT EXISTS (SELECT FROM billing_credit reversal WHERE reversal.reverses_id = credit.id)
) lowering ON true
WHERE invoice.kind = 'I'
"""
"""Every invoice with what its credit notes took off it, and what is not owed of it, as `beyond`.

That is what its charge was lowered since it was issued, or all of it when its debt was taken back or is invoiced again.
`reason` is that of the last credit.
"""
_BEYOND = f"SELECT json_agg(id ORDER BY id) FROM ({INVOICED}) invoiced WHERE corrected < beyond"  # noqa: S608 only our own text
_LOCK = """
SELECT id FROM billing_document WHERE id = ANY(%(keys)s::bigint[]) AND kind = 'I' ORDER BY id FOR NO KEY UPDATE
"""
_LOCKED = f"""
SELECT json_agg(json_build_object('invoice', {DOCUMENT}, 'corrected', corrected, 'amount', beyond - corrected,
    'cancelled', debt_id IS NULL, 'reason', reason) ORDER BY document.id)
FROM ({INVOICED} AND invoice.id = ANY(%(keys)s::bigint[])) invoiced JOIN billing_document document USING (id)
JOIN accounts_operator operator ON operator.id = document.operator_id
WHERE corrected < beyond
"""  # noqa: S608 only our own text


@dataclass(frozen=True, slots=True)
class InvoiceCorrection:
    """What is to be taken off an invoice of which `corrected` was taken off before, in minor units."""

    invoice: Mapping[str, Any]
    corrected: int
    amount: int
    cancelled: bool
    reason: str | None


def invoices_to_correct() -> list[int]:
    """Return the keys of the invoices that say more than is owed."""
    row = flush((_BEYOND, {}))
    return json.loads(row[0]) if row and row[0] else []


def lock_invoices(keys: Collection[int]) -> list[InvoiceCorrection]:
    """Lock invoices and return what is to be taken off them; those that say what is owed are left out."""
    parameters = {"keys": sorted(keys)}
    # The second statement sees the corrections that were made under the lock before.
    row = flush((_LOCK, parameters), (_LOCKED, parameters))
    return [InvoiceCorrection(**one) for one in json.loads(row[0])] if row and row[0] else []
