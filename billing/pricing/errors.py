"""Errors of the pricing engine; their messages can be shown to anyone."""

from common.errors import DomainError


class InvalidTariffError(DomainError):
    """The tariff's rules are invalid; `errors` name every place."""

    code = "invalid_tariff"


class InvalidDiscountError(DomainError):
    """A discount has an unknown form or a value out of bounds; `errors` name every place."""

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
    """A time is outside the years that can be priced, or a stay is too long."""

    code = "time_out_of_range"
