"""Warnings about rules that are valid but may surprise the people who pay."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from billing.pricing.day_texts import days_text
from billing.pricing.kind_texts import KIND_TEXTS
from billing.pricing.price import price_stay
from billing.pricing.rules import SPOT_TYPES, Package, TariffRules
from billing.pricing.windows import DAY_MINUTES, EVENT, HOLIDAY, WEEKDAYS, Window, clock_text
from common.errors import FieldError
from common.words import text as _

MOST_BORDERS = 96
TRIED_HOURS = (1, 3, 8, 24)
_MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def surprises(rules: TariffRules) -> list[str]:
    """Return a sentence for each thing to check before the tariff is published."""
    return [found.message for found in placed_surprises(rules)]


def placed_surprises(rules: TariffRules) -> list[FieldError]:
    """Return the same with the JSON path of the part of the rules that each is about."""
    return [
        *_cheaper_when_earlier(rules),
        *(FieldError("$.day_starts_at", said) for said in _charged_twice(rules)),
        *(FieldError(f"$.packages[{place}]", _package_hours(one)) for place, one in enumerate(rules.packages)),
        *(FieldError("$.plans", said) for said in (*_days_never_met(rules), *_dates_without_prices(rules))),
    ]


def _cheaper_when_earlier(rules: TariffRules) -> Iterator[FieldError]:
    """Compare arrivals one minute before and at each border, with the same exit, in a plain week."""
    without_dates = tuple(replace(special, dates=()) for special in rules.special_days)
    plain = replace(rules, packages=(), special_days=without_dates)
    named = sorted({name for plan in rules.plans for name in plan.spot_types})
    others = [name for name in SPOT_TYPES if name not in named][:1]
    vehicles = rules.vehicles_told_apart
    for border, spot_type, vehicle in product(_borders(rules)[:MOST_BORDERS], [*named, *others], vehicles):
        days = [name for day, name in enumerate(WEEKDAYS) if _pays_to_hurry(plain, day, border, (spot_type, vehicle))]
        if days:
            before, at = clock_text((border - 1) % DAY_MINUTES), clock_text(border)
            told = days_text(tuple(days)) or _("every day")
            whom = KIND_TEXTS[spot_type] if spot_type in named else _("other types")
            listed = _("%(type)s, %(days)s", type=whom, days=told) if named else told
            if len(vehicles) > 1:
                listed = _("%(vehicle)s vehicle, %(when)s", vehicle=KIND_TEXTS[vehicle], when=listed)
            said = _(
                "Arriving at %(before)s can cost less than at %(at)s with the same exit (%(when)s).",
                before=before,
                at=at,
                when=listed,
            )
            yield FieldError(_place_of(rules, border), said)


def _place_of(rules: TariffRules, border: int) -> str:
    """Return the path of the first part that begins at a time of day."""
    for number, plan in enumerate(rules.plans):
        if not plan.entry.is_whole_day and plan.entry.opens == border:
            return f"$.plans[{number}].entry_from"
        for place, band in enumerate(plan.bands):
            if band.window.opens == border and not band.window.is_whole_day:
                return f"$.plans[{number}].bands[{place}].from"
    return "$.day_starts_at" if rules.day_starts_at == border else "$.plans"


def _borders(rules: TariffRules) -> list[int]:
    windows: list[Window] = [band.window for plan in rules.plans for band in plan.bands]
    windows += [plan.entry for plan in rules.plans]
    edges = {edge % DAY_MINUTES for window in windows for edge in (window.opens, window.closes)}
    return sorted({0, rules.day_starts_at or 0, *edges})


def _pays_to_hurry(rules: TariffRules, day: int, border: int, kind: tuple[str, str]) -> bool:
    later = _MONDAY + timedelta(days=day, minutes=border)
    return any(
        _total(rules, later - timedelta(minutes=1), later + timedelta(hours=hours), kind)
        < _total(rules, later, later + timedelta(hours=hours), kind)
        for hours in TRIED_HOURS
    )


def _total(rules: TariffRules, entry: datetime, exit_: datetime, kind: tuple[str, str]) -> int:
    spot_type, vehicle_type = kind
    return price_stay(
        rules, entry=entry, exit=exit_, spot_type=spot_type, vehicle_type=vehicle_type, timezone=ZoneInfo("UTC")
    ).total


def _charged_twice(rules: TariffRules) -> Iterator[str]:
    if rules.day_starts_at is None:
        return
    rates = [rate for plan in rules.plans for band in plan.bands for rate in band.rates]
    started = any((rate.prorata_minutes or not rate.prorata) and rate.increment_minutes > 1 for rate in rates)
    if started or any(plan.steps for plan in rules.plans):
        at = clock_text(rules.day_starts_at)
        yield _(
            "The day starts at %(at)s: an increment that began before is charged in full, then a new one starts.",
            at=at,
        )


def _package_hours(package: Package) -> str:
    days = days_text(package.days) or _("every day")
    hours = {"entry": _hours(package.entry), "exit": _hours(package.exit), "most": package.max_hours}
    return _(
        "%(package)s applies: %(days)s, entry %(entry)s, exit %(exit)s, at most %(most)s h.",
        package=package.name or _("A package"),
        days=days,
        **hours,
    )


def _hours(window: Window) -> str:
    return _("at any time") if window.is_whole_day else f"{clock_text(window.opens)}–{clock_text(window.closes)}"


def _days_never_met(rules: TariffRules) -> Iterator[str]:
    caps = [*rules.caps, *(cap for plan in rules.plans for cap in plan.caps)]
    named = [*(cap.days for cap in caps), *(package.days for package in rules.packages)]
    never = {day for days in named for day in days}.difference(rules.kinds_of_day)
    if HOLIDAY in never:
        yield _("Caps or packages name holidays, but no plan does, so holidays count as weekdays everywhere.")
    for day in sorted(never - {HOLIDAY}):
        yield _("Caps or packages name “%(day)s”, but no plan does, so these never hold.", day=day)


def _dates_without_prices(rules: TariffRules) -> Iterator[str]:
    for special in rules.special_days:
        if not {special.name, EVENT} & set(rules.kinds_of_day):
            yield _(
                "No plan names “%(name)s” or event days, so its dates cost what other days cost.", name=special.name
            )
