"""Writes to merchants: a shop of an operator, and who gets its invoices."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Merchant, Operator
from common.errors import ConflictError, FieldError


class MerchantExistsError(ConflictError):
    """The operator has a merchant of this name."""

    code = "merchant_exists"


def create_merchant(*, operator: Operator, values: Mapping[str, Any], at: dt.datetime) -> Merchant:
    """Make a merchant of an operator from what is given by field name. Raises MerchantExistsError."""
    if operator.merchants.filter(name=values["name"]).exists():
        message = _("There is a merchant of this name already.")
        raise MerchantExistsError(message, errors=[FieldError("name", message)])
    return Merchant.objects.create(operator=operator, created_at=at, **values)


def change_merchant(*, merchant: Merchant, values: Mapping[str, Any]) -> Merchant:
    """Change the fields named in `values`. Raises MerchantExistsError."""
    if Merchant.objects.filter(operator=merchant.operator_id, name=values["name"]).exclude(pk=merchant.pk).exists():
        message = _("There is a merchant of this name already.")
        raise MerchantExistsError(message, errors=[FieldError("name", message)])
    for name, value in values.items():
        setattr(merchant, name, value)
    merchant.save(update_fields=list(values))
    return merchant
