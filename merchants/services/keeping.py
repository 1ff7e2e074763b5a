"""Merchants, and what they may give."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.merchants import change_merchant, create_merchant
from accounts.models import Merchant, Operator
from common.db.constraints import refused_by
from common.errors import ConflictError, FieldError, InvalidValueError
from lots.models import Lot
from merchants.models import BudgetKind, MerchantLot, ValidationBudget, ValidationType


class TypeNameTakenError(ConflictError):
    """The merchant gives something of this name already."""

    code = "validation_type_exists"


@transaction.atomic
def add_merchant(*, operator: Operator, values: Mapping[str, Any], lots: Collection[Lot], at: datetime) -> Merchant:
    """Make a merchant at some lots. Raises MerchantExistsError, InvalidValueError for lots of several currencies."""
    merchant = create_merchant(operator=operator, values=values, at=at)
    set_places(merchant=merchant, lots=lots)
    return merchant


@transaction.atomic
def change_merchant_and_places(*, merchant: Merchant, values: Mapping[str, Any], lots: Collection[Lot]) -> Merchant:
    """Change a merchant and its lots, both or neither. Raises what `change_merchant` and `set_places` raise."""
    set_places(merchant=merchant, lots=lots)
    return change_merchant(merchant=merchant, values=values)


@transaction.atomic
def set_places(*, merchant: Merchant, lots: Collection[Lot]) -> None:
    """Set at which lots a merchant's customers park; the first of before stays the first.

    Raises InvalidValueError for lots of another operator, of several currencies, or of another currency than before
    once the merchant may give something.
    """
    if any(lot.operator_id != merchant.operator_id for lot in lots):
        raise InvalidValueError(_("A merchant belongs to the lots of one operator."), path="lots")
    currencies = {lot.currency for lot in lots}
    if merchant.types.exists():
        currencies |= {place.lot.currency for place in merchant.places.select_related("lot")}
    if len(currencies) > 1:
        raise InvalidValueError(_("These lots have different currencies."), path="lots")
    keys = {lot.pk for lot in lots}
    merchant.places.exclude(lot__in=keys).delete()
    for lot in lots:
        MerchantLot.objects.get_or_create(merchant=merchant, lot=lot)


@transaction.atomic
def add_type(*, merchant: Merchant, values: Mapping[str, Any], at: datetime) -> ValidationType:
    """Let a merchant give something. Raises TypeNameTakenError, InvalidValueError for a budget that doesn't fit."""
    if values.get("budget_kind") == BudgetKind.AMOUNT and "amount" not in values["discount"]:
        raise InvalidValueError(_("A budget in money needs an amount that is taken off."), path="budget_kind")
    message = _("There is a validation of this name already.")
    with refused_by("validation_type_name_once", TypeNameTakenError(message, errors=[FieldError("name", message)])):
        return ValidationType.objects.create(merchant=merchant, created_at=at, **values)


@transaction.atomic
def set_budget(*, kind: ValidationType, limit: int, month: date) -> ValidationType:
    """Set the limit of a type's budget, from this month on. Raises InvalidValueError below what was given already."""
    ValidationBudget.objects.get_or_create(type=kind, month=month, defaults={"limit": limit})
    budget = ValidationBudget.objects.select_for_update().get(type=kind, month=month)
    if limit < budget.used:
        raise InvalidValueError(_("More than that was given this month already."), path="limit")
    budget.limit = limit
    budget.save(update_fields=["limit"])
    kind.budget_limit = limit
    kind.save(update_fields=["budget_limit"])
    return kind


def end_type(*, kind: ValidationType, at: datetime) -> None:
    """Let a type be given no more; what was given stands. Idempotent."""
    ValidationType.objects.filter(pk=kind.pk, ended_at=None).update(ended_at=at)
