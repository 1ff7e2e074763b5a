"""The fee of a stay as a staircase, with where it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.money import format_amount
from common.web.charts import GridLine, scale_of
from tickets.fee_steps import FeeStep, fee_steps
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Staircase:
    """A fee over time as a line in a square of 100, the place of now on it, in percent, and its steps as a table."""

    grid: tuple[GridLine, ...]
    line: str
    here: tuple[float, float]
    steps: tuple[FeeStep, ...]
    now: FeeStep

    @property
    def end(self) -> datetime:
        """Return until when it is drawn."""
        return self.steps[-1].until


def staircase_of(ticket: Ticket, at: datetime) -> Staircase | None:
    """Return a stay's fee around `at` as a drawing; None where it has no steps to draw."""
    return draw_staircase(fee_steps(ticket, at), at, ticket.lot.currency)


def draw_staircase(steps: Sequence[FeeStep], at: datetime, currency: str) -> Staircase | None:
    """Draw steps and the instant `at` on them; None where there are none."""
    if not steps:
        return None
    start, end = steps[0].since, steps[-1].until
    lines = scale_of(max(step.amount for step in steps) or 1)

    def along(instant: datetime) -> float:
        return round(100 * ((instant - start) / (end - start)), 2)

    def height(amount: int) -> float:
        return round(100 * (1 - amount / lines[-1]), 2)

    points = [(x, height(step.amount)) for step in steps for x in (along(step.since), along(step.until))]
    now = next((step for step in steps if at <= step.until), steps[-1])
    return Staircase(
        grid=tuple(GridLine(height(line), format_amount(line, currency)) for line in lines),
        line=" ".join(f"{x:.2f},{y:.2f}" for x, y in points),
        here=(min(max(along(at), 0), 100), height(now.amount)),
        steps=tuple(steps),
        now=now,
    )
