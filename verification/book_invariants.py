"""Invariants of the books: postings equal rows, sums equal postings, and what is outstanding adds up."""

from verification.proof import Invariant

MEASURES = ("charged", "credited", "captured", "refunded", "tax", "stays", "payments")

POSTINGS_EQUAL_ROWS = Invariant(
    5,
    "postings_equal_rows",
    "What was posted for a charge is its due amount, its credits, its payments, its refunds and the tax of the rest.",
    """
    SELECT format('charge %s: posted %s %s %s %s with tax %s, its rows say %s %s %s %s with tax %s', charge.id,
        coalesce(charged, 0), coalesce(credited, 0), coalesce(captured, 0), coalesce(refunded, 0), coalesce(tax, 0),
        due_amount, credited_amount, captured_amount, refunded_amount, billing_tax_of(charge))
    FROM billing_charge charge LEFT JOIN (
        SELECT charge_id, sum(tax) AS tax,
            coalesce(sum(amount) FILTER (WHERE kind = 'charged'), 0) AS charged,
            coalesce(sum(amount) FILTER (WHERE kind = 'credited'), 0) AS credited,
            coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0) AS captured,
            coalesce(sum(amount) FILTER (WHERE kind = 'refunded'), 0) AS refunded
        FROM billing_posting GROUP BY charge_id
    ) posted ON posted.charge_id = charge.id
    WHERE (coalesce(charged, 0), coalesce(credited, 0), coalesce(captured, 0), coalesce(refunded, 0), coalesce(tax, 0))
        <> (due_amount, credited_amount, captured_amount, refunded_amount, billing_tax_of(charge))
    """,
)

POSTINGS_NAME_THEIR_ROWS = Invariant(
    5,
    "postings_name_their_rows",
    "Every payment, refund and credit is posted with its amount, at its time, for its lot and by its method.",
    """
    SELECT format('%s %s: %s %s by %s at %s, posted %s by %s at %s', coalesce(real.kind, posted.kind),
        coalesce(real.source, posted.source), coalesce(real.amount, 0), real.currency, coalesce(real.method, ''),
        real.at, coalesce(posted.amount, 0), coalesce(posted.method, ''), posted.at)
    FROM (
        SELECT moved.*, charge.lot_id, charge.currency FROM (
            SELECT 'captured' AS kind, id AS source, charge_id, captured_amount AS amount, method,
                coalesce(finished_at, created_at) AS at
            FROM billing_payment WHERE captured_amount <> 0
            UNION ALL
            SELECT 'refunded', refund.id, payment.charge_id, refund.amount, payment.method, refund.created_at
            FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
            UNION ALL
            SELECT 'credited', id, charge_id, amount, '', created_at FROM billing_credit
        ) moved JOIN billing_charge charge ON charge.id = moved.charge_id
    ) real
    FULL JOIN (
        SELECT kind, source, charge_id, lot_id, currency, method, sum(amount) AS amount, max(at) AS at
        FROM billing_posting WHERE source IS NOT NULL
        GROUP BY kind, source, charge_id, lot_id, currency, method HAVING sum(amount) <> 0
    ) posted USING (kind, source, charge_id, lot_id, currency, method)
    WHERE (real.amount, real.at) IS DISTINCT FROM (posted.amount, posted.at)
    """,
)

_MEASURED = """
    SELECT posting.lot_id, lot.operator_id, posting.currency, day,
        date_trunc('month', day)::date AS month, hour, method, tariff_id, cashier_id,
        CASE WHEN kind = 'charged' THEN amount ELSE 0 END AS charged,
        CASE WHEN kind = 'credited' THEN amount ELSE 0 END AS credited,
        CASE WHEN kind = 'captured' THEN amount ELSE 0 END AS captured,
        CASE WHEN kind = 'refunded' THEN amount ELSE 0 END AS refunded, tax, stays,
        CASE WHEN kind = 'captured' THEN sign(amount) ELSE 0 END AS payments
    FROM billing_posting posting JOIN lots_lot lot ON lot.id = posting.lot_id WHERE day IS NOT NULL
"""


def _sums_equal_postings(name: str, what: str, table: str, *keys: str) -> Invariant:
    """Return the invariant that a table of sums says, for each of its `keys`, what the booked postings add up to."""
    listed, measures = ", ".join(keys), ", ".join(MEASURES)
    taken_away = ", ".join(f"-{measure}" for measure in MEASURES)
    differences = ", ".join(f"sum({measure})" for measure in MEASURES)
    return Invariant(
        5,
        name,
        f"The sums of {what} equal the postings.",
        f"""
        SELECT format('{table} {listed} = %s: sums less postings of {measures} are %s',
            ROW({listed}), ROW({differences}))
        FROM (
            SELECT {listed}, {measures} FROM {table}
            UNION ALL
            SELECT {listed}, {taken_away} FROM ({_MEASURED}) posted
        ) compared
        GROUP BY {listed} HAVING ({differences}) <> ({", ".join("0" for _ in MEASURES)})
        """,  # noqa: S608 only our own text
    )


HOURLY_SUMS_EQUAL_POSTINGS = _sums_equal_postings(
    "hourly_sums_equal_postings",
    "a lot's hours, by method, tariff and cashier,",
    "billing_hourlysum",
    *("lot_id", "currency", "day", "hour", "method", "tariff_id", "cashier_id"),
)
MONTHLY_SUMS_EQUAL_POSTINGS = _sums_equal_postings(
    "monthly_sums_equal_postings",
    "a lot's months, by method, tariff and cashier,",
    "billing_monthlysum",
    *("lot_id", "currency", "month", "method", "tariff_id", "cashier_id"),
)
OPERATOR_SUMS_EQUAL_POSTINGS = _sums_equal_postings(
    "operator_sums_equal_postings",
    "an operator's hours",
    "billing_operatorsum",
    *("operator_id", "currency", "day", "hour"),
)

BOOKS_BALANCE = Invariant(
    5,
    "books_balance",
    "For every lot and currency, all that was ever charged less credits and net takings is what is outstanding.",
    """
    SELECT format('lot %s in %s: charged - credited - net is %s, outstanding are %s', lot_id, currency, sum(posted),
        sum(owed))
    FROM (
        SELECT lot_id, currency, 0 AS owed,
            CASE WHEN kind IN ('charged', 'refunded') THEN amount ELSE -amount END AS posted
        FROM billing_posting
        UNION ALL
        SELECT lot_id, currency, greatest(balance_amount, 0), 0 FROM billing_charge
    ) moved GROUP BY lot_id, currency HAVING sum(posted) <> sum(owed)
    """,
)

CLOSED_DAYS_STAY = Invariant(
    5,
    "closed_days_stay",
    "A closed day says what its hours say, and charged - credited - net is the change of what is outstanding.",
    """
    SELECT format('lot %s on %s in %s: closed with %s and %s outstanding, its hours say %s after %s outstanding',
        closed.lot_id, closed.day, closed.currency,
        ROW(closed.charged, closed.credited, closed.captured, closed.refunded, closed.tax), closed.outstanding,
        ROW(summed.charged, summed.credited, summed.captured, summed.refunded, summed.tax),
        coalesce(before.outstanding, 0))
    FROM billing_dailyclose closed
    LEFT JOIN (
        SELECT lot_id, currency, day, sum(charged) AS charged, sum(credited) AS credited, sum(captured) AS captured,
            sum(refunded) AS refunded, sum(tax) AS tax
        FROM billing_hourlysum GROUP BY lot_id, currency, day
    ) summed USING (lot_id, currency, day)
    LEFT JOIN billing_dailyclose before ON before.lot_id = closed.lot_id AND before.currency = closed.currency
        AND before.day = closed.day - 1
    WHERE (closed.charged, closed.credited, closed.captured, closed.refunded, closed.tax)
        <> (coalesce(summed.charged, 0), coalesce(summed.credited, 0), coalesce(summed.captured, 0),
            coalesce(summed.refunded, 0), coalesce(summed.tax, 0))
        OR closed.outstanding - coalesce(before.outstanding, 0)
            <> closed.charged - closed.credited - closed.captured + closed.refunded
    """,
)

INVARIANTS = (
    POSTINGS_EQUAL_ROWS,
    POSTINGS_NAME_THEIR_ROWS,
    HOURLY_SUMS_EQUAL_POSTINGS,
    MONTHLY_SUMS_EQUAL_POSTINGS,
    OPERATOR_SUMS_EQUAL_POSTINGS,
    BOOKS_BALANCE,
    CLOSED_DAYS_STAY,
)
