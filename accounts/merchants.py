"""Writes to merchants: a shop of an operator, and who gets its invoices."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Merchant, Operator
from common.db.constraints import refused_by
from common.errors import ConflictError, FieldError

_NAME_ONCE = "merchant_name_once_per_operator"


class MerchantExistsError(ConflictError):
    """The operator has a merchant of this name."""

    code = "merchant_exists"


def create_merchant(*, operator: Operator, values: Mapping[str, Any], at: dt.datetime) -> Merchant:
    """Make a merchant of an operator from what is given by field name. Raises MerchantExistsError."""
    with refused_by(_NAME_ONCE, _taken()):
        return Merchant.objects.create(operator=operator, created_at=at, **values)


def change_merchant(*, merchant: Merchant, values: Mapping[str, Any]) -> Merchant:
    """Change the fields named in `values`. Raises MerchantExistsError."""
    for name, value in values.items():
        setattr(merchant, name, value)
    with refused_by(_NAME_ONCE, _taken()):
        merchant.save(update_fields=list(values))
    return merchant


def _taken() -> MerchantExistsError:
    message = _("There is a merchant of this name already.")
    return MerchantExistsError(message, errors=[FieldError("name", message)])
