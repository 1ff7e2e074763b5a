"""Every write of what merchants give."""

from merchants.services.giving import (
    BudgetUsedUpError,
    TooLateToWithdrawError,
    ValidationLimitError,
    give_validation,
    may_withdraw,
    withdraw_validation,
)
from merchants.services.keeping import (
    TypeNameTakenError,
    add_merchant,
    add_type,
    change_merchant_and_places,
    end_type,
    set_budget,
)
from merchants.services.reckoning import invoice_merchants, reckon_validations

__all__ = [
    "BudgetUsedUpError",
    "TooLateToWithdrawError",
    "TypeNameTakenError",
    "ValidationLimitError",
    "add_merchant",
    "add_type",
    "change_merchant_and_places",
    "end_type",
    "give_validation",
    "invoice_merchants",
    "may_withdraw",
    "reckon_validations",
    "set_budget",
    "withdraw_validation",
]
