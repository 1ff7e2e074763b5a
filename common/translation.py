"""Words, days and amounts in the active language; the texts of the pure cores, which know no Django, among them."""

from collections.abc import Iterable
from datetime import date, datetime

from babel.numbers import format_decimal
from django.utils.translation import get_language, gettext, override, to_locale

from common.money import format_money
from common.time import day_words, month_words
from common.words import Name, Text


def translated(text: str) -> str:
    """Return a text in the active language; only a `Text` has more than its English words."""
    if isinstance(text, Name):
        return inside(text.whole)
    if not isinstance(text, Text):
        return text
    if not text.values:
        return gettext(text.template)
    values = {name: translated(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return gettext(text.template) % values


def in_languages(text: str, languages: Iterable[str]) -> str:
    """Return a text in each of some languages, the same words once, with a stroke between them."""
    said = []
    for language in languages:
        with override(language):
            said.append(translated(text))
    return " / ".join(dict.fromkeys(said))


def inside(text: str) -> str:
    """Return a name or label as it is written inside a sentence: small, except in German, whose nouns are not."""
    return text if (get_language() or "").startswith("de") else text.lower()


def active_locale() -> str:
    """Return the active language as Babel names it, such as `de_CH`."""
    return to_locale(get_language() or "en")


def day_said(day: date) -> str:
    """Return a day in the active language: `28 Nov 2026`."""
    return day_words(day, active_locale())


def moment_said(local: datetime) -> str:
    """Return a day and the time on its own clock in the active language: `28 Nov 2026 14:05`."""
    return f"{day_said(local)} {local:%H:%M}"


def month_said(day: date) -> str:
    """Return the month of a day in the active language: `Nov 2026`."""
    return month_words(day, active_locale())


def metres_said(centimetres: int) -> str:
    """Return a length in metres in the active language: `2.20`."""
    return str(format_decimal(centimetres / 100, format="0.00", locale=active_locale()))


def money_said(amount: int, currency: str) -> str:
    """Return an amount in minor units in the active language: `CHF 5.00`."""
    return format_money(amount, currency, active_locale())
