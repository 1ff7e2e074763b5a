"""Writes to lots."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Operator
from common.db.constraints import refused_by
from common.errors import ConflictError, DomainError, FieldError
from lots.checks import lot_problems
from lots.models import Lot
from lots.plate_rule import plate_rule_changed
from lots.services.locks import lock_lot


class InvalidLotError(DomainError):
    """Settings of the lot are wrong; `errors` lists them."""

    code = "invalid_lot"


class SlugTakenError(ConflictError):
    """Another lot has this short name, possibly one of another operator."""

    code = "slug_taken"


class TrackingFixedError(ConflictError):
    """A lot that has places can't change how they are counted."""

    code = "tracking_fixed"


class CurrencyFixedError(ConflictError):
    """A lot where something was charged can't change its currency."""

    code = "currency_fixed"


@transaction.atomic
def create_lot(*, operator: Operator, values: Mapping[str, Any], at: dt.datetime) -> Lot:
    """Create a lot from settings by field name, with the model's defaults for others.

    Raises InvalidLotError or SlugTakenError.
    """
    lot = Lot(operator=operator, created_at=at, **{"currency": operator.currency} | dict(values))
    _check(lot, values)
    with refused_by("slug", _slug_taken()):
        lot.save(force_insert=True)
    return lot


@transaction.atomic
def update_lot(*, lot: Lot, values: Mapping[str, Any]) -> Lot:
    """Change the settings named in `values`. Idempotent.

    Raises InvalidLotError, SlugTakenError, TrackingFixedError for a lot that has places, CurrencyFixedError for one
    with charges, or what a receiver of `plate_rule_changed` does.
    """
    lock_lot(lot.pk)
    lot = Lot.objects.select_for_update(of=("self",)).select_related("operator").get(pk=lot.pk)
    changed = [name for name, value in values.items() if getattr(lot, name) != value]
    if "tracking" in changed and lot.levels.filter(zones__isnull=False).exists():
        message = _("How cars are counted is fixed once a lot has spots.")
        raise TrackingFixedError(message, errors=[FieldError("tracking", message)])
    if "currency" in changed and lot.charges.exists():
        message = _("The currency is fixed once something was charged.")
        raise CurrencyFixedError(message, errors=[FieldError("currency", message)])
    for name in changed:
        setattr(lot, name, values[name])
    _check(lot, values)
    if changed:
        with refused_by("slug", _slug_taken()):
            lot.save(update_fields=changed)
    if "plates_by_region" in changed:
        plate_rule_changed.send(Lot, lot=lot)
    return lot


@transaction.atomic
def close_lot(*, lot: Lot) -> Lot:
    """Close a lot by hand: walk-ins are refused; passes, reservations and exits go on."""
    return update_lot(lot=lot, values={"is_closed": True})


@transaction.atomic
def reopen_lot(*, lot: Lot) -> Lot:
    """End a closure by hand; the opening hours apply again."""
    return update_lot(lot=lot, values={"is_closed": False})


@transaction.atomic
def unpublish_lot(*, lot: Lot) -> Lot:
    """Remove a lot from public pages, boards and the API; its gates go on."""
    return update_lot(lot=lot, values={"published": False})


@transaction.atomic
def restore_lot(*, lot: Lot) -> Lot:
    """Restore an archived lot; it stays closed and unpublished."""
    return update_lot(lot=lot, values={"archived_at": None, "published": False})


def _slug_taken() -> SlugTakenError:
    message = _("Another lot has this short name. Choose another.")
    return SlugTakenError(message, errors=[FieldError("slug", message)])


def _check(lot: Lot, values: Mapping[str, Any]) -> None:
    problems = lot_problems(values)
    try:
        lot.full_clean(exclude=["operator"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        problems += [FieldError(name, " ".join(messages)) for name, messages in error.message_dict.items()]
    if problems:
        raise InvalidLotError(_("The lot's settings have mistakes."), errors=problems)
