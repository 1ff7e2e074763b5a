"""Giving money back: by one person within the operator's limit, by two above it; and what happens when it can't be."""

from billing.services.refunds.approving import (
    OwnRefundError,
    RefundDecidedError,
    RefundWaitingError,
    approve_refund,
    ask_refund,
    reject_refund,
)
from billing.services.refunds.coming_back import check_refund
from billing.services.refunds.giving import (
    NotCapturedError,
    RefundKeyUsedError,
    RefundTooLargeError,
    pay_out_refund,
    refund_payment,
)
from billing.services.refunds.returning import (
    RefundNotStuckError,
    retry_refund,
    return_otherwise,
    return_refund,
)
from billing.services.refunds.reversing import (
    RefundNotRefusedError,
    RefundStillDueError,
    reverse_refund,
)

__all__ = [
    "NotCapturedError",
    "OwnRefundError",
    "RefundDecidedError",
    "RefundKeyUsedError",
    "RefundNotRefusedError",
    "RefundNotStuckError",
    "RefundStillDueError",
    "RefundTooLargeError",
    "RefundWaitingError",
    "approve_refund",
    "ask_refund",
    "check_refund",
    "pay_out_refund",
    "refund_payment",
    "reject_refund",
    "retry_refund",
    "return_otherwise",
    "return_refund",
    "reverse_refund",
]
