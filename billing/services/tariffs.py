"""Puts tariffs in force, revises and withdraws them. What priced a stay never changes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Tariff, TariffDraft
from billing.pricing import parse_rules
from billing.services.price_authors import changes_prices
from common.db.constraints import refused_by
from common.errors import ConflictError, DomainError, FieldError
from lots.models import Lot
from lots.services import assert_lot_locked, lock_lot


class TariffOverlapError(ConflictError):
    """Another tariff of the lot is valid on one of the days."""

    code = "tariff_overlap"


class TariffSupersededError(ConflictError):
    """A newer revision is in force."""

    code = "tariff_superseded"


class TariffEndsBeforeStartError(DomainError):
    """The last day is before the first."""

    code = "tariff_ends_before_start"


@dataclass(frozen=True, slots=True)
class TariffValues:
    """A tariff's name, validity (local days, both included; None has no end) and rules in the site file's shape."""

    name: str
    valid_from: dt.date
    valid_until: dt.date | None
    rules: Mapping[str, Any]


@transaction.atomic
def create_tariff(*, lot: Lot, values: TariffValues, at: dt.datetime, by: User | None = None) -> Tariff:
    """Put a new tariff in force. Raises InvalidTariffError, TariffOverlapError or TariffEndsBeforeStartError.

    `by` is the person; nobody for a site file.
    """
    lock_lot(lot.pk)
    changes_prices(by, at)
    return insert_tariff(lot, values, revision=1, at=at)


@transaction.atomic
def revise_tariff(*, tariff: Tariff, values: TariffValues, at: dt.datetime, by: User | None = None) -> Tariff:
    """Change a tariff and return the one in force: a new revision when rules that priced something change.

    Rules that mean the same, however they are written, are no change.
    The lot's lock keeps a stay from beginning meanwhile. The same values again change nothing. Raises as create_tariff,
    and TariffSupersededError for one that is no longer in force.
    """
    tariff = lock_current(tariff)
    changes_prices(by, at)
    _check(values)
    is_new = not same_rules(tariff, values.rules)
    if is_new and is_used(tariff):
        revision = supersede_tariff(tariff, values, at=at)
        TariffDraft.objects.filter(published_as=tariff).update(published_as=revision)
        TariffDraft.objects.filter(replaces=tariff).update(replaces=revision)
        return revision
    tariff.name, tariff.valid_from, tariff.valid_until = values.name, values.valid_from, values.valid_until
    tariff.rules = dict(values.rules) if is_new else tariff.rules
    store_tariff(tariff)
    return tariff


@transaction.atomic
def withdraw_tariff(*, tariff: Tariff, at: dt.datetime, by: User | None = None) -> bool:
    """End a tariff for new stays. Return whether it could be deleted because it never priced anything.

    Raises TariffSupersededError.
    """
    tariff = lock_current(tariff)
    changes_prices(by, at)
    if is_used(tariff):
        Tariff.objects.filter(pk=tariff.pk).update(superseded_at=at)
        return False
    tariff.delete()
    return True


def same_rules(tariff: Tariff, rules: Mapping[str, Any]) -> bool:
    """Return whether other rules price every stay as the tariff's do. Raises InvalidTariffError."""
    return parse_rules(tariff.rules) == parse_rules(rules)


def is_used(tariff: Tariff) -> bool:
    """Return whether any row refers to the tariff, by the schema: the rows belong to rooms above."""
    relations = tariff._meta.related_objects  # noqa: SLF001 Django's documented API
    return any(getattr(tariff, str(relation.get_accessor_name())).exists() for relation in relations)


def lock_current(tariff: Tariff) -> Tariff:
    """Return a tariff as it is now, with its lot locked. Raises TariffSupersededError when it is out of force."""
    lock_lot(tariff.lot_id)
    found = Tariff.objects.select_related("lot").filter(pk=tariff.pk).current().first()
    if found is None:
        raise TariffSupersededError(_("A newer version of this tariff is in force."))
    return found


def supersede_tariff(tariff: Tariff, values: TariffValues, *, at: dt.datetime) -> Tariff:
    """Put a new revision in the place of a tariff, which keeps its stays; the lot's lock is held."""
    assert_lot_locked(tariff.lot_id)
    Tariff.objects.filter(pk=tariff.pk).update(superseded_at=at)
    return insert_tariff(tariff.lot, values, revision=tariff.revision + 1, at=at)


def insert_tariff(lot: Lot, values: TariffValues, *, revision: int, at: dt.datetime) -> Tariff:
    """Store a new tariff; the lot's lock is held. Raises as create_tariff."""
    assert_lot_locked(lot.pk)
    _check(values)
    tariff = Tariff(
        lot=lot,
        name=values.name,
        valid_from=values.valid_from,
        valid_until=values.valid_until,
        rules=dict(values.rules),
        revision=revision,
        created_at=at,
    )
    store_tariff(tariff)
    return tariff


def _check(values: TariffValues) -> None:
    parse_rules(values.rules)
    if values.valid_until is not None and values.valid_until < values.valid_from:
        message = _("The last day is before the first.")
        raise TariffEndsBeforeStartError(message, errors=[FieldError("valid_until", message)])


def store_tariff(tariff: Tariff) -> None:
    """Save a tariff; the lot's lock is held. Raises TariffOverlapError."""
    assert_lot_locked(tariff.lot_id)
    message = _("Another tariff of this lot is valid on some of these days.")
    overlap = TariffOverlapError(message, errors=[FieldError("valid_from", message)])
    with refused_by("tariff_one_valid_per_lot_and_day", overlap):
        tariff.save()
