"""Invariants of exported files."""

from verification.proof import Invariant

# Files are cleared every ten minutes.
FILES_ARE_OFFERED_OR_REMOVED = Invariant(
    10,
    "files_are_offered_or_removed",
    "An exported file is there only while its export is ready, and for its time: an hour after that it is removed.",
    """
    SELECT format('export %s of %s is %s and still has its file', id, created_at, state) FROM exports_export
    WHERE state IN ('failed', 'cancelled', 'expired') AND file <> '' AND finished_at < now() - interval '1 hour'
    UNION ALL
    SELECT format('export %s of %s was to expire at %s', id, created_at, expires_at) FROM exports_export
    WHERE state = 'ready' AND expires_at < now() - interval '1 hour'
    """,
)

EXPORTS_TAKE_TURNS = Invariant(
    10,
    "exports_take_turns",
    "Of one person's exports at most one is being written, and each ends within a day.",
    """
    SELECT format('exports of person %s are written at once: %s', owner_id, string_agg(id::text, ', ' ORDER BY id))
    FROM exports_export WHERE state = 'running' GROUP BY owner_id HAVING count(*) > 1
    UNION ALL
    SELECT format('export %s of %s is still %s', id, created_at, state) FROM exports_export
    WHERE state IN ('queued', 'running') AND created_at < now() - interval '1 day'
    """,
)

INVARIANTS = (FILES_ARE_OFFERED_OR_REMOVED, EXPORTS_TAKE_TURNS)
