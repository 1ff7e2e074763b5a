"""Where the setting asks for it, admins set up a second factor before they reach anything else."""

import logging

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.entrance.sessions import client_of
from tests.factories import make_operator, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "o9Ujs!kd8-z"
SET_UP = "/accounts/2fa/?needed=1"
OF_ADMINS = ("/manage/", "/manage/people/", "/", "/me/", "/home/", "/admin/", "/desk/")


@pytest.fixture(autouse=True)
def _needed(settings):
    settings.SECOND_FACTOR = "admins"


@pytest.fixture
def admin():
    user = make_user("admin", make_operator(), password=PASSWORD)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def led_to(client, path):
    response = client.get(path)
    return response["Location"] if response.status_code == 302 else response.status_code


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_admin_reaches_nothing_before_and_everything_after(admin):
    client = client_of(admin)
    assert {led_to(client, path) for path in OF_ADMINS} == {SET_UP}
    assert client.post("/manage/people/invite/", {}).status_code == 302
    assert "needs a second factor" in client.get(SET_UP).content.decode()

    TOTP.activate(admin, "JBSWY3DPEHPK3PXP")
    assert led_to(client, "/manage/") == 200
    assert "needs a second factor" not in client.get("/accounts/2fa/").content.decode()


def test_superuser_reaches_the_back_office_only_with_one():
    root = User.objects.create_superuser("root@example.com", PASSWORD)
    client = client_of(root)
    assert led_to(client, "/admin/") == SET_UP
    TOTP.activate(root, "JBSWY3DPEHPK3PXP")
    assert led_to(client, "/admin/") == 200


def test_first_log_in_sets_one_up_and_the_next_asks_for_it(admin):
    client = Client()
    signed_in = client.post(reverse("account_login"), {"login": admin.email, "password": PASSWORD})
    assert led_to(client, signed_in["Location"]) == SET_UP
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    client.post(asked["Location"], {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert led_to(client, "/manage/") == 200

    again = Client()
    asked = again.post(reverse("account_login"), {"login": admin.email, "password": PASSWORD})
    assert asked["Location"].startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in again.session


def test_recovery_codes_alone_are_none(admin):
    Authenticator.objects.create(user=admin, type="recovery_codes", data={})
    assert led_to(client_of(admin), "/manage/") == SET_UP


def test_programs_of_an_admin_are_refused_and_told_why(admin):
    body = {"email": admin.email, "password": PASSWORD}
    signed_in = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json").json()
    program = Client(headers={"authorization": f"Bearer {signed_in['meta']['access_token']}"})
    for client in (program, client_of(admin)):
        refused = client.get("/api/v1/me")
        assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")

    TOTP.activate(admin, "JBSWY3DPEHPK3PXP")
    assert program.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("role", ["attendant", "driver"])
def test_others_need_none(role):
    person = make_user(None if role == "driver" else role, make_operator())
    assert led_to(client_of(person), "/me/" if role == "driver" else "/desk/") == 200


def test_nobody_needs_one_where_the_setting_is_off(admin, settings):
    settings.SECOND_FACTOR = "off"
    assert led_to(client_of(admin), "/manage/") == 200


def test_log_ins_and_refusals_are_logged_without_what_was_typed(admin, caplog):
    with caplog.at_level(logging.INFO):
        for typed in (admin.email, "secret-by-mistake@example.com"):
            Client().post(reverse("account_login"), {"login": typed, "password": "wrong-secret"})
        client = Client()
        client.post(reverse("account_login"), {"login": admin.email, "password": PASSWORD})
        client.post(reverse("account_logout"))
    told = [record.msg for record in caplog.records if record.name == "entrance.log_in_log"]
    assert [(one["event"], one["person"]) for one in told] == [
        ("sign_in_refused", admin.pk),
        ("sign_in_refused", None),
        ("signed_in", admin.pk),
        ("signed_out", admin.pk),
    ]
    assert "secret" not in str(told)
