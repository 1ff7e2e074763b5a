import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.plates import (
    CONFUSABLE_CLASSES,
    NO_PLATE_WORDS,
    ControlCharacterError,
    PlateError,
    PlateTooLongError,
    as_typed,
    confusable,
    none_words,
    normalise,
    normalise_reading,
    skeleton,
    visible,
)

TEXT = st.text(max_size=20)


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("ZH 123456", "ZH123456"),
        ("zh-123·456", "ZH123456"),
        ("🚗 ZH 123456 🇨🇭", "ZH123456"),
        ("MÜ-AB 12", "MUAB12"),
        ("straße", "STRASSE"),
        ("ＡＢ１２", "AB12"),  # full-width
        ("١٢٣ هيو", "123هيو"),
        ("京A·12345", "京A12345"),
        ("Ⅻ²", "XII2"),
        ("ZH\u200b12", "ZH12"),  # a zero-width space separates nothing
        ("A" * 15, "A" * 15),
    ],
)
def test_plate_is_normalised(text, plate):
    assert normalise(text) == plate


@pytest.mark.parametrize("text", [None, "", "  -- ", "🚗"])
def test_plate_without_content_is_unreadable(text):
    assert normalise(text) is None


@pytest.mark.parametrize("text", ["ZH\n12", "\x00", "ZH12\x7f", "\t", "ZH\x8512", "ZH\ud800"])
def test_control_characters_are_refused(text):
    with pytest.raises(ControlCharacterError) as refused:
        normalise(text, path="candidates[0].plate")
    assert (refused.value.status, refused.value.errors[0].path) == (422, "candidates[0].plate")


@pytest.mark.parametrize("text", ["A" * 16, "A" * 200, "-" * 200])
def test_long_plate_is_refused(text):
    with pytest.raises(PlateTooLongError) as refused:
        normalise(text)
    assert (refused.value.status, refused.value.errors[0].path) == (422, "plate")


@pytest.mark.parametrize("text", ["MUELLER TRANSPORTE", "A" * 16, "A" * 64, "NOPLATE", "UNKNOWN", "  "])
def test_lettering_and_words_for_none_are_unreadable_and_no_error(text):
    assert normalise_reading(text, none_words=NO_PLATE_WORDS) is None


def test_reading_longer_than_lettering_is_refused():
    with pytest.raises(PlateTooLongError):
        normalise_reading("A" * 65, none_words=NO_PLATE_WORDS)


def test_words_for_none_are_compared_as_plates_are():
    assert none_words(["keins", "No Plate", "…"]) == {"KEINS", "NOPLATE"}


@pytest.mark.parametrize("text", sorted(NO_PLATE_WORDS))
def test_what_a_person_types_is_a_plate_whatever_it_says(text):
    assert normalise(text.lower()) == text


def test_words_for_none_are_those_of_the_camera():
    assert normalise_reading("KEINS", none_words=frozenset({"KEINS"})) is None
    assert normalise_reading("NONE 1", none_words=frozenset({"KEINS"})) == "NONE1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("АА1234ВС", "AA1234BC"),  # Cyrillic in, Latin out
        ("ΑΒΕ 1234", "ABE 1234"),  # Greek
        ("\u06a9\u06cc 12", "\u0643\u064a 12"),  # Persian and Arabic
        ("ОО 1", "00 1"),  # a Cyrillic letter of a confusable class
    ],
)
def test_letters_that_look_alike_have_one_skeleton(one, other):
    assert normalise(one) != normalise(other)
    assert skeleton(normalise(one)) == skeleton(normalise(other))


def test_what_is_not_seen_is_not_shown():
    assert visible("\u202eZH\u200b 1\ufeff") == "ZH 1"
    assert as_typed("zh\u200b 1") == "ZH 1"


@given(TEXT)
def test_normalising_is_total_and_changes_nothing_the_second_time(text):
    try:
        plate = normalise(text)
    except PlateError:
        return
    assert normalise(plate) == plate
    assert plate is None or 1 <= len(plate) <= 15


@given(TEXT)
def test_separators_and_case_make_no_difference(text):
    try:
        plate = normalise(text)
    except PlateError:
        return
    assert normalise(f"{text[:3]} - {text[3:]}") == plate
    assert plate is None or normalise(plate.lower()) in {plate, normalise(plate.lower().upper())}


@pytest.mark.parametrize(
    ("plate", "folded"), [("ODQ0", "0000"), ("LI1", "111"), ("ZSGBV", "2568U"), ("ACE347", "ACE347")]
)
def test_skeleton_folds_each_class_to_its_first(plate, folded):
    assert skeleton(plate) == folded


def test_confusable_pairs_are_those_of_one_class():
    for group in CONFUSABLE_CLASSES:
        assert all(confusable(one, other) for one in group for other in group)
    assert not confusable("O", "I")
    assert not confusable("A", "B")


@pytest.mark.parametrize(
    ("typed", "kept"), [("zg 4711", "ZG 4711"), ("  zh  123 456 ", "ZH 123 456"), ("м 123", "М 123"), ("ZH-1", "ZH-1")]
)
def test_typed_plate_is_kept_in_capitals(typed, kept):
    assert as_typed(typed) == kept
