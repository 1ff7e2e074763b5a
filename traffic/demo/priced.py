"""New prices that the demo's admin works on: a draft, compared on real stays, changed and published for a Monday."""

from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from billing.services.tariff_drafts import DraftValues, publish_draft, save_draft, start_draft
from billing.tariffs import tariff_on
from lots.calendar import local_day
from lots.models import Lot
from tickets.services import advance_comparison, compare_draft

NAME = "Winter"
EVENT = "Christmas market"
EVENT_PLAN = {
    "name": "Event days",
    "priority": 1,
    "days": ["event"],
    "steps": [{"up_to_minutes": 120, "price": 600}, {"up_to_minutes": 1440, "price": 2500}],
}


def publish_new_prices(lot: Lot, *, admin: User, at: datetime) -> None:
    """Let the admin have drafted, compared and published prices from the Monday after next, with an event day."""
    today = local_day(lot, at)
    monday = today + timedelta(days=14 - today.weekday())
    in_force = tariff_on(lot, today)
    assert in_force is not None  # noqa: S101 the demo's site has one
    draft = start_draft(lot=lot, values=DraftValues(NAME, in_force.rules), at=at - timedelta(days=6), by=admin)
    dearer = _dearer(in_force.rules)
    draft = save_draft(draft=draft, values=DraftValues(NAME, dearer), at=at - timedelta(days=5), by=admin)
    with_event = _with_event(dearer, monday + timedelta(days=5))
    draft = save_draft(draft=draft, values=DraftValues(NAME, with_event), at=at - timedelta(days=2), by=admin)
    comparison = compare_draft(draft=draft, at=at, by=admin)
    while advance_comparison(pk=comparison.pk, at=at):
        pass
    publish_draft(draft=draft, valid_from=monday, at=at, by=admin)


def _dearer(rules: dict[str, Any]) -> dict[str, Any]:
    """Return the rules with dearer half hours and a lower price for a whole day during the week."""
    changed = deepcopy(rules)
    week = changed["plans"][0]
    week["bands"][0]["price"] += 20
    week["max_price"] -= 200
    return changed


def _with_event(rules: dict[str, Any], saturday: date) -> dict[str, Any]:
    days = [{"name": EVENT, "dates": [saturday.isoformat()]}]
    return {**rules, "plans": [*rules["plans"], EVENT_PLAN], "special_days": days}
