"""Invariants of prices and their history."""

from verification.proof import Invariant

PRICES_ARE_IN_THEIR_HISTORY = Invariant(
    4,
    "prices_are_in_their_history",
    "Each tariff is what the last entry of its history says, so that no change of prices is without its author.",
    """
    SELECT format('tariff %s, %s: changed without an entry in the history', tariff.id, tariff.name)
    FROM billing_tariff tariff
    CROSS JOIN LATERAL (
        SELECT after FROM billing_tariffchange entry
        WHERE entry.lot_id = tariff.lot_id AND entry.subject = 'tariff' AND entry.subject_id = tariff.id
        ORDER BY entry.id DESC LIMIT 1
    ) last
    WHERE last.after IS NULL OR last.after -> 'rules' <> tariff.rules OR last.after ->> 'name' <> tariff.name
        OR (last.after ->> 'valid_from')::date <> tariff.valid_from
        OR (last.after ->> 'valid_until')::date IS DISTINCT FROM tariff.valid_until
        OR (last.after ->> 'superseded_at')::timestamptz IS DISTINCT FROM tariff.superseded_at
    """,
)

INVARIANTS = (PRICES_ARE_IN_THEIR_HISTORY,)
