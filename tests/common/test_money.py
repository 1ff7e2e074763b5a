"""Exact rounding, and amounts as people read and type them."""

import unicodedata
from decimal import Decimal
from fractions import Fraction

import iso4217
import pytest
from babel.numbers import is_currency
from hypothesis import given
from hypothesis import strategies as st

from common.money import (
    InvalidAmountError,
    UnknownCurrencyError,
    currency_exponent,
    format_money,
    parse_money,
    round_half_up,
)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Decimal("2.4999999999999999999999999"), 2),
        (Decimal("0.5"), 1),
        (Fraction(-1, 2), 0),
        (7, 7),
    ],
)
def test_round_half_up_rounds_halves_upwards(value, rounded):
    assert round_half_up(value) == rounded


@given(st.fractions())
def test_round_half_up_stays_within_half(value):
    assert -Fraction(1, 2) < round_half_up(value) - value <= Fraction(1, 2)


PUBLISHED = sorted(
    (one.code, one.exponent) for one in iso4217.Currency if one.exponent is not None and is_currency(one.code)
)


@pytest.mark.parametrize(("currency", "exponent"), PUBLISHED)
def test_every_currency_counts_in_the_minor_unit_of_iso_4217(currency, exponent):
    assert currency_exponent(currency) == exponent
    for locale in ("en", "de-CH", "ar", "fa", "hi"):
        shown = format_money(12345 * 10**exponent + 1, currency, locale)
        assert sum(unicodedata.category(character) == "Nd" for character in shown) == 5 + exponent
    assert parse_money("7", currency) == 7 * 10**exponent


def test_most_of_the_published_currencies_are_known():
    assert len(PUBLISHED) > 150
    assert {"RSD", "ALL", "LBP", "IQD", "CHF", "JPY"} <= {code for code, _ in PUBLISHED}


@pytest.mark.parametrize("currency", ["ABC", "chf", "", "€"])
def test_unknown_currency_is_refused(currency):
    with pytest.raises(UnknownCurrencyError):
        format_money(100, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (123456, "USD", "en_US", "$1,234.56"),
        (123456, "EUR", "de", "1.234,56\u00a0€"),
        (1234, "JPY", "en", "¥1,234"),
        (-50, "USD", "en", "−$0.50"),
        (1234, "KWD", "de", "1,234\u00a0KWD"),
        (120050, "RSD", "en", "RSD\u00a01,200.50"),
        (1250, "ALL", "de", "12,50\u00a0ALL"),
        (150000, "LBP", "en", "LBP\u00a01,500.00"),
        (250500, "IQD", "en", "IQD\u00a0250.500"),
        (-250500, "IQD", "en", "−IQD\u00a0250.500"),
        (1500, "KRW", "ko", "₩1,500"),
        (100, "EUR", "de-DE", "1,00\u00a0€"),
        (100, "EUR", "no such locale", "€1.00"),
    ],
)
def test_format_money_follows_the_locale(amount, currency, locale, text):
    assert format_money(amount, currency, locale) == text


@pytest.mark.parametrize(
    ("text", "currency", "locale", "amount"),
    [
        ("12.50", "CHF", "en", 1250),
        (" 12,5 ", "CHF", "en", 1250),
        ("12", "CHF", "de", 1200),
        ("0", "CHF", "en", 0),
        ("1,234.50", "USD", "en", 123450),
        ("1.234,50", "EUR", "de", 123450),
        ("1’234.50", "CHF", "de_CH", 123450),
        ("1,234", "JPY", "en", 1234),
        ("1.234", "KWD", "en", 1234),
        ("٣", "CHF", "en", 300),
    ],
)
def test_parse_money_reads_what_people_type(text, currency, locale, amount):
    assert parse_money(text, currency, locale) == amount


@pytest.mark.parametrize(
    "text", ["", "abc", "-5", "1.234", "1..2", "1e5", "NaN", "Infinity", "9" * 400, "1 2", "12.5.0"]
)
def test_parse_money_refuses_what_is_no_amount(text):
    with pytest.raises(InvalidAmountError):
        parse_money(text, "CHF", "en")


@given(st.text())
def test_parse_money_raises_nothing_but_its_refusal(text):
    amount = 0
    try:
        amount = parse_money(text, "CHF", "en")
    except InvalidAmountError:
        return
    assert amount >= 0


@given(st.integers(0, 10**10), st.sampled_from(["CHF", "JPY", "KWD"]))
def test_plain_amounts_are_read_exactly(amount, currency):
    exponent = currency_exponent(currency)
    assert parse_money(str(Decimal(amount).scaleb(-exponent)), currency, "en") == amount
