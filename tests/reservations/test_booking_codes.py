import random

import pytest

from reservations.booking_codes import InvalidBookingCodeError, new_booking_code, parse_booking_code


def test_code_is_read_as_it_was_made_and_as_people_type_it():
    code = new_booking_code(random.Random(1).randrange)

    assert code.startswith("BK-")
    assert len(code) == 13
    for typed in (code, code.lower(), code.removeprefix("BK-"), f" {code[:6]} {code[6:]}\n"):
        assert parse_booking_code(typed) == code


@pytest.mark.parametrize("typed", ["", "BK-123", "PS-123456789D", "BK-123456789E"])
def test_other_text_is_refused(typed):
    with pytest.raises(InvalidBookingCodeError):
        parse_booking_code(typed)
