"""A driver signs up, confirms the address, makes a passkey, signs in with it alone, and deletes the account."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.models import User
from notifications.models import Message
from notifications.rendering import render_message
from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMAIL, PASSWORD = "ada@example.com", "o9Ujs!kd8"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def phone(browser, live_server):
    """A phone that holds passkeys."""
    cache.clear()
    context = browser.new_context(viewport=PHONE, base_url=live_server.url)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page
    context.close()


def sign_up(phone):
    phone.goto("/accounts/signup/")
    phone.get_by_label("Email").fill(EMAIL)
    phone.locator("#id_password1").fill(PASSWORD)
    phone.locator("#id_password2").fill(PASSWORD)
    phone.locator("#id_password2").press("Enter")
    expect(phone.get_by_text(f"We sent a link to {EMAIL}")).to_be_visible()
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", render_message(Message.objects.get()).body)
    phone.goto(link[1])
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_role("heading", name="My parking")).to_be_visible()


def confirm_by_password(phone):
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_label("Password", exact=True).press("Enter")


def test_a_driver_signs_up_makes_a_passkey_and_signs_in_with_it(phone, flaws):
    sign_up(phone)
    phone.get_by_role("link", name=re.compile("^Your account")).click()
    phone.get_by_label("Name").fill("Ada")
    phone.get_by_label(re.compile("^Phone")).fill("0041 79 123 45 67")
    phone.get_by_role("button", name="Save").click()
    confirm_by_password(phone)
    expect(phone.get_by_label(re.compile("^Phone"))).to_have_value("+41791234567")
    found = flaws(phone)

    phone.set_viewport_size(PHONE)
    phone.get_by_role("link", name="Passkeys and two-factor sign-in").click()
    phone.get_by_role("link", name="Add a passkey").click()
    found += flaws(phone)
    phone.get_by_role("button", name="Make the passkey").click()
    expect(phone.get_by_text("The passkey is saved.")).to_be_visible()
    phone.goto("/accounts/2fa/webauthn/")
    found += flaws(phone)

    phone.set_viewport_size(PHONE)
    phone.get_by_role("button", name="Sign out").click()
    phone.goto("/accounts/login/")
    found += flaws(phone)
    phone.get_by_role("button", name="Sign in with a passkey").click()
    expect(phone.get_by_role("heading", name="My parking")).to_be_visible()
    assert found == []


def test_a_password_needs_the_passkey_as_a_second_step_and_a_cancelled_one_says_so(phone, flaws):
    sign_up(phone)
    phone.goto("/accounts/2fa/webauthn/add/")
    confirm_by_password(phone)
    phone.get_by_role("button", name="Make the passkey").click()
    expect(phone.get_by_text("The passkey is saved.")).to_be_visible()
    phone.get_by_role("button", name="Sign out").click()

    phone.goto("/accounts/login/")
    phone.get_by_label("Email").fill(EMAIL)
    confirm_by_password(phone)
    expect(phone.get_by_role("heading", name="Second step")).to_be_visible()
    assert flaws(phone) == []
    phone.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    phone.get_by_role("button", name="Use a passkey").click()
    expect(phone.get_by_text("The passkey was not used. Try again")).to_be_visible()
    phone.reload()
    phone.get_by_role("button", name="Use a passkey").click()
    expect(phone.get_by_role("heading", name="My parking")).to_be_visible()

    phone.goto("/me/account/delete/")
    phone.get_by_role("link", name=re.compile("passkey")).click()
    phone.get_by_role("button", name="Use a passkey").click()
    phone.get_by_label("Delete my account for good").check()
    phone.get_by_role("button", name="Delete my account").click()
    expect(phone.get_by_text("Your account is deleted")).to_be_visible()
    assert not User.objects.filter(email=EMAIL).exists()
