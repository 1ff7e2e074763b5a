"""What the displays of a lot speak."""

from django.conf import settings

from lots.models import Lot


def languages_of(lot: Lot) -> list[str]:
    """Return the languages of a lot's displays, at least one: its own, else the installation's, and its second."""
    first = lot.language or settings.LANGUAGE_CODE
    return [first, lot.second_language] if lot.second_language else [first]
