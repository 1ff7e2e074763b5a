"""Prices stays by two tariffs and adds up what differs."""

from collections.abc import Mapping, Sequence
from typing import Any

from billing.pricing import TariffRules
from common.errors import DomainError
from tickets.fees import amount_by, priced_at
from tickets.models import TariffComparison, Ticket
from tickets.regulars import counted_before

LENGTHS = (30, 60, 120, 240, 480, 1440)
"""The lengths of stays, in minutes up to which each row reaches; the last row has those beyond."""


class Repricing:
    """Stays by old and new rules. `lengths` are the rows so far."""

    def __init__(self, old: TariffRules, new: TariffRules, lengths: Sequence[Mapping[str, int]]) -> None:
        """Begin with the rows of lengths that there are, or empty ones."""
        self.old, self.new = old, new
        none = [{"stays": 0, "old": 0, "new": 0} for _ in (*LENGTHS, None)]
        self.lengths: list[dict[str, int]] = [dict(row) for row in lengths or none]
        self.amounts = {"old_amount": 0, "new_amount": 0, "dearer": 0, "cheaper": 0, "unpriced": 0}
        self.dearest: tuple[int, Ticket | None] = (0, None)
        self.cheapest: tuple[int, Ticket | None] = (0, None)

    def add(self, stay: Ticket) -> None:
        """Price one more stay; one that the rules can't price is counted apart."""
        at = priced_at(stay)
        if self.old.regulars or self.new.regulars:  # a stay keeps the number only where its own tariff asks for it
            stay.stays_before = counted_before(stay)
        try:
            old, new = (_left(stay, amount_by(stay, rules, at)) for rules in (self.old, self.new))
        except DomainError:
            self.amounts["unpriced"] += 1
            return
        more = new - old
        self.amounts["old_amount"] += old
        self.amounts["new_amount"] += new
        self.amounts["dearer"] += more > 0
        self.amounts["cheaper"] += more < 0
        self.dearest = max(self.dearest, (more, stay), key=lambda found: found[0])
        self.cheapest = min(self.cheapest, (more, stay), key=lambda found: found[0])
        minutes = (at - stay.entry_at).total_seconds() / 60
        row = self.lengths[next((place for place, most in enumerate(LENGTHS) if minutes <= most), len(LENGTHS))]
        row["stays"] += 1
        row["old"] += old
        row["new"] += new

    def sums(self, before: TariffComparison) -> dict[str, Any]:
        """Return the fields of a comparison with these stays added to those before."""
        found: dict[str, Any] = {name: getattr(before, name) + amount for name, amount in self.amounts.items()}
        if self.dearest[0] > before.dearest_by:
            found |= {"dearest_by": self.dearest[0], "dearest": self.dearest[1]}
        if self.cheapest[0] < before.cheapest_by:
            found |= {"cheapest_by": self.cheapest[0], "cheapest": self.cheapest[1]}
        return found


def _left(stay: Ticket, amount: int) -> int:
    """Return what of a price is not let off: credits stay what they were, and a fee let off whole costs nothing."""
    credited = 0 if stay.charge is None else stay.charge.credited_amount
    if stay.charge is not None and credited and credited >= stay.charge.due_amount:
        return 0
    return max(0, amount - credited)
