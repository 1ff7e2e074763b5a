"""What people say of themselves."""

import pytest
from django.db import IntegrityError

from accounts.models import User
from accounts.profiles import PhoneError, change_profile, normalised_phone
from tests.factories import make_user

SAID = {"name": "Ada", "address": "Bahnhofstrasse 1\nZürich", "postal_code": "8001", "locale": "en-CH"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+41 79 123 45 67", "+41791234567"),
        ("0041-79/123.45.67", "+41791234567"),
        ("+44 (0) 20 7946 0000", "+442079460000"),
        ("  ", ""),
        ("079 123 45 67", None),
        ("+41", None),
        ("+0791234567", None),
        ("+41 79 123 45 67 89 01 2", None),
        ("call me", None),
    ],
)
def test_phone_is_kept_with_its_country_code(typed, kept):
    if kept is None:
        with pytest.raises(PhoneError) as refused:
            normalised_phone(typed)
        assert [error.path for error in refused.value.errors] == ["phone"]
    else:
        assert normalised_phone(typed) == kept


@pytest.mark.django_db
def test_profile_keeps_what_was_said_and_the_database_a_phone_that_can_be_called():
    person = make_user()
    change_profile(person=person, values={**SAID, "phone": "+41 79 123 45 67", "timezone": "Europe/Zurich"})
    assert User.objects.filter(pk=person.pk, phone="+41791234567", timezone="Europe/Zurich", **SAID).exists()
    with pytest.raises(IntegrityError, match="user_phone_with_its_country_code"):
        User.objects.filter(pk=person.pk).update(phone="079")
