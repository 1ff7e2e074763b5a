"""What people say of themselves."""

import pytest

from accounts.models import User
from accounts.profiles import change_profile
from common.phones import PhoneError
from tests.factories import make_user

SAID = {"name": "Ada", "address": "Bahnhofstrasse 1\nZürich", "postal_code": "8001", "locale": "en-CH"}


@pytest.mark.django_db
def test_profile_keeps_what_was_said_and_a_phone_that_can_be_called():
    person = make_user()
    change_profile(person=person, values={**SAID, "phone": "+41 79 123 45 67", "timezone": "Europe/Zurich"})
    kept = User.objects.filter(pk=person.pk).values("phone", "timezone", *SAID).get()
    assert kept == {"phone": "+41791234567", "timezone": "Europe/Zurich", **SAID}
    for typed in ("079 123 45 67", "+41", "+0791234567", "+41 79 123 45 67 89 01 2", "call me"):
        with pytest.raises(PhoneError) as refused:
            change_profile(person=person, values={"phone": typed})
        assert [error.path for error in refused.value.errors] == ["phone"]
    assert change_profile(person=person, values={"phone": "0041-79/123.45.67"}).phone == "+41791234567"
    assert change_profile(person=person, values={"phone": ""}).phone == ""
