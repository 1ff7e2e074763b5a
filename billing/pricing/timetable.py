"""A tariff's plans compiled by time of day, for fast lookup."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

from billing.pricing.plans import Band, Cap, Plan
from billing.pricing.windows import DAY_SECONDS, day_mask


@dataclass(frozen=True, slots=True)
class CapInForce:
    """A cap that applies to part of a day, if the day on which its window opened (`days_back` ago) is in `days`."""

    number: int
    cap: Cap
    days: int
    days_back: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the day, in seconds up to `end`, with one band and constant caps."""

    end: int
    band: Band
    caps: tuple[CapInForce, ...]


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A plan with its day cut into stretches (none for a plan with steps)."""

    plan: Plan
    days: int
    starts: tuple[int, ...]
    stretches: tuple[Stretch, ...]

    def stretch_at(self, second: int) -> Stretch:
        """Return the stretch that contains a second of the day."""
        return self.stretches[bisect_right(self.starts, second) - 1]


@dataclass(frozen=True, slots=True)
class Timetable:
    """All plans, highest priority first. Amounts times `scale` are whole numbers, also prorata ones."""

    plans: tuple[PlanTable, ...]
    scale: int


def compile_timetable(plans: Sequence[Plan], tariff_caps: Sequence[Cap], day_names: Sequence[str]) -> Timetable:
    """Compile plans and the tariff's caps, whose days are of `day_names`; each cap gets a unique number."""
    tables = []
    numbered = list(enumerate(tariff_caps))
    number = len(numbered)
    for plan in plans:
        own = list(enumerate(plan.caps, start=number))
        number += len(own)
        tables.append(_plan_table(plan, [*own, *numbered], day_names))
    tables.sort(key=lambda table: -table.plan.priority)
    rates = [rate for plan in plans for band in plan.bands for rate in band.rates]
    increments = [rate.increment_minutes * 60 for rate in rates if rate.prorata]
    return Timetable(plans=tuple(tables), scale=lcm(*increments))


def _plan_table(plan: Plan, caps: Sequence[tuple[int, Cap]], day_names: Sequence[str]) -> PlanTable:
    windows = [*(band.window for band in plan.bands), *(cap.window for _, cap in caps)]
    edges = {edge * 60 % DAY_SECONDS for window in windows for edge in (window.opens, window.closes)}
    starts = sorted({0, *edges}) if plan.bands else []
    ends = [*starts[1:], DAY_SECONDS]
    stretches = tuple(
        Stretch(end=end, band=_band_at(plan, start), caps=_caps_at(caps, start, day_names))
        for start, end in zip(starts, ends, strict=False)
    )
    return PlanTable(plan=plan, days=day_mask(plan.days, day_names), starts=tuple(starts), stretches=stretches)


def _band_at(plan: Plan, second: int) -> Band:
    return next(band for band in plan.bands if band.window.holds(second))


def _caps_at(caps: Sequence[tuple[int, Cap]], second: int, day_names: Sequence[str]) -> tuple[CapInForce, ...]:
    return tuple(
        CapInForce(number=number, cap=cap, days=day_mask(cap.days, day_names), days_back=cap.window.days_back(second))
        for number, cap in caps
        if cap.window.holds(second)
    )
