"""A lot's event days, which its tariffs carry: each change makes new versions, so that no standing car costs more."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Tariff, TariffDraft
from billing.pricing import parse_rules, rules_to_json
from billing.pricing.parsing import LONGEST_DAY_NAME
from billing.pricing.special_days import NAMES_BEFORE, SpecialDays, with_dates, without_dates
from billing.services.tariff_drafts import DayPastError, DraftValues, save_draft
from billing.services.tariffs import TariffValues, revise_tariff
from common.errors import ConflictError, FieldError, InvalidValueError
from common.translation import day_said
from lots.calendar import local_day
from lots.models import Lot
from lots.services import lock_lot

_Calendar = tuple[SpecialDays, ...]


class NoTariffForDaysError(ConflictError):
    """The lot has no tariff that could price a day."""

    code = "no_tariff_for_days"


@transaction.atomic
def add_special_dates(
    *, lot: Lot, name: str, dates: Collection[dt.date], at: dt.datetime, by: User | None = None
) -> None:
    """Name dates in all tariffs of the lot that are not over, and in its drafts. Dates have one name: the last given.

    Raises InvalidValueError, DayPastError and NoTariffForDaysError.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_DAY_NAME or not name.isprintable():
        raise InvalidValueError(_("Give the days a name of at most 60 characters."), path="name")
    if name in NAMES_BEFORE:
        raise InvalidValueError(_("Other days are called so. Choose another name."), path="name")
    _change(lot, dates, lambda calendar: with_dates(calendar, name, dates), at, by)


@transaction.atomic
def remove_special_dates(*, lot: Lot, dates: Collection[dt.date], at: dt.datetime, by: User | None = None) -> None:
    """Let dates be ordinary days again. Raises DayPastError and NoTariffForDaysError."""
    _change(lot, dates, lambda calendar: without_dates(calendar, dates), at, by)


def _change(
    lot: Lot,
    dates: Collection[dt.date],
    changed: Callable[[_Calendar], _Calendar],
    at: dt.datetime,
    by: User | None,
) -> None:
    lock_lot(lot.pk)
    today = local_day(lot, at)
    if min(dates) < today:
        message = _("This day is over. The first that can be named is today, %(day)s.") % {"day": day_said(today)}
        raise DayPastError(message, errors=[FieldError("first_day", message)])
    ours = Tariff.objects.current().filter(Q(valid_until=None) | Q(valid_until__gte=today), lot=lot)
    tariffs = list(ours.order_by("valid_from"))
    if not tariffs:
        raise NoTariffForDaysError(_("%(lot)s has no tariff. Publish its prices first.") % {"lot": lot.name})
    for tariff in tariffs:
        rules = _with(tariff.rules, changed)
        revise_tariff(
            tariff=tariff,
            values=TariffValues(tariff.name, tariff.valid_from, tariff.valid_until, rules),
            at=at,
            by=by,
        )
    for draft in TariffDraft.objects.filter(lot=lot, published_as=None):
        save_draft(draft=draft, values=DraftValues(draft.name, _with(draft.rules, changed)), at=at, by=by)


def _with(rules: dict[str, object], changed: Callable[[_Calendar], _Calendar]) -> dict[str, object]:
    """Return stored rules with a changed calendar; all else stays as it was written."""
    calendar = changed(parse_rules(rules).special_days)
    written = rules_to_json(replace(parse_rules(rules), special_days=calendar))
    return {**rules, "special_days": written["special_days"]}
