"""What a new password may be, and that it is taken as it was typed."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.factories import make_user


@pytest.mark.parametrize("password", ["demo-parking", "Parking2026!", "garage-1234", "Parkhaus#77", "summer-2026-lot"])
def test_password_of_words_that_everybody_guesses_here_is_refused(password):
    with pytest.raises(ValidationError, match="easy to guess here"):
        validate_password(password)


@pytest.mark.parametrize(
    "password", ["kq7vmzrp", "73915048261", "ÄÖ ü 漢字 ' ; --", "parking my grandmother's tram", "x7" * 32]
)
def test_password_of_eight_and_of_many_characters_will_do(password):
    validate_password(password)


@pytest.mark.django_db
def test_password_is_compared_as_typed():
    person = make_user(password=" Zr8 kQ-ü ")
    for typed, signed_in in ((" Zr8 kQ-ü ", True), ("Zr8 kQ-ü", False), (" zr8 kq-ü ", False), (" Zr8 kQ-ü", False)):
        client = Client()
        client.post("/accounts/login/", {"login": person.email, "password": typed})
        assert ("_auth_user_id" in client.session) == signed_in
