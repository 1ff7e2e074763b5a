"""Formats a week for people."""

from collections.abc import Iterator

from traffic.simulation.summary import listing
from traffic.week.week_plan import Conduct
from traffic.week.week_reckoning import WeekReckoning


def week_as_text(reckoning: WeekReckoning) -> str:
    """Return what became of whom as a table, then the promises not kept, what differs and a verdict."""
    return "\n".join(_lines(reckoning))


def _lines(reckoning: WeekReckoning) -> Iterator[str]:
    yield f"{'':<36}{'cars':>8}{'came in':>10}"
    for conduct in Conduct:
        yield f"{conduct:<36}{reckoning.lives[conduct]:>8}{reckoning.came_in[conduct]:>10}"
    yield f"found no place to book: {reckoning.refused}; charged: {reckoning.charged}"
    yield f"promises not kept: {len(reckoning.breaches)}"
    yield from listing(reckoning.breaches)
    yield from listing(reckoning.discrepancies)
    yield "every promise as told" if reckoning.reconciles else "does not reconcile"
