"""Formats a field run for people."""

from collections.abc import Iterator

from traffic.field.reckoning import FieldReckoning
from traffic.field.scenario import Ploy
from traffic.simulation.summary import listing

_HEAD = ("tries", "paid", "owing", "unpaid", "seen")


def field_as_text(reckoning: FieldReckoning) -> str:
    """Return the frauds as a table, then the honest drivers, what differs and a verdict."""
    return "\n".join(_lines(reckoning))


def _lines(reckoning: FieldReckoning) -> Iterator[str]:
    yield f"{'':<36}" + "".join(f"{name:>8}" for name in _HEAD) + f"{'gained':>10}"
    for ploy in Ploy:
        if ploy in reckoning.ploys:
            row = reckoning.ploys[ploy]
            numbers = (row.tries, row.paid, row.owing, row.unpaid, row.seen)
            yield f"{ploy:<36}" + "".join(f"{number:>8}" for number in numbers) + f"{row.gained:>10}"
    yield (
        f"{reckoning.honest} honest drivers: charged too much {reckoning.overcharged}, "
        f"refused {reckoning.refused}, trapped {reckoning.trapped}"
    )
    yield from listing(reckoning.discrepancies)
    yield "reconciles to the car" if reckoning.reconciles else "does not reconcile"
