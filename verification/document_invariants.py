"""Invariants of documents: numbers, sums, the chain, and that everything that needs one has one."""

from billing.documents.invoice_corrections import INVOICED
from verification.proof import Invariant

DOCUMENTS_HAVE_NO_GAPS = Invariant(
    5,
    "documents_have_no_gaps",
    "The documents of an operator, kind and year are numbered 1, 2, 3 … up to the last number issued.",
    """
    SELECT format('operator %s, %s-%s: %s documents, numbered %s to %s, last given out %s', coalesce(issued.operator_id,
        given.operator_id), coalesce(issued.kind, given.kind), coalesce(issued.year, given.year),
        coalesce(issued.documents, 0), issued.first, issued.last, coalesce(given.last_number, 0))
    FROM (
        SELECT operator_id, kind, year, count(*) AS documents, min(sequence) AS first, max(sequence) AS last
        FROM billing_document GROUP BY operator_id, kind, year
    ) issued
    FULL JOIN billing_documentcounter given USING (operator_id, kind, year)
    WHERE coalesce(issued.documents, 0) <> coalesce(given.last_number, 0)
        OR issued.first <> 1 OR issued.last <> given.last_number
    """,
)

DOCUMENTS_ADD_UP = Invariant(
    5,
    "documents_add_up",
    "Lines, and net and tax per rate, add up to a document's total, which is what its payments or refunds moved.",
    """
    SELECT format('%s of operator %s: total %s, lines %s, rates %s, tax %s of %s, moved %s', document.number,
        document.operator_id, document.total_amount, summed.lines, summed.rates, document.tax_amount, summed.tax,
        moved.amount)
    FROM billing_document document
    CROSS JOIN LATERAL (
        SELECT (SELECT sum((line->>'amount')::bigint) FROM jsonb_array_elements(content->'lines') line) AS lines,
            (SELECT sum((rate->>'net')::bigint + (rate->>'tax')::bigint)
                FROM jsonb_array_elements(content->'taxes') rate) AS rates,
            (SELECT sum((rate->>'tax')::bigint) FROM jsonb_array_elements(content->'taxes') rate) AS tax
    ) summed
    CROSS JOIN LATERAL (
        SELECT CASE document.kind
            WHEN 'R' THEN (SELECT sum(captured_amount) FROM billing_payment WHERE receipt_id = document.id)
            WHEN 'C' THEN (SELECT -sum(amount) FROM billing_refund WHERE credit_note_id = document.id)
            END AS amount
    ) moved
    WHERE (document.total_amount, document.total_amount, document.tax_amount)
            <> (summed.lines, summed.rates, summed.tax)
        OR document.total_amount <> (document.content->>'total')::bigint
        OR document.total_amount <> coalesce(moved.amount, document.total_amount)
    """,
)

DOCUMENTS_TAX_AS_BOOKS = Invariant(
    5,
    "documents_tax_as_books",
    "The tax of a receipt or credit note is what its payments or refunds changed of the tax in the books.",
    """
    SELECT format('%s of operator %s: tax %s, the books say %s', document.number, document.operator_id,
        document.tax_amount, sum(posting.tax))
    FROM (
        SELECT 'captured' AS kind, id AS source, receipt_id AS document_id FROM billing_payment
        WHERE receipt_id IS NOT NULL
        UNION ALL
        SELECT 'refunded', id, credit_note_id FROM billing_refund WHERE credit_note_id IS NOT NULL
    ) caused
    JOIN billing_document document ON document.id = caused.document_id
    JOIN billing_posting posting ON posting.kind = caused.kind AND posting.source = caused.source
    -- Receipts of the former kind were issued before there were books.
    WHERE NOT document.content ? 'former_number'
    GROUP BY document.id
    HAVING sum(posting.tax) <> document.tax_amount
        -- The books follow a rate that changes later, documents don't.
        AND NOT EXISTS (
            SELECT FROM billing_posting changed
            WHERE changed.charge_id = ANY(array_agg(posting.charge_id)) AND changed.kind = 'charged'
                AND changed.tax <> 0
        )
    """,
)

INVOICES_SAY_WHAT_IS_OWED = Invariant(
    5,
    "invoices_say_what_is_owed",
    "An invoice and its corrections together never say more than was owed, but for a minute.",
    f"""
    SELECT format('%s of operator %s: %s, credit notes for %s, %s is not owed', number, operator_id, total, corrected,
        beyond)
    FROM ({INVOICED}) invoiced
    WHERE corrected < beyond AND (lowered_at IS NULL OR lowered_at < now() - interval '1 minute')
        AND issued_at < now() - interval '1 minute'
    """,  # noqa: S608 only our own text
)

CREDIT_NOTES_MIRROR = Invariant(
    5,
    "credit_notes_mirror",
    "Credit notes take back no more than their document, and all of its tax when they take back all of it.",
    """
    SELECT format('%s of operator %s: total %s with tax %s, credit notes %s with tax %s', document.number,
        document.operator_id, document.total_amount, document.tax_amount, sum(note.total_amount), sum(note.tax_amount))
    FROM billing_document note JOIN billing_document document ON document.id = note.about_id
    GROUP BY document.id
    HAVING -sum(note.total_amount) > document.total_amount OR bool_or(note.operator_id <> document.operator_id)
        OR (-sum(note.total_amount) = document.total_amount AND -sum(note.tax_amount) <> document.tax_amount)
    """,
)

DOCUMENTS_ARE_CHAINED = Invariant(
    5,
    "documents_are_chained",
    "The hash of each document covers its number, its content and the hash of the one before it.",
    """
    SELECT format('%s of operator %s was changed, or one before it', number, operator_id)
    FROM (
        SELECT number, operator_id, hash, content,
            lag(hash, 1, '') OVER (PARTITION BY operator_id, kind, year ORDER BY sequence) AS before
        FROM billing_document
    ) document
    WHERE hash <> billing_document_hash(before, number, content)
    """,
)

MONEY_IS_DOCUMENTED = Invariant(
    4,
    "money_is_documented",
    "Every payment that was captured more than a minute ago has its receipt, and every refund its credit note.",
    """
    SELECT format('payment %s, captured at %s, has no receipt', id, finished_at)
    FROM billing_payment
    WHERE state = 'captured' AND receipt_id IS NULL AND finished_at < now() - interval '1 minute'
    UNION ALL
    SELECT format('refund %s, made at %s, has no credit note', refund.id, refund.created_at)
    FROM billing_refund refund
    WHERE credit_note_id IS NULL AND created_at < now() - interval '1 minute'
    """,
)

INVARIANTS = (
    DOCUMENTS_HAVE_NO_GAPS,
    DOCUMENTS_ADD_UP,
    DOCUMENTS_TAX_AS_BOOKS,
    INVOICES_SAY_WHAT_IS_OWED,
    CREDIT_NOTES_MIRROR,
    DOCUMENTS_ARE_CHAINED,
    MONEY_IS_DOCUMENTED,
)
