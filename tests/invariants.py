"""The invariants of `verify`, asked of a test's rows."""

from verification import INVARIANTS, prove


def broken() -> list[str]:
    """Return each invariant that does not hold, with the rows that break it."""
    return [f"{one.invariant.name}: {one.rows}" for one in prove(INVARIANTS) if not one.holds]
