"""What pricing refuses, in words that can be shown to anyone."""

from common.errors import DomainError


class InvalidTariffError(DomainError):
    """The tariff's rules are wrong; `errors` names every place."""

    code = "invalid_tariff"


class InvalidDiscountError(DomainError):
    """A discount has no known form or a value out of bounds; `errors` names every place."""

    code = "invalid_discount"


class InvalidMultiplierError(DomainError):
    """The price multiplier is outside 0.50 to 3.00."""

    code = "invalid_multiplier"


class ExitBeforeEntryError(DomainError):
    """The stay ends before it starts."""

    code = "exit_before_entry"


class NoPlanError(DomainError):
    """No plan of the tariff covers the start of a period."""

    code = "no_plan"


class TimeWithoutZoneError(DomainError):
    """A time was given without its offset from UTC."""

    code = "time_without_zone"


class TimeOutOfRangeError(DomainError):
    """A time lies outside the years that can be priced, or a stay is longer than anyone parks."""

    code = "time_out_of_range"
