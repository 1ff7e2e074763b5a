"""What second factors make their codes from is sealed in the database, and rolled with everything else."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import call_command
from django.db import connection

from accounts.sealed_factors import factors_left_to_seal, seal_factors_again
from common.sealing import SealBrokenError, is_sealed
from tests.factories import make_user

pytestmark = pytest.mark.django_db
OLD, NEW = "an old key of thirty-two letters", "a new key of thirty-two letters."
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def person(settings):
    settings.FIELD_KEYS = [OLD]
    return make_user("admin")


def stored(name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::jsonb ->> %s FROM mfa_authenticator WHERE data::jsonb ? %s", [name, name])
        return [value for (value,) in cursor.fetchall()]


def accepted(person):
    factor = TOTP(Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP))
    return factor.validate_code(format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time()))))


def test_codes_work_while_their_secrets_are_sealed_and_rolled(person, settings):
    TOTP.activate(person, SECRET)
    codes = RecoveryCodes.activate(person).generate_codes()
    assert [is_sealed(value) for name in ("secret", "seed") for value in stored(name)] == [True, True]
    assert factors_left_to_seal() == []

    settings.FIELD_KEYS = [NEW, OLD]
    said = StringIO()
    call_command("roll_field_keys", "--check", stdout=said)
    assert "mfa_authenticator: 2 rows are left" in said.getvalue()
    assert (seal_factors_again(), seal_factors_again()) == (2, 0)

    settings.FIELD_KEYS = [NEW]
    assert accepted(person)
    again = RecoveryCodes(Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES))
    assert again.generate_codes() == codes
    assert again.validate_code(codes[0])
    settings.FIELD_KEYS = ["a third key of thirty-two letters"]
    with pytest.raises(SealBrokenError):
        again.generate_codes()


def test_secrets_that_were_stored_before_are_sealed_and_keys_of_browsers_are_left(person):
    totp = Authenticator.objects.create(user=person, type="totp", data={"secret": SECRET})
    passkey = Authenticator.objects.create(user=person, type="webauthn", data={"name": "Phone", "secret": "public"})

    assert seal_factors_again() == 1

    totp.refresh_from_db()
    passkey.refresh_from_db()
    assert is_sealed(totp.data["secret"])
    assert passkey.data["secret"] == "public"
    assert accepted(person)


@pytest.mark.django_db(transaction=True)
def test_secret_that_somebody_holds_is_left_for_the_next_time(person):
    Authenticator.objects.create(user=person, type="totp", data={"secret": SECRET})
    other = connection.copy()
    try:
        other.set_autocommit(autocommit=False)
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM mfa_authenticator FOR UPDATE")
        assert seal_factors_again() == 0
        other.rollback()
    finally:
        other.close()
    assert seal_factors_again() == 1
