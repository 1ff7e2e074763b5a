"""Plates that people type: they need letters or digits."""

from django.utils.translation import gettext as _

from common.errors import DomainError, FieldError
from common.plates import normalise


class UnreadablePlateError(DomainError):
    """The text has no letters or digits, or cameras send it for every car without a plate."""

    code = "unreadable_plate"


def normalised_plate(plate: str) -> str:
    """Return a plate as it is compared. Raises PlateError or UnreadablePlateError."""
    normalised = normalise(plate)
    if normalised is None:
        message = _("Enter the letters and digits of the plate.")
        raise UnreadablePlateError(message, errors=[FieldError("plate", message)])
    return normalised
