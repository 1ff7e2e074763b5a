"""What is in a till, from its rows by one query."""

from dataclasses import dataclass

from django.db import connection

from billing.models import Shift, TenderKind

TILL_ENTRIES = """
SELECT id AS shift_id, 'float' AS kind, 'cash' AS tender, currency, float_amount AS amount,
    NULL::smallint AS closes_round
FROM billing_shift
UNION ALL
SELECT payment.shift_id, 'sale', CASE WHEN payment.method IN ('cash', 'voucher') THEN payment.method ELSE 'card' END,
    charge.currency,
    payment.captured_amount, NULL::smallint
FROM billing_payment payment JOIN billing_charge charge ON charge.id = payment.charge_id
WHERE payment.shift_id IS NOT NULL AND payment.state = 'captured'
UNION ALL
SELECT refund.shift_id, 'refund', CASE WHEN payment.method IN ('cash', 'voucher') THEN payment.method ELSE 'card' END,
    charge.currency,
    -refund.amount, NULL::smallint
FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
JOIN billing_charge charge ON charge.id = payment.charge_id
WHERE refund.shift_id IS NOT NULL
UNION ALL
SELECT movement.shift_id, movement.kind, 'cash', shift.currency,
    CASE movement.kind WHEN 'paid_in' THEN movement.amount ELSE -movement.amount END, movement.closes_round
FROM billing_cashmovement movement JOIN billing_shift shift ON shift.id = movement.shift_id
"""
"""Every amount that came into a till or left it, per shift: kind, tender and currency; sales are what was captured."""

EXPECTED = f"""
SELECT entry.shift_id, entry.tender, entry.currency, sum(entry.amount)::bigint AS amount
FROM ({TILL_ENTRIES}) entry JOIN billing_shift shift ON shift.id = entry.shift_id
WHERE entry.closes_round IS NULL OR entry.closes_round < shift.round
GROUP BY entry.shift_id, entry.tender, entry.currency
"""  # noqa: S608 only our own text
"""What each till should hold: float + sales - refunds - drops + paid in - paid out, before it is put away."""

_SUMS = f"""
SELECT kind, tender, currency, sum(amount)::bigint, count(*) FROM ({TILL_ENTRIES}) entry
WHERE shift_id = %s AND (closes_round IS NULL OR closes_round < %s)
GROUP BY kind, tender, currency ORDER BY kind, tender, currency
"""  # noqa: S608 only our own text


@dataclass(frozen=True, slots=True)
class TillSum:
    """The sum of one kind of entry (float, sale, refund, or a movement), tender and currency, in minor units."""

    kind: str
    tender: str
    currency: str
    amount: int
    entries: int


def sums_of_till(shift: Shift) -> list[TillSum]:
    """Return the sums of a shift by kind; together they are what is expected in the till. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [shift.pk, shift.round])
        return [TillSum(*row) for row in cursor.fetchall()]


def cash_currencies(shift: Shift) -> list[str]:
    """Return the currencies of the cash in a till, its own first."""
    taken = {row.currency for row in sums_of_till(shift) if row.tender == TenderKind.CASH}
    return [shift.currency, *sorted(taken - {shift.currency})]
