"""Passwords made only of words that everybody guesses at a parking system, whatever digits stand around them."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = (
    *("attendant", "barrier", "carpark", "garage", "parken", "parkhaus", "parking", "parkplatz", "ticket"),
    *("admin", "demo", "login", "operator", "passwort", "password", "welcome", "willkommen"),
    *("spring", "summer", "autumn", "winter", "park", "gate", "car", "lot"),
)
"""The longer ones first where one begins with another."""
LETTERS_LEFT = 3
"""With so few letters beside the words, the digits are all there is to guess."""
_WORDS = re.compile("|".join(WORDS))
_OTHERS = re.compile(r"[\W\d_]+")


class OtherThanTradeWords:
    """A validator of Django for passwords."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 - Django's call
        """Refuse a password that has nothing but such words, digits and marks."""
        typed = _OTHERS.sub("", password.lower())
        if typed != (left := _WORDS.sub("", typed)) and len(left) <= LETTERS_LEFT:
            raise ValidationError(_("This password is easy to guess here."), code="password_of_trade_words")

    def get_help_text(self) -> str:
        """Say what is refused."""
        return _("This password is easy to guess here.")
