"""Many passwords, on one account or on many: few are looked at, and the account's owner is told."""

from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from notifications.models import Message
from tests.factories import make_user

PASSWORD = "o9Ujs!kd8-z"
HOME = "203.0.113.9"

pytestmark = pytest.mark.django_db


MANY = pytest.mark.parametrize("tries", [120, pytest.param(1000, marks=pytest.mark.proof)])


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def looked_at():
    """Count the passwords that are compared with an account's."""
    with patch.object(User, "check_password", autospec=True, side_effect=User.check_password) as check:
        yield check


def make_person(email=None):
    user = make_user(password=PASSWORD, **({"email": email} if email else {}))
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def try_in(email, password, *, address):
    body = {"email": email, "password": password}
    client = Client(REMOTE_ADDR=address)
    return client.post("/_allauth/app/v1/auth/login", body, content_type="application/json").status_code


def stuff(tries):
    for number, (email, address) in enumerate(tries):
        assert try_in(email, f"guess {number}", address=address) in {400, 401, 429}


@MANY
def test_passwords_from_many_addresses_on_one_account(looked_at, tries):
    person = make_person()
    assert try_in(person.email, PASSWORD, address=HOME) == 200
    assert UserSession.objects.filter(user=person, ip=HOME).exists()
    looked_at.reset_mock()

    stuff((person.email.upper(), f"198.51.{number % 250}.1") for number in range(tries))

    assert looked_at.call_count == 20
    assert try_in(person.email, PASSWORD, address="192.0.2.1") == 400, "not even the right one, from a strange place"
    assert try_in(person.email, PASSWORD, address=HOME) == 200, "its owner gets in where the account is used"
    assert [one.recipient for one in Message.objects.filter(template="password_tries")] == [person.email]


@MANY
def test_passwords_from_one_address_on_many_accounts(looked_at, tries):
    people = [make_person(f"person-{number}@example.com") for number in range(20)]

    stuff((people[number % 20].email, "198.51.100.1") for number in range(tries))

    assert looked_at.call_count == 10
    assert not Message.objects.filter(template="password_tries").exists(), "none of them had many"
    assert try_in(people[0].email, PASSWORD, address="192.0.2.1") == 200


def test_who_mistypes_a_few_times_hears_nothing_and_strangers_are_not_mailed():
    person = make_person()
    stuff([(person.email, HOME)] * 4)
    assert not Message.objects.exists()

    stuff([("nobody@example.com", f"198.51.{number}.1") for number in range(8)])
    assert not Message.objects.exists()

    stuff([(person.email, "198.51.1.1")])
    message = Message.objects.get()
    assert message.context["place"] == "198.51.1.1"
