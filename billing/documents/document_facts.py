"""What documents are made from: causes are locked and loaded with all facts about them by one statement each."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from billing.documents.content import Owed
from billing.documents.subjects import Subject, read_subject, subjects_column
from common.db.flush import flush


@dataclass(frozen=True, slots=True)
class Billed:
    """A charge as its documents see it, with its lot and operator."""

    key: int
    label: str
    currency: str
    owed: Owed
    subject: Subject
    lot: Mapping[str, Any]
    operator: Mapping[str, Any]

    @property
    def zone(self) -> ZoneInfo:
        """Return the lot's zone."""
        return ZoneInfo(self.lot["timezone"])


@dataclass(frozen=True, slots=True)
class Taken:
    """A captured payment; amounts in minor units.

    `rounding` and `kept` are untaxed; the rest is taxed after `taxed_before`. `email` is where its payer wants the
    receipt; `proves_nothing` when plate and links are hidden from it.
    """

    key: int
    billed: Billed
    together: str | None
    method: str
    amount: int
    rounding: int
    kept: int
    taxed_before: int
    tendered: int | None
    change: int
    at: datetime
    email: str
    proves_nothing: bool


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund of which the taxed part is from `taxed_from` down to `taxed_to`; what reverses another is negative."""

    key: int
    taken: Taken
    amount: int
    taxed_from: int
    taxed_to: int
    reason: str
    receipt: Mapping[str, Any]


_CHARGE = """
json_build_object('id', charge.id, 'label', charge.label, 'currency', charge.currency, 'lines', charge.lines,
    'due', charge.due_amount, 'percent', charge.tax_percent::text,
    'credits', CASE WHEN charge.credited_amount = 0 THEN '[]' ELSE (
        SELECT coalesce(json_agg(json_build_array(credit.reason, credit.amount) ORDER BY credit.created_at, credit.id),
            '[]')
        FROM billing_credit credit
        -- A goodwill credit belongs to a refund, which has a credit note of its own.
        WHERE credit.charge_id = charge.id AND credit.kind <> 'goodwill' AND credit.reverses_id IS NULL
            AND NOT EXISTS (SELECT FROM billing_credit reversal WHERE reversal.reverses_id = credit.id)
    ) END,
    'lot', json_build_object('id', lot.id, 'name', lot.name, 'address', lot.address, 'postal_code', lot.postal_code,
        'city', lot.city, 'timezone', lot.timezone),
    'operator', json_build_object('id', operator.id, 'name', operator.name, 'legal_name', operator.legal_name,
        'address', operator.address, 'tax_id', operator.tax_id, 'timezone', operator.timezone),
    'subjects', {subjects})
"""
_OF_CHARGE = """
JOIN lots_lot lot ON lot.id = charge.lot_id JOIN accounts_operator operator ON operator.id = lot.operator_id
"""
_PAYMENT = """
json_build_object('key', payment.id, 'together', payment.together, 'method', payment.method,
    'amount', payment.captured_amount, 'rounding', payment.rounding_amount, 'kept', payment.kept_amount,
    'taxed_before', payment.taxed_before, 'tendered', payment.tendered_amount,
    'change', coalesce(payment.tendered_amount, payment.amount) - payment.amount,
    'at', coalesce(payment.finished_at, payment.created_at), 'email', lower(payment.receipt_email),
    'proves_nothing', payment.by_number OR payment.taken_by_id IS NOT NULL)
"""
_PAYMENTS = """
WITH locked AS MATERIALIZED (
    SELECT id FROM billing_payment
    WHERE state = 'captured' AND receipt_id IS NULL AND id IN (
        SELECT unnest(%(keys)s::bigint[])
        UNION
        SELECT other.id FROM billing_payment one JOIN billing_payment other ON other.together = one.together
        WHERE one.id = ANY(%(keys)s::bigint[])
    )
    ORDER BY id FOR NO KEY UPDATE
)
SELECT json_agg(json_build_object('payment', {payment}, 'charge', {charge}) ORDER BY payment.id)
FROM locked JOIN billing_payment payment USING (id) JOIN billing_charge charge ON charge.id = payment.charge_id
{of_charge}
"""
_REFUNDS = """
WITH locked AS MATERIALIZED (
    SELECT id FROM billing_refund refund
    WHERE id = ANY(%(keys)s::bigint[]) AND credit_note_id IS NULL AND EXISTS (
        SELECT FROM billing_payment payment WHERE payment.id = refund.payment_id AND payment.receipt_id IS NOT NULL
    )
    ORDER BY id FOR NO KEY UPDATE
)
SELECT json_agg(json_build_object('payment', {payment}, 'charge', {charge}, 'refund', json_build_object(
        'key', refund.id, 'amount', refund.amount, 'reason', refund.reason,
        'taxed_from', payment.taxed_before
            + billing_taxed_part(before.kept, payment.rounding_amount + payment.kept_amount),
        'taxed_to', payment.taxed_before
            + billing_taxed_part(before.kept - refund.amount, payment.rounding_amount + payment.kept_amount),
        'receipt', {document})) ORDER BY refund.id)
FROM locked JOIN billing_refund refund USING (id) JOIN billing_payment payment ON payment.id = refund.payment_id
JOIN billing_document document ON document.id = payment.receipt_id
JOIN billing_charge charge ON charge.id = payment.charge_id
{of_charge}
CROSS JOIN LATERAL (
    SELECT payment.captured_amount - coalesce(sum(earlier.amount), 0)::bigint AS kept FROM billing_refund earlier
    WHERE earlier.payment_id = payment.id AND earlier.id < refund.id
) before
"""
_DEBT = """
WITH locked AS MATERIALIZED (
    SELECT id FROM billing_debt WHERE id = ANY(%(keys)s::bigint[]) AND invoice_id IS NULL AND settled_at IS NULL
    ORDER BY id FOR NO KEY UPDATE
)
SELECT json_agg(json_build_object('charge', {charge}, 'balance', charge.balance_amount,
    'taxed', billing_taxed(charge)))
FROM locked JOIN billing_debt debt USING (id) JOIN billing_charge charge ON charge.id = debt.charge_id
{of_charge}
WHERE charge.balance_amount > 0
"""
_CHARGES = """
SELECT json_agg({charge}) FROM billing_charge charge {of_charge} WHERE charge.id = ANY(%(keys)s::bigint[])
"""
DOCUMENT = """
json_build_object('id', document.id, 'number', document.number, 'operator', document.operator_id,
    'operator_timezone', operator.timezone, 'lot', document.lot_id, 'currency', document.currency,
    'total', document.total_amount, 'plate', document.plate_normalised, 'content', document.content)
"""
"""What a credit note takes from the document that it corrects, from the rows `document` and `operator`."""


def lock_payments(keys: Collection[int]) -> list[Taken]:
    """Lock the captured payments with these keys that have no receipt, with those taken together with them."""
    return [_taken(row) for row in _rows(_PAYMENTS, keys)]


def lock_refunds(keys: Collection[int]) -> list[GivenBack]:
    """Lock the refunds with these keys that have no credit note, and whose payment has a receipt."""
    return [GivenBack(taken=_taken(row), **row["refund"]) for row in _rows(_REFUNDS, keys)]


def lock_debt(key: int) -> tuple[Billed, int, int] | None:
    """Lock an open debt without an invoice, and return its charge, what is owed and the taxed amount that was paid."""
    rows = _rows(_DEBT, [key])
    return (_billed(rows[0]["charge"]), rows[0]["balance"], rows[0]["taxed"]) if rows else None


def load_billed(keys: Collection[int]) -> dict[int, Billed]:
    """Return charges as their documents see them, by key."""
    return {row["id"]: _billed(row) for row in _rows(_CHARGES, keys)}


def _rows(statement: str, keys: Collection[int]) -> Sequence[dict[str, Any]]:
    row = flush((_completed(statement), {"keys": sorted(keys)}))
    return json.loads(row[0]) if row and row[0] else []


@cache
def _completed(statement: str) -> str:
    charge = _CHARGE.format(subjects=subjects_column())
    return statement.format(charge=charge, of_charge=_OF_CHARGE, payment=_PAYMENT, document=DOCUMENT)


def _taken(row: Mapping[str, Any]) -> Taken:
    payment = row["payment"]
    return Taken(billed=_billed(row["charge"]), **payment | {"at": datetime.fromisoformat(payment["at"])})


def _billed(row: Mapping[str, Any]) -> Billed:
    credited = [(reason, amount) for reason, amount in row["credits"]]
    return Billed(
        key=row["id"],
        label=row["label"],
        currency=row["currency"],
        owed=Owed(row["lines"], row["due"], credited, Decimal(row["percent"])),
        subject=read_subject(row["subjects"], ZoneInfo(row["lot"]["timezone"])),
        lot=row["lot"],
        operator=row["operator"],
    )
