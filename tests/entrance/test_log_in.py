"""Who may try a password how often, from where, and that every place that asks for one is the same log-in."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.factories import make_user

PASSWORD = "o9Ujs!kd8-z"
STRANGER, OWNER = "198.51.100.7", "203.0.113.9"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def person():
    user = make_user(password=PASSWORD)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


@pytest.fixture
def root():
    return User.objects.create_superuser("root@example.com", PASSWORD)


def try_page(email, password=PASSWORD, *, address=OWNER, path="/accounts/login/", **headers):
    client = Client(REMOTE_ADDR=address, headers=headers)
    response = client.post(path, {"login": email, "username": email, "password": password})
    return client, response


def try_program(email, password=PASSWORD, *, address=OWNER, **headers):
    client = Client(REMOTE_ADDR=address, headers=headers)
    body = {"email": email, "password": password}
    return client.post("/_allauth/app/v1/auth/login", body, content_type="application/json").status_code


def lets_in(email, **how):
    client, _response = try_page(email, **how)
    return "_auth_user_id" in client.session


def test_failures_of_a_stranger_keep_the_stranger_out_and_not_the_owner(person):
    for _ in range(12):
        try_page(person.email, "guess", address=STRANGER)

    assert not lets_in(person.email, address=STRANGER)
    assert lets_in(person.email, address=OWNER)


def test_failures_of_a_program_count_as_those_at_the_page(person):
    assert try_program(person.email) == 200
    for _ in range(12):
        try_program(person.email, "guess", address=STRANGER)

    assert try_program(person.email, address=STRANGER) != 200
    assert not lets_in(person.email, address=STRANGER)
    assert try_program(person.email) == 200


def test_behind_a_proxy_each_client_has_tries_of_its_own(person, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(12):
        # What the client itself puts in front changes nothing.
        forwarded = f"10.0.0.{number}, {STRANGER}"
        try_page(person.email, "guess", address="127.0.0.1", **{"X-Forwarded-For": forwarded})

    seen_by_proxy = {"address": "127.0.0.1"}
    assert not lets_in(person.email, **seen_by_proxy, **{"X-Forwarded-For": f"10.9.9.9, {STRANGER}"})
    assert lets_in(person.email, **seen_by_proxy, **{"X-Forwarded-For": OWNER})


def test_without_a_proxy_nobody_is_believed_about_the_own_address(person):
    for number in range(12):
        try_page(person.email, "guess", address=STRANGER, **{"X-Forwarded-For": f"10.0.0.{number}"})

    assert not lets_in(person.email, address=STRANGER, **{"X-Forwarded-For": "10.1.1.1"})


def test_addresses_of_one_network_share_their_tries(person):
    for number in range(12):
        try_page(person.email, "guess", address=f"2001:db8:1:2::{number:x}")

    assert not lets_in(person.email, address="2001:db8:1:2::ffff")
    assert lets_in(person.email, address="2001:db8:1:3::1")


def test_the_back_office_has_no_password_field_of_its_own(client, root):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1] == ("/accounts/login/?next=/admin/", 302)

    refused, response = try_page(root.email, path="/admin/login/")
    assert response["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in refused.session

    client, _response = try_page(root.email, path="/accounts/login/?next=/admin/")
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/login/").status_code == 302
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_the_back_office_asks_for_the_second_factor_of_whoever_has_one(root):
    TOTP.activate(root, generate_totp_secret())

    client, response = try_page(root.email, path="/accounts/login/?next=/admin/")

    assert response["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/admin/").status_code == 302


def test_somebody_without_rights_in_the_back_office_is_told_so(client, person):
    client.force_login(person)

    assert client.get("/admin/", follow=True).status_code == 403


def test_a_superuser_made_by_command_needs_no_mail_to_log_in(root):
    assert lets_in(root.email)
