"""Invariants of the record of changes: each entry as it was written, in one chain without gaps."""

from verification.proof import Invariant

AUDIT_IS_AS_WRITTEN = Invariant(
    10,
    "audit_is_as_written",
    "The digest of each entry of the record of changes covers what it tells, unless that was erased.",
    """
    SELECT format('entry %s (%s %s %s, %s) was changed', coalesce(number::text, 'key ' || id), act, subject, "row", at)
    FROM audit_auditentry
    WHERE erased_at IS NULL
        AND digest <> audit_digest(salt, subject, "row", shown, act, before, after, how, by_id, role, page, request)
    """,
)

AUDIT_IS_CHAINED = Invariant(
    10,
    "audit_is_chained",
    "The record of changes has no gaps, and the hash of each entry covers it and the hash of the one before it.",
    """
    SELECT CASE
        WHEN entry.number - before.number > 1
            THEN format('entries %s to %s are missing', before.number + 1, entry.number - 1)
        ELSE format('entry %s (%s %s %s, %s) was changed, or one before it', entry.number, act, subject, "row", at)
        END
    FROM (
        SELECT *, coalesce(lag(number) OVER chain, 0) AS number_before,
            coalesce(lag(hash) OVER chain, '') AS hash_before
        FROM audit_auditentry WHERE number IS NOT NULL WINDOW chain AS (ORDER BY number)
    ) entry CROSS JOIN LATERAL (SELECT number_before AS number, hash_before AS hash) before
    WHERE entry.number - before.number > 1
        OR entry.hash <> audit_link(before.hash, entry.number, id, operator_id, lot, at, digest)
    UNION ALL
    SELECT format('the last entry is %s, and should be %s with the hash %s', last.number, head.last, head.hash)
    FROM (SELECT coalesce(max(number), 0) AS number FROM audit_auditentry) last
    LEFT JOIN audit_auditentry entry USING (number)
    FULL JOIN audit_audithead head ON true
    WHERE last.number <> coalesce(head.last, 0) OR coalesce(entry.hash, '') <> coalesce(head.hash, '')
    UNION ALL
    SELECT format('entry of %s (%s %s) is not in the chain', at, subject, "row") FROM audit_auditentry
    WHERE number IS NULL AND at < now() - interval '1 hour'
    """,
)

INVARIANTS = (AUDIT_IS_AS_WRITTEN, AUDIT_IS_CHAINED)
