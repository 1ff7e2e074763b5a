"""The receipts and credit notes of charges, each with what it says of them, as the books have it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.sql import fetch
from reports.month_spending import Spent

MOST_RECEIPTS = 500
"""How many a month lists of one person; those after them are only added up."""

# The tax of a payment is that of what was taxed with it less that of what was before it, and a refund takes back its
# own part of that: as `billing_post_payment` and `billing_post_refund` post it. What is not on a document yet has none.
_RECEIPTS = """
WITH moved AS (
    SELECT own.driver_id, payment.receipt_id AS document_id, coalesce(payment.finished_at, payment.created_at) AS at,
        charge.lot_id, charge.currency, payment.captured_amount AS amount,
        billing_tax_within(payment.taxed_before + billing_taxed_part(payment.captured_amount, untaxed.amount),
            charge.tax_percent) - billing_tax_within(payment.taxed_before, charge.tax_percent) AS tax
    FROM unnest(%(drivers)s::bigint[], %(charges)s::bigint[]) own (driver_id, charge_id)
    JOIN billing_charge charge ON charge.id = own.charge_id
    JOIN billing_payment payment ON payment.charge_id = charge.id AND payment.captured_amount <> 0
    CROSS JOIN LATERAL (SELECT payment.rounding_amount + payment.kept_amount AS amount) untaxed
    UNION ALL
    SELECT own.driver_id, refund.credit_note_id, refund.created_at, charge.lot_id, charge.currency, -refund.amount,
        billing_tax_within(payment.taxed_before + billing_taxed_part(before.kept - refund.amount, untaxed.amount),
            charge.tax_percent)
        - billing_tax_within(payment.taxed_before + billing_taxed_part(before.kept, untaxed.amount), charge.tax_percent)
    FROM unnest(%(drivers)s::bigint[], %(charges)s::bigint[]) own (driver_id, charge_id)
    JOIN billing_charge charge ON charge.id = own.charge_id
    JOIN billing_payment payment ON payment.charge_id = charge.id AND payment.captured_amount <> 0
    JOIN billing_refund refund ON refund.payment_id = payment.id
    CROSS JOIN LATERAL (SELECT payment.rounding_amount + payment.kept_amount AS amount) untaxed
    CROSS JOIN LATERAL (
        SELECT payment.captured_amount - coalesce(sum(earlier.amount), 0)::bigint AS kept FROM billing_refund earlier
        WHERE earlier.payment_id = payment.id AND earlier.id < refund.id
    ) before
),
listed AS (
    SELECT driver_id, document_id, lot_id, currency, min(at) AS at, sum(amount)::bigint AS amount,
        sum(tax)::bigint AS tax
    FROM moved GROUP BY driver_id, document_id, lot_id, currency
),
placed AS (
    SELECT listed.driver_id AS driver, coalesce(document.number, '') AS number,
        (coalesce(document.issued_at, listed.at) AT TIME ZONE lot.timezone)::date AS day, lot.name AS lot,
        listed.currency, listed.amount, listed.tax, 1 AS count
    FROM listed JOIN lots_lot lot ON lot.id = listed.lot_id
    LEFT JOIN billing_document document ON document.id = listed.document_id
)
SELECT driver, number, day, lot, currency, amount, tax, count FROM (
    SELECT *, row_number() OVER (PARTITION BY driver ORDER BY day, number, lot, currency) AS place FROM placed
) numbered WHERE place <= %(most)s
UNION ALL
SELECT driver, NULL, NULL, NULL, currency, sum(amount)::bigint, sum(tax)::bigint, count(*)::int FROM placed
GROUP BY driver, currency
ORDER BY driver, day NULLS LAST, number, lot, currency
"""


@dataclass(frozen=True, slots=True)
class MonthReceipt:
    """What a receipt or credit note says of some charges; without a number while it is not issued."""

    number: str
    day: date
    lot: str
    currency: str
    amount: int
    tax: int


@dataclass(slots=True)
class MonthReceipts:
    """The receipts of one person, the oldest first, at most MOST_RECEIPTS, and the sums of all in each currency."""

    listed: list[MonthReceipt]
    amounts: dict[str, int]
    taxes: dict[str, int]
    count: int = 0


def receipts_of(rows: Iterable[Spent], *, most: int = MOST_RECEIPTS) -> dict[int, MonthReceipts]:
    """Return the receipts of what people spent, by their keys; one query, none when nothing was paid."""
    pairs = [(row.driver, charge) for row in rows for charge in row.charges]
    found: dict[int, MonthReceipts] = {}
    if not pairs:
        return found
    drivers, charges = zip(*pairs, strict=True)
    for row in fetch(_RECEIPTS, {"drivers": list(drivers), "charges": list(charges), "most": most}):
        _add(found.setdefault(row.driver, MonthReceipts([], {}, {})), row)
    return found


def _add(receipts: MonthReceipts, row: Any) -> None:
    if row.day is not None:
        receipts.listed.append(MonthReceipt(row.number, row.day, row.lot, row.currency, row.amount, row.tax))
        return
    receipts.amounts[row.currency], receipts.taxes[row.currency] = row.amount, row.tax
    receipts.count += row.count
