"""The lines of a price, which add up to the total exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from billing.pricing.metering import Addition, Sheet
from billing.pricing.plans import Cap
from billing.pricing.wallclock import WallClock
from billing.pricing.windows import clock_text

LineKind = Literal[
    "free",
    "band",
    "step",
    "beyond",
    "period",
    "cap",
    "max_price",
    "block_cap",
    "package",
    "minimum",
    "discount",
    "tax",
    "lost",
]
MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One part of a price. `amount` is in minor units, and negative for deductions.

    In a line of equal parts, `amount` is `quantity` times `unit_amount`; elsewhere both are None.
    """

    kind: LineKind
    label: str
    start: datetime
    end: datetime
    amount: int
    quantity: int | None = None
    unit_amount: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """Return the line in the form of the API and of stored charges."""
        return {
            "label": self.label,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "amount": self.amount,
        }


@dataclass(frozen=True, slots=True)
class Price:
    """A total including its tax, in minor units, and the lines that add up to it."""

    total: int
    tax: int
    lines: tuple[PriceLine, ...] = ()


@dataclass(frozen=True, slots=True)
class LineWriter:
    """Writes the lines of a stay in the lot's local time.

    `dated` adds the day to each label; `whole` stays are one period, which is not called a day.
    """

    clock: WallClock
    dated: bool
    whole: bool = False

    def line(self, kind: LineKind, label: str, span: tuple[int, int], amount: int) -> PriceLine:
        """Return a line over a span of instants."""
        return PriceLine(kind, label, self.clock.moment(span[0]), self.clock.moment(span[1]), amount)

    def sheets(self, sheets: Sequence[Sheet], scale: int) -> list[PriceLine]:
        """Return the lines of the periods: in full, by period, or as one line, to stay below MOST_LINES."""
        if sum(len(sheet.additions) + len(sheet.cuts) for sheet in sheets) <= MOST_LINES:
            return [line for sheet in sheets for line in self._full(sheet, scale)]
        runs = _equal_runs(sheets)
        if len(runs) > MOST_LINES:
            runs = [list(sheets)]
        return [self._run(run) for run in runs]

    def _full(self, sheet: Sheet, scale: int) -> Iterator[PriceLine]:
        """Round the running sum, not each line, so that the lines add up to the period's rounded sum."""
        running = 0
        for added in sheet.additions:
            before, running = running, running + added.amount
            amount = _rounded(running, scale) - _rounded(before, scale)
            yield self._addition(sheet, added, amount)
        for cap, cut in sheet.cuts.items():
            before, running = running, running - cut
            amount = _rounded(running, scale) - _rounded(before, scale)
            kind: LineKind = "max_price" if cap is None else "cap"
            yield self.line(kind, self._cap_label(sheet, cap), (sheet.start, sheet.end), amount)

    def _addition(self, sheet: Sheet, added: Addition, amount: int) -> PriceLine:
        start, end = self.clock.moment(added.start), self.clock.moment(added.end)
        name = f"{sheet.plan.name}: " if sheet.plan.name else ""
        label = f"{name}{self._span(start, end)} · {_what(added)}"
        quantity, unit = (added.quantity, added.unit_price) if added.quantity else (None, None)
        return PriceLine(added.kind, label, start, end, amount, quantity, unit)

    def _span(self, start: datetime, end: datetime) -> str:
        if not self.dated:
            return f"{_clock(start)}–{_clock(end)}"
        if start.date() == end.date():
            return f"{_day(start)} {_clock(start)}–{_clock(end)}"
        return f"{_day(start)} {_clock(start)} – {_day(end)} {_clock(end)}"

    def _cap_label(self, sheet: Sheet, cap: Cap | None) -> str:
        if cap is not None:
            return f"Capped {clock_text(cap.window.opens)}–{clock_text(cap.window.closes)}"
        if self.whole:
            return "Capped for the stay"
        return f"Capped for day {sheet.number}" if self.dated else "Capped for the day"

    def _days(self, first: int, last: int) -> str:
        if self.whole:
            return "Whole stay"
        return f"Day {first}" if first == last else f"Days {first}–{last}"

    def _run(self, run: Sequence[Sheet]) -> PriceLine:
        first, last = run[0], run[-1]
        amount = sum(sheet.amount for sheet in run)
        equal = len(run) if all(sheet.amount == first.amount for sheet in run) else None
        unit = first.amount if equal else None
        line = self.line("period", self._days(first.number, last.number), (first.start, last.end), amount)
        return replace(line, quantity=equal, unit_amount=unit)


def _rounded(scaled: int, scale: int) -> int:
    return (2 * scaled + scale) // (2 * scale)


def _equal_runs(sheets: Sequence[Sheet]) -> list[list[Sheet]]:
    runs: list[list[Sheet]] = []
    for sheet in sheets:
        if runs and runs[-1][0].amount == sheet.amount:
            runs[-1].append(sheet)
        else:
            runs.append([sheet])
    return runs


def _what(added: Addition) -> str:
    if added.kind == "step":
        return f"up to {_duration(added.unit_minutes)}"
    if not added.unit_minutes:
        return "once"
    if not added.quantity:
        unit = added.rate.prorata_minutes if added.rate else None
        share = f"by started {_duration(unit)}" if unit else "exact"
        return f"{share}, per {_duration(added.unit_minutes)}"
    return f"{added.quantity} × {_duration(added.unit_minutes)}"


def _duration(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _clock(moment: datetime) -> str:
    return f"{moment.hour:02}:{moment.minute:02}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b}"
