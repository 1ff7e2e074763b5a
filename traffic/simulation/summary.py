"""Formats the reconciliation for people."""

from collections.abc import Iterable, Iterator, Sequence

from traffic.simulation.journey import Fate
from traffic.simulation.reckoning import Reckoning, Row

DISCREPANCIES_LISTED = 20


def as_text(reckoning: Reckoning) -> str:
    """Return the reconciliation as a table with notes and a verdict."""
    return "\n".join(_lines(reckoning))


def _lines(reckoning: Reckoning) -> Iterator[str]:
    fates = ", ".join(f"{reckoning.fates.get(fate, 0)} {fate}" for fate in Fate if reckoning.fates.get(fate))
    yield f"{reckoning.cars} cars: {fates}"
    yield from comparison(reckoning.rows, reckoning.notes, reckoning.discrepancies)
    yield "reconciles to the car" if reckoning.reconciles else "does not reconcile"


def comparison(rows: Iterable[Row], notes: Iterable[str], discrepancies: Sequence[str]) -> Iterator[str]:
    """Return counts side by side, then notes, then the first discrepancies."""
    yield f"{'':<32}{'sent':>9}{'recorded':>10}"
    for row in rows:
        yield f"{row.label:<32}{row.ours:>9}{row.theirs:>10}{'' if row.agrees else '  differs'}"
    yield from notes
    yield from listing(discrepancies)


def listing(discrepancies: Sequence[str]) -> Iterator[str]:
    """Return the first discrepancies as lines."""
    listed = discrepancies[:DISCREPANCIES_LISTED]
    yield from (f"! {discrepancy}" for discrepancy in listed)
    if len(discrepancies) > len(listed):
        yield f"! … {len(discrepancies)} in all"
