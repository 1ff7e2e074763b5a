"""Checks of a tariff as a whole: no gaps, no overlaps, no two plans of equal priority that both match."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise, product

from billing.pricing.kind_texts import KIND_TEXTS
from billing.pricing.plans import Band, Cap, Plan, Step
from billing.pricing.rules import SPOT_TYPES, VEHICLE_TYPES, Regular, SpecialDays, TariffRules
from billing.pricing.special_days import NAMES_BEFORE
from billing.pricing.values import Reader
from billing.pricing.windows import DAY_MINUTES, WEEKDAYS, Window, clock_text
from common.words import text as _

NO_PRICE = _("leaves %(start)s–%(end)s without a price")
NO_PLAN = _("leave %(type)s, %(day)s, %(start)s–%(end)s, %(periods)s period without a plan")
NO_PLAN_OF_VEHICLE = _(
    "leave %(type)s, %(vehicle)s vehicle, %(day)s, %(start)s–%(end)s, %(periods)s period without a plan"
)


def check_rules(reader: Reader, rules: TariffRules, path: str) -> None:
    """Report rules that are well formed but ambiguous or incomplete."""
    days = rules.kinds_of_day
    for index, plan in enumerate(rules.plans):
        plan_path = f"{path}.plans[{index}]"
        _check_bands(reader, plan.bands, f"{plan_path}.bands")
        _check_steps(reader, plan.steps, f"{plan_path}.steps")
        _check_caps(reader, plan.caps, days, f"{plan_path}.caps")
    _check_caps(reader, rules.caps, days, f"{path}.caps")
    _check_regulars(reader, rules.regulars, f"{path}.regulars")
    _check_special_days(reader, rules.special_days, f"{path}.special_days")
    _check_rivals(reader, rules.plans, days, path)
    _check_coverage(reader, rules, days, path)


def _check_bands(reader: Reader, bands: Sequence[Band], path: str) -> None:
    """Bands must cover each minute of the day exactly once."""
    if not bands:
        return
    owners: list[int | None] = [None] * DAY_MINUTES
    for index, band in enumerate(bands):
        taken = None
        for minute in _minutes(band.window):
            taken = owners[minute] if taken is None else taken
            owners[minute] = index if owners[minute] is None else owners[minute]
        if taken is not None:
            reader.refuse(f"{path}[{index}].from", _("overlaps %(place)s", place=f"{path}[{taken}]"))
    for index, band in enumerate(bands):
        for number, (before, rate) in enumerate(pairwise(band.then), start=1):
            if rate.after_minutes <= before.after_minutes:
                place = f"{path}[{index}].then[{number}].after_minutes"
                reader.refuse(place, _("must be later than the rate before"))
    for start, end in _gaps(owners):
        after = owners[end % DAY_MINUTES]
        place = path if after is None else f"{path}[{after}].from"
        reader.refuse(place, _(NO_PRICE, start=clock_text(start), end=clock_text(end)))


def _minutes(window: Window) -> Iterator[int]:
    return (minute % DAY_MINUTES for minute in range(window.opens, window.opens + window.minutes))


def _gaps(owners: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    edges = [
        minute
        for minute in range(DAY_MINUTES)
        if minute == 0 or (owners[minute] is None) != (owners[minute - 1] is None)
    ]
    for start, end in pairwise([*edges, DAY_MINUTES]):
        if owners[start] is None:
            yield start, end


def _check_steps(reader: Reader, steps: Sequence[Step], path: str) -> None:
    for index, (before, step) in enumerate(pairwise(steps), start=1):
        if step.up_to_minutes <= before.up_to_minutes:
            reader.refuse(f"{path}[{index}].up_to_minutes", _("must be longer than the step before"))
        if step.price < before.price:
            reader.refuse(f"{path}[{index}].price", _("must not be lower than the step before"))


def _check_regulars(reader: Reader, regulars: Sequence[Regular], path: str) -> None:
    for index, (before, regular) in enumerate(pairwise(regulars), start=1):
        if regular.from_stay <= before.from_stay:
            reader.refuse(f"{path}[{index}].from_stay", _("must be later than the stay before"))
        if regular.percent < before.percent:
            reader.refuse(f"{path}[{index}].percent", _("must not be lower than for fewer stays"))


def _check_caps(reader: Reader, caps: Sequence[Cap], days: Sequence[str], path: str) -> None:
    for (first, cap), (second, other) in combinations(enumerate(caps), 2):
        if _caps_overlap(cap, other, days):
            reader.refuse(f"{path}[{second}].from", _("overlaps %(place)s", place=f"{path}[{first}]"))


def _caps_overlap(cap: Cap, other: Cap, days: Sequence[str]) -> bool:
    """Return whether two caps can apply at the same instant, opening on the same day or on consecutive days."""
    mine, others = _named(cap.days, days), _named(other.days, days)
    start, end = cap.window.opens, cap.window.opens + cap.window.minutes
    other_start, other_end = other.window.opens, other.window.opens + other.window.minutes
    return (
        (bool(mine & others) and start < other_end and other_start < end)
        or (_can_follow(mine, others) and end > other_start + DAY_MINUTES)
        or (_can_follow(others, mine) and other_end > start + DAY_MINUTES)
    )


def _check_special_days(reader: Reader, special_days: Sequence[SpecialDays], path: str) -> None:
    """Names differ from each other and from other days; a date has one name."""
    named: dict[str, int] = {}
    owners: dict[date, int] = {}
    for index, special in enumerate(special_days):
        if special.name in NAMES_BEFORE:
            reader.refuse(f"{path}[{index}].name", _("is the name of other days"))
        if named.setdefault(special.name, index) != index:
            reader.refuse(f"{path}[{index}].name", _("is named twice"))
        for place, day in enumerate(special.dates):
            if day in owners:
                twice = _("is a date of %(place)s already", place=f"{path}[{owners[day]}]")
                reader.refuse(f"{path}[{index}].dates[{place}]", twice)
            owners.setdefault(day, index)


def _named(names: Sequence[str], days: Sequence[str]) -> set[str]:
    return set(names or days) & set(days)


def _can_follow(earlier: set[str], later: set[str]) -> bool:
    """Return whether a day of `later` can directly follow one of `earlier`; other days than weekdays fall on any."""
    if not earlier or not later:
        return False
    if not earlier | later <= set(WEEKDAYS):
        return True
    following = {WEEKDAYS[(WEEKDAYS.index(day) + 1) % 7] for day in earlier}
    return bool(following & later)


def _check_rivals(reader: Reader, plans: Sequence[Plan], days: Sequence[str], path: str) -> None:
    for (first, plan), (second, other) in combinations(enumerate(plans), 2):
        if plan.priority == other.priority and _both_match(plan, other, days):
            same = _("is the same as that of %(place)s, and both can match a stay", place=f"{path}.plans[{first}]")
            reader.refuse(f"{path}.plans[{second}].priority", same)


def _both_match(plan: Plan, other: Plan, days: Sequence[str]) -> bool:
    return bool(
        _named(plan.days, days) & _named(other.days, days)
        and set(plan.spot_types or SPOT_TYPES) & set(other.spot_types or SPOT_TYPES)
        and set(plan.vehicle_types or VEHICLE_TYPES) & set(other.vehicle_types or VEHICLE_TYPES)
        and {plan.periods, other.periods} != {"first", "later"}
        and any(plan.entry.holds(edge * 60) and other.entry.holds(edge * 60) for edge in _edges((plan, other)))
    )


def _edges(plans: Sequence[Plan]) -> list[int]:
    """Return midnight and the minutes at which an entry window opens or closes."""
    return sorted({0, *(edge % DAY_MINUTES for plan in plans for edge in (plan.entry.opens, plan.entry.closes))})


def _check_coverage(reader: Reader, rules: TariffRules, days: Sequence[str], path: str) -> None:
    edges, whichever = _edges(rules.plans), ("first",) if rules.one_period else ("first", "later")
    vehicles = rules.vehicles_told_apart
    for spot_type, day, periods, vehicle in product(SPOT_TYPES, days, whichever, vehicles):
        fitting = [
            plan
            for plan in rules.plans
            if day in (plan.days or days)
            and spot_type in (plan.spot_types or SPOT_TYPES)
            and vehicle in (plan.vehicle_types or VEHICLE_TYPES)
            and plan.periods in ("any", periods)
        ]
        for start, end in pairwise([*edges, DAY_MINUTES]):
            if not any(plan.entry.holds(start * 60) for plan in fitting):
                place = {"type": KIND_TEXTS[spot_type], "day": day, "periods": periods}
                place |= {"start": clock_text(start), "end": clock_text(end)}
                gap = (
                    _(NO_PLAN_OF_VEHICLE, vehicle=KIND_TEXTS[vehicle], **place)
                    if len(vehicles) > 1
                    else _(NO_PLAN, **place)
                )
                reader.refuse(f"{path}.plans", gap)
