"""Drafts of tariffs: begun, changed, discarded, copied, published from a day and taken back before it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Tariff, TariffDraft
from billing.pricing import parse_rules, rules_to_json
from billing.pricing.special_days import with_dates
from billing.services.price_authors import changes_prices
from billing.services.tariffs import (
    TariffOverlapError,
    TariffValues,
    insert_tariff,
    store_tariff,
    supersede_tariff,
    withdraw_tariff,
)
from billing.tariffs import next_tariff, rules_of, tariff_on
from common.errors import ConflictError, DomainError, FieldError
from common.translation import day_said
from lots.calendar import local_day
from lots.models import Lot
from lots.services import lock_lot

_ONE_DAY = dt.timedelta(days=1)


class DraftPublishedError(ConflictError):
    """The draft is published, and what is published does not change."""

    code = "draft_published"


class DraftGoneError(ConflictError):
    """Somebody discarded the draft."""

    code = "draft_gone"


class DayPastError(DomainError):
    """Prices can't begin on a day that is over."""

    code = "day_past"


class TariffBegunError(ConflictError):
    """The first day of the tariff has begun."""

    code = "tariff_begun"


class OtherCurrencyError(DomainError):
    """Prices of one currency are no prices of another."""

    code = "other_currency"


@dataclass(frozen=True, slots=True)
class DraftValues:
    """A draft's name and its rules in the site file's shape."""

    name: str
    rules: Mapping[str, Any]


@transaction.atomic
def start_draft(*, lot: Lot, values: DraftValues, at: dt.datetime, by: User | None = None) -> TariffDraft:
    """Begin a draft. Raises InvalidTariffError."""
    parse_rules(values.rules)
    lock_lot(lot.pk)
    changes_prices(by, at)
    draft = TariffDraft(
        lot=lot, name=values.name, rules=dict(values.rules), created_at=at, created_by=by, changed_at=at
    )
    draft.save()
    return draft


@transaction.atomic
def save_draft(*, draft: TariffDraft, values: DraftValues, at: dt.datetime, by: User | None = None) -> TariffDraft:
    """Change a draft's name and rules. Raises InvalidTariffError, DraftPublishedError and DraftGoneError."""
    parse_rules(values.rules)
    draft = _lock_unpublished(draft)
    changes_prices(by, at)
    draft.name, draft.rules, draft.changed_at = values.name, dict(values.rules), at
    draft.save(update_fields=["name", "rules", "changed_at"])
    return draft


@transaction.atomic
def discard_draft(*, draft: TariffDraft, at: dt.datetime, by: User | None = None) -> None:
    """Delete a draft. Raises DraftPublishedError and DraftGoneError."""
    draft = _lock_unpublished(draft)
    changes_prices(by, at)
    draft.delete()


@transaction.atomic
def publish_draft(*, draft: TariffDraft, valid_from: dt.date, at: dt.datetime, by: User | None = None) -> Tariff:
    """Put a draft in force from a local day and return its tariff; the tariff of that day ends the day before.

    It is valid for as long as that tariff would have been, else until another begins. Stays that began before keep
    what priced them. Publishing it again from the same day changes nothing. Raises DayPastError, TariffOverlapError
    (another begins on that day), DraftPublishedError and DraftGoneError.
    """
    draft = _lock(draft)
    if draft.published_as is not None and draft.published_as.valid_from == valid_from:
        return draft.published_as
    _refuse_published(draft)
    _refuse_day(draft.lot, valid_from, local_day(draft.lot, at))
    changes_prices(by, at)
    before = tariff_on(draft.lot, valid_from)
    until = _day_before_next(draft.lot, valid_from) if before is None else before.valid_until
    values = TariffValues(draft.name, valid_from, until, draft.rules)
    if before is not None and before.valid_from == valid_from:
        published, before = supersede_tariff(before, values, at=at), None
    else:
        if before is not None:
            before.valid_until = valid_from - _ONE_DAY
            store_tariff(before)
        revision = 1 if before is None else before.revision + 1
        published = insert_tariff(draft.lot, values, revision=revision, at=at)
    draft.published_as, draft.replaces = published, before
    draft.save(update_fields=["published_as", "replaces"])
    return published


@transaction.atomic
def take_back_draft(*, draft: TariffDraft, at: dt.datetime, by: User | None = None) -> TariffDraft:
    """Make a draft of a published one whose first day has not begun; the tariff that it replaced goes on.

    A booking that it has priced keeps its price. One that is not published stays as it is. Raises TariffBegunError,
    TariffSupersededError and DraftGoneError.
    """
    draft = _lock(draft)
    published, before = draft.published_as, draft.replaces
    if published is None:
        return draft
    if published.valid_from <= local_day(draft.lot, at):
        raise TariffBegunError(_("%(tariff)s is in force already.") % {"tariff": published.name})
    withdraw_tariff(tariff=published, at=at, by=by)
    draft.published_as = draft.replaces = None
    draft.save(update_fields=["published_as", "replaces"])
    if before is not None and before.superseded_at is None and before.valid_until == published.valid_from - _ONE_DAY:
        before.valid_until = published.valid_until
        store_tariff(before)
    return draft


@transaction.atomic
def copy_rules(
    *, of: Tariff | TariffDraft, lots: Sequence[Lot], at: dt.datetime, by: User | None = None
) -> list[TariffDraft]:
    """Begin a draft with the same rules in each of some lots. Raises OtherCurrencyError.

    A lot keeps the dates of its own calendar: what another name there has stays so.
    """
    for lot in lots:
        if lot.currency != of.lot.currency:
            text = _("%(lot)s takes %(currency)s, so these prices mean something else there.")
            message = text % {"lot": lot.name, "currency": lot.currency}
            raise OtherCurrencyError(message, errors=[FieldError("lots", message)])
    return [
        start_draft(lot=lot, values=DraftValues(of.name, _rules_for(lot, of, at)), at=at, by=by)
        for lot in sorted(lots, key=lambda lot: lot.pk)  # whose locks are taken in this order
    ]


def _rules_for(lot: Lot, of: Tariff | TariffDraft, at: dt.datetime) -> Mapping[str, Any]:
    own, rules = tariff_on(lot, local_day(lot, at)), parse_rules(of.rules)
    days = rules.special_days
    for special in () if own is None else rules_of(own).special_days:
        days = with_dates(days, special.name, special.dates)
    return of.rules if days == rules.special_days else rules_to_json(replace(rules, special_days=days))


def _lock(draft: TariffDraft) -> TariffDraft:
    lock_lot(draft.lot_id)
    found = TariffDraft.objects.select_related("lot", "published_as", "replaces").filter(pk=draft.pk).first()
    if found is None:
        raise DraftGoneError(_("This draft has been discarded."))
    return found


def _lock_unpublished(draft: TariffDraft) -> TariffDraft:
    draft = _lock(draft)
    _refuse_published(draft)
    return draft


def _refuse_published(draft: TariffDraft) -> None:
    if draft.published_as is not None:
        day = day_said(draft.published_as.valid_from)
        raise DraftPublishedError(_("This draft is published from %(day)s. Start another to change it.") % {"day": day})


def _refuse_day(lot: Lot, valid_from: dt.date, today: dt.date) -> None:
    if valid_from < today:
        message = _("This day is over. The first that can be priced is today, %(day)s.") % {"day": day_said(today)}
        raise DayPastError(message, errors=[FieldError("valid_from", message)])
    coming = lot.tariffs.current().filter(valid_from=valid_from).first()
    if coming is not None and valid_from > today:
        text = _("%(tariff)s begins on that day already. Take it back first, or choose another day.")
        message = text % {"tariff": coming.name}
        raise TariffOverlapError(message, errors=[FieldError("valid_from", message)])


def _day_before_next(lot: Lot, day: dt.date) -> dt.date | None:
    following = next_tariff(lot, day)
    return None if following is None else following.valid_from - _ONE_DAY
