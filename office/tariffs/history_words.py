"""Changes of prices as sentences: what was done with which tariff or draft, and each thing that differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from billing.models import ChangedBy, PricesOf, TariffChange
from billing.price_changes import Money, PriceChange, rule_changes
from billing.pricing import parse_rules
from billing.pricing.errors import InvalidTariffError
from common.translation import day_said, money_said


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change with what was done, who did it, and what differs."""

    change: TariffChange
    done: str
    who: str
    lines: list[PriceChange]


def told_change(change: TariffChange, currency: str) -> ToldChange:
    """Return a change of prices in words."""
    money = partial(money_said, currency=currency)
    return ToldChange(change, _done(change), _who(change), _lines(change, money))


def _who(change: TariffChange) -> str:
    if change.how == ChangedBy.DATABASE:
        return _("In the database itself, as %(role)s") % {"role": change.role}
    if change.how == ChangedBy.SITE_FILE:
        return _("A site file")
    return str(change.by) if change.by else _("Somebody whose account is deleted")


def _done(change: TariffChange) -> str:
    name = {"name": (change.after or change.before or {}).get("name", "")}
    told = _draft if change.subject == PricesOf.DRAFT else _tariff
    return told(change.before, change.after) % name


def _draft(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    if before is None or after is None:
        return _("Started the draft %(name)s") if before is None else _("Discarded the draft %(name)s")
    if before.get("published_as_id") == after.get("published_as_id"):
        return _("Changed the draft %(name)s")
    if after.get("published_as_id") is None:
        return _("Took %(name)s back; it is a draft again")
    if before.get("published_as_id") is None:
        return _("Published the draft %(name)s")
    return _("%(name)s has a newer version")


def _tariff(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    if before is None or after is None:
        return _("Added the tariff %(name)s") if before is None else _("Deleted %(name)s, which had priced nothing")
    if after.get("superseded_at") and not before.get("superseded_at"):
        return _("Ended %(name)s for new stays")
    return _("Changed the tariff %(name)s")


def _lines(change: TariffChange, money: Money) -> list[PriceChange]:
    before, after = change.before, change.after
    if before is None or after is None:
        return [
            PriceChange("", what, "", said)
            for what, said in _days(after or {}).items()
            if said and change.subject == PricesOf.TARIFF
        ]
    found = [PriceChange("", _("Name"), before["name"], after["name"])] if before["name"] != after["name"] else []
    was, is_now = _days(before), _days(after)
    found += [PriceChange("", what, was[what], is_now[what]) for what in was if was[what] != is_now[what]]
    if before["rules"] != after["rules"]:
        found += _rules(before["rules"], after["rules"], money)
    return found


def _rules(before: Any, after: Any, money: Money) -> list[PriceChange]:
    try:
        return rule_changes(parse_rules(before), parse_rules(after), money)
    except InvalidTariffError:
        return [PriceChange("", _("Rules"), _("as they were"), _("others, which can't be read"))]


def _days(values: Mapping[str, Any]) -> dict[str, str]:
    days = ((_("First day"), values.get("valid_from")), (_("Last day"), values.get("valid_until")))
    return {what: day_said(date.fromisoformat(day)) if day else "" for what, day in days}
