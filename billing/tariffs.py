"""Finds the tariff that prices a stay, and parses its rules."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache

from billing.models import Tariff, TariffDraft
from billing.pricing import TariffRules, parse_rules
from billing.pricing.windows import EVENT
from lots.calendar import local_day
from lots.models import Lot


def rules_of(tariff: Tariff) -> TariffRules:
    """Return a tariff's parsed rules, cached."""
    return _parsed(json.dumps(tariff.rules, sort_keys=True))


def tariff_on(lot: Lot, day: date) -> Tariff | None:
    """Return the tariff for stays that begin on a local day of the lot."""
    return lot.tariffs.valid_on(day).first()


def next_tariff(lot: Lot, day: date) -> Tariff | None:
    """Return the tariff that begins next after a local day of the lot."""
    return lot.tariffs.current().filter(valid_from__gt=day).order_by("valid_from").first()


def special_dates_ahead(rules: TariffRules, day: date) -> list[tuple[date, str]]:
    """Return the special dates from a day on that a plan prices by their name or as event days, with their names."""
    known = [special for special in rules.special_days if {special.name, EVENT} & set(rules.kinds_of_day)]
    return sorted((one, special.name) for special in known for one in special.dates if one >= day)


def tariffs_at(lots: Collection[Lot], at: datetime) -> dict[int, Tariff]:
    """Return the tariff of each lot's local day at an instant, by lot id; one query."""
    return tariffs_on({lot.pk: local_day(lot, at) for lot in lots})


def tariffs_on(days: Mapping[int, date]) -> dict[int, Tariff]:
    """Return the tariffs for stays that begin on a local day of each lot, by lot id; one query."""
    if not days:
        return {}
    # Lots can have different local days: read what may be valid on any of them, then compare with each lot's own day.
    near = Tariff.objects.current().filter(lot__in=list(days), valid_from__lte=max(days.values()))
    return {tariff.lot_id: tariff for tariff in near if is_valid_on(tariff, days[tariff.lot_id])}


def is_valid_on(tariff: Tariff, day: date) -> bool:
    """Return whether a tariff in force prices stays that begin on a local day."""
    return tariff.valid_from <= day and (tariff.valid_until is None or tariff.valid_until >= day)


@lru_cache(maxsize=4096)
def _parsed(rules: str) -> TariffRules:
    return parse_rules(json.loads(rules))


def standing_of(tariff: Tariff, day: date) -> str:
    """Return a tariff's state on a day of its lot: superseded, ended, scheduled or in force."""
    if tariff.superseded_at is not None:
        return "superseded"
    if tariff.valid_until is not None and tariff.valid_until < day:
        return "ended"
    return "scheduled" if tariff.valid_from > day else "in force"


def draft_standing_of(draft: TariffDraft, day: date) -> str:
    """Return a draft's state on a day of its lot: draft, or that of the tariff which it is published as."""
    return "draft" if draft.published_as is None else standing_of(draft.published_as, day)
