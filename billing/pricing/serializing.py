"""Serializes rules as JSON that can be parsed again."""

from typing import Any

from billing.pricing.plans import Band, Cap, Plan, Rate
from billing.pricing.rules import Package, TariffRules
from billing.pricing.windows import Window, clock_text


def rules_to_json(rules: TariffRules) -> dict[str, Any]:
    """Return the canonical JSON of a tariff's rules, with every field."""
    return {
        "grace_minutes": rules.grace_minutes,
        "free_minutes": rules.free_minutes,
        "exit_grace_minutes": rules.exit_grace_minutes,
        "minimum_charge": rules.minimum_charge,
        "lost_ticket_fee": rules.lost_ticket_fee,
        "tax_percent": str(rules.tax_percent),
        "tax_included": rules.tax_included,
        "day_starts_at": _day_start(rules),
        "plans": [_plan(plan) for plan in rules.plans],
        "caps": [_cap(cap) for cap in rules.caps],
        "block_caps": [{"periods": cap.periods, "price": cap.price} for cap in rules.block_caps],
        "packages": [_package(package) for package in rules.packages],
        "regulars": [{"from_stay": one.from_stay, "percent": str(one.percent)} for one in rules.regulars],
        "special_days": [
            {"name": special.name, "dates": [day.isoformat() for day in special.dates]}
            for special in rules.special_days
        ],
    }


def _day_start(rules: TariffRules) -> str:
    if rules.one_period:
        return "never"
    return "entry" if rules.day_starts_at is None else clock_text(rules.day_starts_at)


def _plan(plan: Plan) -> dict[str, Any]:
    written: dict[str, Any] = {
        "name": plan.name,
        "priority": plan.priority,
        "days": list(plan.days),
        **_window(plan.entry, "entry_"),
        "spot_types": list(plan.spot_types),
        "vehicle_types": list(plan.vehicle_types),
        "periods": plan.periods,
        "max_price": plan.max_price,
        "caps": [_cap(cap) for cap in plan.caps],
    }
    if plan.bands:
        return {**written, "bands": [_band(band) for band in plan.bands]}
    beyond = plan.steps_beyond
    return {
        **written,
        "steps": [{"up_to_minutes": step.up_to_minutes, "price": step.price} for step in plan.steps],
        "steps_beyond": None if beyond is None else {"each_minutes": beyond.each_minutes, "price": beyond.price},
    }


def _band(band: Band) -> dict[str, Any]:
    if band.once:
        return {**_window(band.window), "price": band.price, "once": True}
    then = [{"after_minutes": rate.after_minutes, **_rate(rate)} for rate in band.then]
    return {**_window(band.window), **_rate(band), "once": False, "then": then}


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "price": rate.price,
        "increment_minutes": rate.increment_minutes,
        "prorata": rate.prorata,
        "prorata_minutes": rate.prorata_minutes,
    }


def _cap(cap: Cap) -> dict[str, Any]:
    return {"days": list(cap.days), **_window(cap.window), "price": cap.price}


def _package(package: Package) -> dict[str, Any]:
    return {
        "name": package.name,
        "days": list(package.days),
        **_window(package.entry, "entry_"),
        **_window(package.exit, "exit_"),
        "max_hours": package.max_hours,
        "price": package.price,
    }


def _window(window: Window, prefix: str = "") -> dict[str, str]:
    return {f"{prefix}from": clock_text(window.opens), f"{prefix}to": clock_text(window.closes)}
