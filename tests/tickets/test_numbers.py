import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.crockford import ALPHABET, check_character
from tickets.numbers import (
    InvalidNumberError,
    names_token,
    new_number,
    parse_number,
    parse_reference,
)

BODIES = st.text(ALPHABET, min_size=9, max_size=9)
NUMBERS = BODIES.map(lambda body: f"PS-{body}{check_character(body)}")


def test_check_character_is_the_odd_weighted_sum():
    # 1×1 + 3×2 + 5×3 + 7×4 + 9×5 + 11×6 + 13×7 + 15×8 + 17×9 = 525 = 16×32 + 13
    assert check_character("123456789") == "D"


def test_new_number_draws_nine_characters_and_checks_them():
    number = new_number(random.Random(1).randrange)
    assert parse_number(number) == number
    assert len(number) == 13
    assert new_number(lambda _: 0) == "PS-0000000000"


@pytest.mark.parametrize(
    "typed",
    [
        "PS-123456789D",
        "ps-123456789d",
        "123456789D",
        "PSL23456789D",
        "ps i2345-6789-d",
        "--PS-123456789D ",
        "PS–123456789D\r\n",
        "PS-12345\u00a06789D",
        "\u200bPS-123456789D\ufeff",
    ],
)
def test_typing_is_forgiven(typed):
    assert parse_number(typed) == "PS-123456789D"


def test_letter_o_is_read_as_zero():
    assert parse_number("PS-OOOOOOOOOO") == "PS-0000000000"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "PS-",
        "PS-123456789",
        "PS-123456789DD",
        "PS-123456789U",
        "PS-123456789E",
        "PS-12345678é",
        "XX-123456789D",
        "١" * 10,
    ],
)
def test_no_number_is_refused(typed):
    with pytest.raises(InvalidNumberError) as refused:
        parse_number(typed)
    assert refused.value.status == 422


@given(NUMBERS, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_found(number, place, character):
    at = len("PS-") + place
    typed = number[:at] + character + number[at + 1 :]
    if typed == number:
        assert parse_number(typed) == number
    else:
        with pytest.raises(InvalidNumberError):
            parse_number(typed)


@given(st.text())
def test_parsing_is_total(text):
    with suppress(InvalidNumberError):
        assert parse_number(text).startswith("PS-")


TOKEN = "xzSIjEj6oVUbYSfBra0ZhQ"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("ps 123456789d\n", "PS-123456789D"),
        (TOKEN, TOKEN),
        (f"  {TOKEN}\r\n", TOKEN),
        (f"https://parking.example/t/{TOKEN}", TOKEN),
        (f"https://parking.example/t/{TOKEN}?from=qr", TOKEN),
        ("http://127.0.0.1:8000/pay/PS-123456789D/", "PS-123456789D"),
    ],
)
def test_number_token_and_link_are_understood(text, reference):
    assert parse_reference(text) == reference
    assert names_token(text) == (reference == TOKEN)


@given(st.text())
def test_any_text_is_a_reference_or_refused(text):
    with suppress(InvalidNumberError):
        assert parse_reference(parse_reference(text)) == parse_reference(text)
