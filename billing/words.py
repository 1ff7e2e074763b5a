"""A tariff's rules as drivers read them. Amounts stay integers in minor units beside the texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.pricing.day_texts import days_text
from billing.pricing.plans import Band, Cap, Plan, Rate
from billing.pricing.rules import SPOT_TYPES, VEHICLE_TYPES, Package, TariffRules
from billing.pricing.windows import Window, clock_text
from common.translation import translated

TYPE_WORDS: dict[str, str | Promise] = {
    "compact": gettext_lazy("compact"),
    "regular": gettext_lazy("regular"),
    "large": gettext_lazy("large"),
    "motorcycle": gettext_lazy("motorcycle"),
    "handicap": gettext_lazy("accessible"),
    "ev": gettext_lazy("electric"),
}
MINUTES_PER_HOUR = 60
REFUND_KINDS = (
    ("goodwill", gettext_lazy("Goodwill: nothing is owed for it")),
    ("correction", gettext_lazy("Correction: it is owed again")),
)
"""The kinds of a refund, as forms offer them."""


@dataclass(frozen=True, slots=True)
class PriceWords:
    """One price: what it is for, the amount in minor units, and per what."""

    label: str
    amount: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PlanWords:
    """A plan: its name, when and for which spots it holds, its prices and its upper limits."""

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
    """Return a tariff's rules in words."""
    return TariffWords(
        plans=tuple(_plan(plan, rules) for plan in rules.plans),
        limits=tuple(_limits(rules)),
        packages=tuple(_package(package) for package in rules.packages),
        notes=tuple(_notes(rules)),
    )


def days_words(days: tuple[str, ...]) -> str:
    """Return days as signs name them: `Mon–Fri`, `Sat, Sun, holidays`, `event days`; empty for all of them."""
    return translated(days_text(days))


def length_words(minutes: int) -> str:
    """Return a number of minutes in words: `30 min`, `1 h`, `1 h 30 min`, `2 days`."""
    if minutes % (24 * MINUTES_PER_HOUR) == 0 and minutes > 24 * MINUTES_PER_HOUR:
        days = minutes // (24 * MINUTES_PER_HOUR)
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )


def _plan(plan: Plan, rules: TariffRules) -> PlanWords:
    limits = [_cap(cap) for cap in plan.caps]
    if plan.max_price is not None:
        limits.append(PriceWords(_("At most"), plan.max_price, _day(rules)))
    prices = [price for band in plan.bands for price in _band(band)] if plan.bands else list(_steps(plan))
    return PlanWords(plan.name, _holds(plan), tuple(prices), tuple(limits))


def _holds(plan: Plan) -> str:
    types = _types(plan.spot_types, SPOT_TYPES)
    vehicles = _types(plan.vehicle_types, VEHICLE_TYPES)
    parts = [
        days_words(plan.days) or _("Every day"),
        "" if plan.entry.is_whole_day else _("arrival %(span)s") % {"span": _span(plan.entry)},
        {"first": _("first day"), "later": _("from the second day")}.get(plan.periods, ""),
        _("%(types)s spots") % {"types": types} if types else "",
        _("%(types)s vehicles") % {"types": vehicles} if vehicles else "",
    ]
    return " · ".join(part for part in parts if part)


def _types(named: tuple[str, ...], known: tuple[str, ...]) -> str:
    """Return types in words; empty for all that are known."""
    return "" if len(named) == len(known) else ", ".join(str(TYPE_WORDS[kind]) for kind in named)


def _band(band: Band) -> Iterator[PriceWords]:
    hours = _span(band.window) or _("Any time")
    yield PriceWords(hours, band.price, _("once") if band.once else _unit(band))
    for rate in band.then:
        label = _("%(hours)s, after %(length)s") % {"hours": hours, "length": length_words(rate.after_minutes)}
        yield PriceWords(label, rate.price, _unit(rate))


def _unit(rate: Rate) -> str:
    length = length_words(rate.increment_minutes)
    if not rate.prorata:
        return _("per %(length)s") % {"length": length}
    if rate.prorata_minutes is None:
        return _("per %(length)s, by the second") % {"length": length}
    started = length_words(rate.prorata_minutes)
    return _("per %(length)s, by started %(started)s") % {"length": length, "started": started}


def _steps(plan: Plan) -> Iterator[PriceWords]:
    for step in plan.steps:
        yield PriceWords(_("Up to %(length)s") % {"length": length_words(step.up_to_minutes)}, step.price)
    if plan.steps_beyond is not None:
        length = length_words(plan.steps_beyond.each_minutes)
        yield PriceWords(_("After that"), plan.steps_beyond.price, _("per %(length)s") % {"length": length})


def _cap(cap: Cap) -> PriceWords:
    when = " ".join(part for part in (days_words(cap.days), _span(cap.window)) if part)
    if when:
        return PriceWords(_("%(when)s at most") % {"when": when}, cap.price)
    return PriceWords(_("At most"), cap.price, _("a day"))


def _day(rules: TariffRules) -> str:
    if rules.one_period:
        return _("for the whole stay")
    if rules.day_starts_at is None:
        return _("in 24 hours")
    return _("a day, which starts at %(clock)s") % {"clock": clock_text(rules.day_starts_at)}


def _limits(rules: TariffRules) -> Iterator[PriceWords]:
    for cap in rules.caps:
        yield _cap(cap)
    for block in rules.block_caps:
        days = ngettext("%(days)s day at most", "%(days)s days at most", block.periods)
        yield PriceWords(days % {"days": block.periods}, block.price)
    if rules.minimum_charge:
        yield PriceWords(_("At least"), rules.minimum_charge, _("for any paid stay"))
    if rules.lost_ticket_fee:
        yield PriceWords(_("Lost ticket (only if your plate isn't found)"), rules.lost_ticket_fee)


def _package(package: Package) -> PriceWords:
    hours = [
        days_words(package.days),
        "" if package.entry.is_whole_day else _("in %(span)s") % {"span": _span(package.entry)},
        "" if package.exit.is_whole_day else _("out %(span)s") % {"span": _span(package.exit)},
        _("up to %(length)s") % {"length": length_words(package.max_hours * MINUTES_PER_HOUR)},
    ]
    return PriceWords(package.name or _("Package"), package.price, ", ".join(part for part in hours if part))


def _notes(rules: TariffRules) -> Iterator[str]:
    if rules.grace_minutes:
        yield _("Leave within %(length)s and you pay nothing.") % {"length": length_words(rules.grace_minutes)}
    if rules.free_minutes:
        yield _("The first %(length)s are free.") % {"length": length_words(rules.free_minutes)}
    for regular in rules.regulars:
        said = _("From your stay no. %(from_stay)s in a month: %(percent)s %% off.")
        yield said % {"from_stay": regular.from_stay, "percent": regular.percent}
    if rules.exit_grace_minutes:
        yield _("After paying you have %(length)s to leave.") % {"length": length_words(rules.exit_grace_minutes)}
    if rules.tax_percent > Decimal(0):
        tax = _("%(percent)s %% tax is included.") if rules.tax_included else _("%(percent)s %% tax is added.")
        yield tax % {"percent": rules.tax_percent}


def _span(window: Window) -> str:
    if window.is_whole_day and window.opens == 0:
        return ""
    return f"{clock_text(window.opens)}–{clock_text(window.closes)}"
