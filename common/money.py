"""Money as integers in minor units: exact rounding, formatting and parsing."""

import re
from decimal import Decimal
from fractions import Fraction

from babel.core import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, format_currency, is_currency, parse_decimal

from common.errors import DomainError
from common.words import text as _

LARGEST_AMOUNT = 10**12
MINUS = "\u2212"
"""The minus that is as wide as a plus, as people read it."""
USUAL_EXPONENT = 2
EXPONENTS = {
    code: exponent
    for exponent, codes in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for code in codes.split()
}
"""The currencies of ISO 4217 whose minor unit is not a hundredth."""


class InvalidAmountError(DomainError):
    """The text is not an amount of this currency."""

    code = "invalid_amount"


class UnknownCurrencyError(DomainError):
    """No currency has this code."""

    code = "unknown_currency"


def round_half_up(value: Fraction | Decimal | int) -> int:
    """Round to the nearest integer, a half towards the larger one, without passing through floats."""
    exact = Fraction(value)
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def rounded_to(amount: int, step: int) -> int:
    """Round an amount to a multiple of the smallest coin, a half up; a step of 0 or 1 changes nothing."""
    return round_half_up(Fraction(amount, step)) * step if step > 1 else amount


def currency_exponent(currency: str) -> int:
    """Return how many decimal places the currency's minor unit stands for, by ISO 4217.

    Card providers use it. CLDR's digits differ: they are those in which prices are usually shown.
    Raises `UnknownCurrencyError`.
    """
    if not is_currency(currency):
        raise UnknownCurrencyError(_("There is no such currency. Use its three-letter code, such as CHF or EUR."))
    return EXPONENTS.get(currency, USUAL_EXPONENT)


def same_figure(amount: int, currency: str, other: str) -> int:
    """Return the same number of major units of another currency, in its minor units."""
    if currency == other:
        return amount
    return int(Decimal(amount).scaleb(currency_exponent(other) - currency_exponent(currency)))


def format_money(amount_minor: int, currency: str, locale: str | Locale = "en") -> str:
    """Format an amount with its currency for a locale, to be read by people.

    An unknown locale is shown as English. Raises `UnknownCurrencyError`.
    """
    exponent, known = currency_exponent(currency), _known_locale(locale)
    value = Decimal(amount_minor).scaleb(-exponent)
    # The locale's own pattern, with the digits of the minor unit instead of CLDR's.
    digits = f"0.{'0' * exponent}".rstrip(".")
    pattern = known.currency_formats["standard"].pattern.replace("0.00", digits)
    text = format_currency(value, currency, pattern, locale=known, currency_digits=False)
    # CLDR sets a space between a currency's letters and its digits, which Babel leaves out.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", text).replace("-", MINUS)


def format_amount(amount_minor: int, currency: str) -> str:
    """Format an amount as it is typed: a point and the currency's decimals."""
    exponent = currency_exponent(currency)
    return f"{Decimal(amount_minor).scaleb(-exponent):.{exponent}f}"


def parse_money(text: str, currency: str, locale: str | Locale = "en") -> int:
    """Parse a typed amount into minor units.

    The locale's own separators are understood; a single point or comma before at most the currency's decimals is
    a decimal separator in any locale. Raises `InvalidAmountError` for anything else, negative or finer than the
    minor unit, and `UnknownCurrencyError`.
    """
    exponent = currency_exponent(currency)
    value = _typed_decimal(text.strip(), exponent, _known_locale(locale))
    minor = value.scaleb(exponent)
    if minor != minor.to_integral_value() or not 0 <= minor <= LARGEST_AMOUNT:
        whole = _("Enter an amount without decimals.")
        finer = _("Enter an amount with at most %(decimals)s decimals.", decimals=exponent)
        raise InvalidAmountError(finer if exponent else whole)
    return int(minor)


def _typed_decimal(text: str, exponent: int, locale: Locale) -> Decimal:
    whole, separator, decimals = text.replace(",", ".").partition(".")
    plain = whole.isascii() and whole.isdigit() and len(whole) <= len(str(LARGEST_AMOUNT))
    if plain and not separator:
        return Decimal(whole)
    if plain and decimals.isascii() and decimals.isdigit() and len(decimals) <= exponent:
        return Decimal(f"{whole}.{decimals}")
    if any(character.isalpha() for character in text):
        raise InvalidAmountError(_("Enter an amount, such as 12.50."))
    try:
        value = parse_decimal(text, locale=locale, strict=True)
    except NumberFormatError as error:
        raise InvalidAmountError(_("Enter an amount, such as 12.50.")) from error
    if not value.is_finite() or value.adjusted() > len(str(LARGEST_AMOUNT)):
        raise InvalidAmountError(_("Enter an amount, such as 12.50."))
    return value


def _known_locale(locale: str | Locale) -> Locale:
    try:
        return Locale.parse(locale, sep="-" if "-" in str(locale) else "_")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
