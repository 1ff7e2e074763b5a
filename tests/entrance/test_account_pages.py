"""Signing up, in and out, and the pages of one's own account: short, in this product's words, and never a dead end."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from notifications.models import Message
from notifications.rendering import render_message
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "o9Ujs!kd8"
STOCK = re.compile(
    r"Sign In|Sign Up|Signup|Sign Out|Verify Your|Bad Token|E-mail|Make Primary|Re-send|please|contact us|Log In|Are you sure",
)


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests():
    cache.clear()


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def sign_up(client, email="ada@example.com"):
    return client.post("/accounts/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD}, follow=True)


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("login/", "Sign in"),
        ("signup/", "Sign up"),
        ("confirm-email/", "Confirm your email address"),
        ("confirm-email/nonsense/", "This link no longer works"),
        ("password/reset/", "Forgot your password?"),
        ("password/reset/done/", "Check your email"),
        ("password/reset/key/a-b/", "This link no longer works"),
        ("password/reset/key/done/", "Your password is changed"),
        ("inactive/", "This account is switched off"),
    ],
)
def test_a_visitors_account_pages_have_our_words(client, path, heading):
    answer = client.get(f"/accounts/{path}", follow=True)

    assert f"<h1>{heading}</h1>" in answer.content.decode()
    assert STOCK.findall(text_of(answer)) == []


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("email/", "Email addresses"),
        ("password/change/", "Change password"),
        ("logout/", "Sign out"),
        ("sessions/", "Where you are signed in"),
        ("reauthenticate/", "Confirm that it is you"),
        ("2fa/", "Passkeys and two-factor sign-in"),
        ("2fa/totp/activate/", "Turn on the authenticator app"),
        ("2fa/webauthn/", "Passkeys"),
        ("2fa/webauthn/add/", "Add a passkey"),
    ],
)
def test_a_persons_account_pages_have_our_words(client, path, heading):
    user = make_user(password=PASSWORD)
    client.force_login(user)
    if "totp" in path or "add" in path:
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    answer = client.get(f"/accounts/{path}", follow=True)

    assert f"<h1>{heading}</h1>" in answer.content.decode()
    assert STOCK.findall(text_of(answer)) == []


def test_between_email_and_password_nothing_takes_tab(client):
    page = client.get("/accounts/login/").content.decode()
    page = page[page.index("<h1>") :]

    between = page[page.index('name="login"') : page.index('name="password"')]
    assert "<a " not in between
    assert page.index("Forgot your password?") > page.index('name="password"')


@pytest.mark.parametrize("path", ["signup/", "password/change/"])
def test_what_a_password_must_be_stands_below_its_field(client, path):
    if path != "signup/":
        client.force_login(make_user(password=PASSWORD))
    page = client.get(f"/accounts/{path}").content.decode()

    assert page.index('name="password1"') < page.index('id="password-rules"') < page.index('name="password2"')
    assert 'aria-describedby="password-rules id_password1_error"' in page
    assert "can’t be entirely numeric" not in page


def test_after_signing_up_the_address_is_shown_again_and_again(client):
    first = sign_up(client)
    again = client.get("/accounts/confirm-email/")

    for answer in (first, again):
        assert "We sent a link to ada@example.com" in text_of(answer)
        assert "Send again" in text_of(answer)
        assert "Use another address" in text_of(answer)


def test_signing_in_before_confirming_shows_the_address_too(client):
    sign_up(client)
    other = Client()

    answer = other.post("/accounts/login/", {"login": "ada@example.com", "password": PASSWORD}, follow=True)

    assert "We sent a link to ada@example.com" in text_of(answer)


def test_the_link_is_sent_again_and_not_too_often(client, settings):
    sign_up(client)
    answer = client.post("/accounts/confirm-email/again/", follow=True)
    assert "sent a moment ago" in text_of(answer)
    assert Message.objects.count() == 1

    cache.clear()
    answer = client.post("/accounts/confirm-email/again/", follow=True)

    assert Message.objects.count() == 2
    assert "The link was sent again." in text_of(answer)
    assert "We sent a link to ada@example.com" in text_of(answer)


def test_a_mistyped_address_is_corrected(client):
    sign_up(client, "ada@exmaple.com")

    answer = client.post("/accounts/confirm-email/other/", follow=True)

    assert 'value="ada@exmaple.com"' in answer.content.decode()
    assert "We sent a link to ada@example.com" in text_of(sign_up(client))
    assert User.objects.filter(email="ada@example.com").exists()


def test_an_address_with_an_account_looks_the_same(client):
    make_user(email="ada@example.com", password=PASSWORD)

    answer = sign_up(client)
    cache.clear()
    again = client.post("/accounts/confirm-email/again/", follow=True)

    assert "We sent a link to ada@example.com" in text_of(answer)
    assert "We sent a link to ada@example.com" in text_of(again)


@pytest.mark.parametrize("path", ["again/", "other/"])
def test_without_a_sign_up_there_is_nothing_to_send(client, path):
    answer = client.post(f"/accounts/confirm-email/{path}")

    assert answer.status_code == 302
    assert not Message.objects.exists()
    assert client.get(f"/accounts/confirm-email/{path}")["Location"] == "/accounts/confirm-email/"


def test_one_confirmed_address_needs_no_buttons(client):
    user = make_user(password=PASSWORD)
    client.force_login(user)
    page = client.get("/accounts/email/").content.decode()
    assert user.email in page
    assert "action_primary" not in page
    assert "action_remove" not in page
    assert "action_send" not in page

    EmailAddress.objects.create(user=user, email="second@example.com")
    page = client.get("/accounts/email/").content.decode()
    for action in ("action_primary", "action_remove", "action_send"):
        assert action in page


def test_account_mails_have_our_words(client):
    user = make_user(password=PASSWORD)
    sign_up(client, "new@example.com")
    client.post("/accounts/confirm-email/other/")
    client.post("/accounts/password/reset/", {"email": user.email})
    client.post("/accounts/password/reset/", {"email": "nobody@example.com"})

    mails = [render_message(message) for message in Message.objects.order_by("pk")]

    assert [mail.subject for mail in mails] == [
        "Parking: Confirm your email address",
        "Parking: Choose a new password",
        "Parking: No account has this address",
    ]
    for mail in mails:
        assert "http" in mail.body
        assert STOCK.findall(mail.body) == []
        assert "Hello from" not in mail.body


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "5",
        "[]",
        "{}",
        '{"response": 5}',
        '{"response": {"userHandle": "!"}}',
        '{"response": {"userHandle": "_w"}}',
    ],
)
def test_what_is_no_answer_of_a_passkey_is_refused_in_words(client, answer):
    user = make_user(password=PASSWORD)
    client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    refused = client.post("/accounts/2fa/webauthn/login/", {"credential": answer}, follow=True)
    assert refused.redirect_chain == [("/accounts/login/", 302)]
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/webauthn/add/")
    added = client.post("/accounts/2fa/webauthn/add/", {"credential": answer, "passwordless": "True", "name": "x"})
    assert "Not saved: " in text_of(added)
    assert not user.authenticator_set.exists()
