"""A tariff's rules in plain words for those who pay by it. Amounts stay integers in minor units beside the words."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from billing.pricing.plans import Band, Cap, Plan
from billing.pricing.rules import SPOT_TYPES, Package, TariffRules
from billing.pricing.windows import DAY_NAMES, HOLIDAY, WEEKDAYS, Window, clock_text

TYPE_WORDS = {"handicap": "accessible", "ev": "electric"}
MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class PriceWords:
    """One price: what it is for, the amount in minor units, and per what."""

    label: str
    amount: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PlanWords:
    """A plan: its name, when and for whom it holds, its prices and its upper limits."""

    name: str
    holds: str
    prices: tuple[PriceWords, ...]
    limits: tuple[PriceWords, ...]


@dataclass(frozen=True, slots=True)
class TariffWords:
    """A whole tariff: plans, what holds across them, packages, and sentences that carry no amount."""

    plans: tuple[PlanWords, ...]
    limits: tuple[PriceWords, ...]
    packages: tuple[PriceWords, ...]
    notes: tuple[str, ...]


def tariff_words(rules: TariffRules) -> TariffWords:
    """Say a tariff's rules in words."""
    return TariffWords(
        plans=tuple(_plan(plan, rules) for plan in rules.plans),
        limits=tuple(_limits(rules)),
        packages=tuple(_package(package) for package in rules.packages),
        notes=tuple(_notes(rules)),
    )


def days_words(days: tuple[str, ...]) -> str:
    """Name days the way signs do: `Mon–Fri`, `Sat, Sun, holidays`; empty for all of them."""
    if not days or set(days) >= set(DAY_NAMES):
        return ""
    runs: list[list[str]] = []
    for day in (day for day in WEEKDAYS if day in days):
        if runs and WEEKDAYS.index(day) == WEEKDAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [name for run in runs for name in _run(run)]
    return ", ".join([*names, *(["holidays"] if HOLIDAY in days else [])])


def length_words(minutes: int) -> str:
    """Say a number of minutes: `30 min`, `1 h`, `1 h 30 min`, `2 days`."""
    if minutes % (24 * MINUTES_PER_HOUR) == 0 and minutes > 24 * MINUTES_PER_HOUR:
        return f"{minutes // (24 * MINUTES_PER_HOUR)} days"
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _run(run: list[str]) -> list[str]:
    names = [day.capitalize() for day in run]
    return [f"{names[0]}–{names[-1]}"] if len(names) > 2 else names  # noqa: PLR2004 two days read better apart


def _plan(plan: Plan, rules: TariffRules) -> PlanWords:
    limits = [_cap(cap) for cap in plan.caps]
    if plan.max_price is not None:
        limits.append(PriceWords("At most", plan.max_price, _day(rules)))
    prices = [_band(band) for band in plan.bands] if plan.bands else list(_steps(plan))
    return PlanWords(plan.name, _holds(plan), tuple(prices), tuple(limits))


def _holds(plan: Plan) -> str:
    types = [TYPE_WORDS.get(kind, kind) for kind in plan.spot_types] if len(plan.spot_types) < len(SPOT_TYPES) else []
    parts = [
        days_words(plan.days) or "Every day",
        "" if plan.entry.is_whole_day else f"arrival {_span(plan.entry)}",
        {"first": "first day", "later": "from the second day"}.get(plan.periods, ""),
        f"{', '.join(types)} spots" if types else "",
    ]
    return " · ".join(part for part in parts if part)


def _band(band: Band) -> PriceWords:
    length = length_words(band.increment_minutes)
    exact = ", by the second" if band.prorata else ""
    return PriceWords(_span(band.window) or "Any time", band.price, f"per {length}{exact}")


def _steps(plan: Plan) -> Iterator[PriceWords]:
    for step in plan.steps:
        yield PriceWords(f"Up to {length_words(step.up_to_minutes)}", step.price)
    if plan.steps_beyond is not None:
        yield PriceWords("After that", plan.steps_beyond.price, f"per {length_words(plan.steps_beyond.each_minutes)}")


def _cap(cap: Cap) -> PriceWords:
    when = " ".join(part for part in (days_words(cap.days), _span(cap.window)) if part)
    return PriceWords(f"{when} at most" if when else "At most", cap.price, "" if when else "a day")


def _day(rules: TariffRules) -> str:
    if rules.day_starts_at is None:
        return "in 24 hours"
    return f"a day, which starts at {clock_text(rules.day_starts_at)}"


def _limits(rules: TariffRules) -> Iterator[PriceWords]:
    for cap in rules.caps:
        yield _cap(cap)
    for block in rules.block_caps:
        yield PriceWords(f"{block.periods} days at most", block.price)
    if rules.minimum_charge:
        yield PriceWords("At least", rules.minimum_charge, "for any paid stay")
    if rules.lost_ticket_fee:
        yield PriceWords("Lost ticket (only if your plate isn't found)", rules.lost_ticket_fee)


def _package(package: Package) -> PriceWords:
    hours = [
        days_words(package.days),
        "" if package.entry.is_whole_day else f"in {_span(package.entry)}",
        "" if package.exit.is_whole_day else f"out {_span(package.exit)}",
        f"up to {length_words(package.max_hours * MINUTES_PER_HOUR)}",
    ]
    return PriceWords(package.name or "Package", package.price, ", ".join(part for part in hours if part))


def _notes(rules: TariffRules) -> Iterator[str]:
    if rules.grace_minutes:
        yield f"Leave within {length_words(rules.grace_minutes)} and you pay nothing."
    if rules.free_minutes:
        yield f"The first {length_words(rules.free_minutes)} are free."
    if rules.exit_grace_minutes:
        yield f"After paying you have {length_words(rules.exit_grace_minutes)} to leave."
    if rules.tax_percent > Decimal(0):
        yield f"{rules.tax_percent} % tax is {'included' if rules.tax_included else 'added'}."


def _span(window: Window) -> str:
    if window.is_whole_day and window.opens == 0:
        return ""
    return f"{clock_text(window.opens)}–{clock_text(window.closes)}"
