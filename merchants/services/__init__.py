"""Every write of what merchants give."""

from merchants.services.giving import (
    BudgetUsedUpError,
    TooLateToWithdrawError,
    ValidationLimitError,
    give_validation,
    may_withdraw,
    withdraw_validation,
)

__all__ = [
    "BudgetUsedUpError",
    "TooLateToWithdrawError",
    "ValidationLimitError",
    "give_validation",
    "may_withdraw",
    "withdraw_validation",
]
