"""The reckoning as people read it."""

from collections.abc import Iterator

from parking.simulation.journey import Fate
from parking.simulation.reckoning import Reckoning

DISCREPANCIES_LISTED = 20


def as_text(reckoning: Reckoning) -> str:
    """Write the reckoning as a table with notes and a verdict."""
    return "\n".join(_lines(reckoning))


def _lines(reckoning: Reckoning) -> Iterator[str]:
    fates = ", ".join(f"{reckoning.fates.get(fate, 0)} {fate}" for fate in Fate if reckoning.fates.get(fate))
    yield f"{reckoning.cars} cars: {fates}"
    yield f"{'':<32}{'sent':>8}{'recorded':>10}"
    for row in reckoning.rows:
        yield f"{row.label:<32}{row.ours:>8}{row.theirs:>10}{'' if row.agrees else '  differs'}"
    yield from reckoning.notes
    listed = reckoning.discrepancies[:DISCREPANCIES_LISTED]
    yield from (f"! {discrepancy}" for discrepancy in listed)
    if len(reckoning.discrepancies) > len(listed):
        yield f"! … {len(reckoning.discrepancies)} in all"
    yield "reconciles to the car" if reckoning.reconciles else "does not reconcile"
