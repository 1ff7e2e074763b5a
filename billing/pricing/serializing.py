"""Serializes rules as JSON that can be parsed again."""

from typing import Any

from billing.pricing.plans import Band, Cap, Plan
from billing.pricing.rules import Package, TariffRules
from billing.pricing.windows import Window, clock_text


def rules_to_json(rules: TariffRules) -> dict[str, Any]:
    """Return the canonical JSON of a tariff's rules, with every field."""
    starts_at = rules.day_starts_at
    return {
        "grace_minutes": rules.grace_minutes,
        "free_minutes": rules.free_minutes,
        "exit_grace_minutes": rules.exit_grace_minutes,
        "minimum_charge": rules.minimum_charge,
        "lost_ticket_fee": rules.lost_ticket_fee,
        "tax_percent": str(rules.tax_percent),
        "tax_included": rules.tax_included,
        "day_starts_at": "entry" if starts_at is None else clock_text(starts_at),
        "plans": [_plan(plan) for plan in rules.plans],
        "caps": [_cap(cap) for cap in rules.caps],
        "block_caps": [{"periods": cap.periods, "price": cap.price} for cap in rules.block_caps],
        "packages": [_package(package) for package in rules.packages],
        "special_days": [
            {"name": special.name, "dates": [day.isoformat() for day in special.dates]}
            for special in rules.special_days
        ],
    }


def _plan(plan: Plan) -> dict[str, Any]:
    written: dict[str, Any] = {
        "name": plan.name,
        "priority": plan.priority,
        "days": list(plan.days),
        **_window(plan.entry, "entry_"),
        "spot_types": list(plan.spot_types),
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
    return {
        **_window(band.window),
        "price": band.price,
        "increment_minutes": band.increment_minutes,
        "prorata": band.prorata,
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
