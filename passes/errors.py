"""What passes refuse."""

from django.utils.translation import gettext as _

from common.errors import ConflictError, DomainError, FieldError, ForbiddenError


class PassStateError(ConflictError):
    """The pass is not in a state in which this can be done."""

    code = "pass_state"


class PassesOverlapError(ConflictError):
    """A holder has a pass for this plate, at one of its lots, whose days overlap."""

    code = "passes_overlap"

    def __init__(self, plate: str) -> None:
        message = _("You have a pass for %(plate)s already at that time.") % {"plate": plate}
        super().__init__(message, errors=[FieldError("plates", message)])


class HolderDeletedError(ForbiddenError):
    """The account that would have the pass was deleted meanwhile."""

    code = "account_deleted"


class PassNotSoldError(ConflictError):
    """The offer is not sold any more, or not online."""

    code = "pass_not_sold"


class PlateOnPassError(ConflictError):
    """The pass has this plate already, or has it not."""

    code = "plate_on_pass"


class PlateParkedError(ConflictError):
    """The car with this plate is inside on the pass: its plate can't be changed meanwhile."""

    code = "plate_parked"


class SwapLimitError(ConflictError):
    """No plate can be swapped any more this month."""

    code = "swap_limit"


class TooManyPlatesError(DomainError):
    """The pass is for fewer plates."""

    code = "too_many_plates"


class PassPaymentDeclinedError(DomainError):
    """The card did not pay; the pass has not begun."""

    code = "payment_declined"
    status = 402

    def __init__(self) -> None:
        message = _("The card was declined. You have not bought anything; try another one.")
        super().__init__(message, errors=[FieldError("payment.token", message)])


class PassKeyUsedError(DomainError):
    """The idempotency key was used for another pass."""

    code = "idempotency_key_reused"
