"""A driver pays on a phone: the whole way, also in the dark and without JavaScript."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from tests.billing.local_stripe import KEY, local_stripe
from tests.factories import make_lot, make_ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def ticket():
    return make_ticket(make_lot(name="Central Garage"), entry_at=now() - dt.timedelta(hours=2, minutes=30))


@pytest.fixture(
    params=[{}, {"color_scheme": "dark"}, {"java_script_enabled": False}], ids=["light", "dark", "no script"]
)
def phone(browser, request):
    context = browser.new_context(**PHONE, **request.param)
    yield context.new_page()
    context.close()


def test_driver_pays_after_a_declined_card(live_server, phone, ticket):
    phone.goto(f"{live_server.url}/pay/")
    phone.get_by_label("Ticket number").fill(ticket.number.lower())
    phone.get_by_role("button", name="Show what I owe").click()
    expect(phone.get_by_role("row", name="Total")).to_contain_text("9.00")

    phone.get_by_label("Visa ending 0002").check()
    phone.get_by_role("button", name="Pay CHF 9.00").click()
    expect(phone.get_by_role("alert")).to_contain_text("declined and nothing was taken")

    phone.get_by_label("Visa ending 4242").check()
    phone.get_by_role("button", name="Pay CHF 9.00").click()
    expect(phone.get_by_role("heading", name="Paid. Drive out by")).to_be_visible()

    phone.get_by_role("link", name="Receipt").click()
    expect(phone.get_by_role("heading", name=re.compile(r"Receipt R-\d{4}-000001"))).to_be_visible()


def name_car(page, ticket):
    entered = ticket.entry_at.astimezone(ZoneInfo(ticket.lot.timezone))
    page.get_by_label("Plate").fill("zh123456")
    page.get_by_label("Day on which you came").fill(f"{entered:%Y-%m-%d}")
    page.get_by_label("About when did you come?").fill(f"{entered:%H:%M}")
    page.get_by_role("button", name="Show what I owe").click()


def test_driver_without_a_ticket_pays_by_plate(live_server, phone, ticket):
    phone.goto(f"{live_server.url}/pay/{ticket.lot.slug}/")
    name_car(phone, ticket)
    expect(phone.get_by_role("heading", name="To pay CHF 9.00")).to_be_visible()

    phone.get_by_role("button", name="Pay CHF 9.00").click()
    expect(phone.get_by_role("heading", name="Paid. Drive out by")).to_be_visible()


def test_pages_of_paying_by_plate_are_accessible_fit_and_count_down(live_server, page, ticket, flaws):
    found = {}
    page.goto(f"{live_server.url}/pay/{ticket.lot.slug}/")
    found["asked"] = flaws(page)
    name_car(page, ticket)
    found["fee"] = flaws(page)
    page.get_by_role("button", name="Pay CHF").click()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"1[0-5]:\d\d left"))
    found["paid"] = flaws(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_payment_pages_are_accessible_and_fit(live_server, page, ticket, flaws):
    found = {}
    for name, path in [("find", "/pay/"), ("wrong", "/pay/?number=x"), ("owed", f"/pay/{ticket.token}/")]:
        page.goto(live_server.url + path)
        found[name] = flaws(page)
    page.get_by_role("button", name="Pay").click()
    found["paid"] = flaws(page)
    page.get_by_role("link", name="Receipt").click()
    found["receipt"] = flaws(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_page_follows_a_payment_made_elsewhere(live_server, page, ticket, client):
    page.goto(f"{live_server.url}/pay/{ticket.token}/")
    client.post(f"/pay/{ticket.token}/", {"token": "tok_ok", "key": "elsewhere", "amount": 900, "receipt_email": ""})

    page.evaluate("htmx.ajax('GET', document.querySelector('[data-live]').getAttribute('hx-get'), '[data-live]')")

    expect(page.get_by_role("heading", name="Paid. Drive out by")).to_be_visible()


def test_the_button_says_that_the_bank_is_asked_and_takes_no_second_press(live_server, page, ticket):
    page.goto(f"{live_server.url}/pay/{ticket.token}/")
    # The browser shows nothing of a page while it waits for the next one, so what would be sent is counted and kept here.
    page.evaluate(
        "window.sent = 0; window.addEventListener('submit', (e) => { sent += !e.defaultPrevented; e.preventDefault(); })"
    )

    page.get_by_role("button", name="Pay CHF").click()

    button = page.get_by_role("button", name="Asking your bank…")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    assert page.evaluate("sent") == 1


def test_a_card_that_asks_its_owner_is_agreed_to_at_the_bank(live_server, phone, ticket):
    phone.goto(f"{live_server.url}/pay/{ticket.token}/")
    phone.get_by_label("Visa ending 3220").check()
    phone.get_by_role("button", name="Pay CHF 9.00").click()
    expect(phone.get_by_role("heading", name="Simulated bank")).to_be_visible()
    phone.get_by_role("button", name="Refuse").click()
    expect(phone.get_by_role("alert")).to_contain_text("declined and nothing was taken")

    phone.get_by_label("Visa ending 3220").check()
    phone.get_by_role("button", name="Pay CHF 9.00").click()
    phone.get_by_role("button", name="Agree").click()

    expect(phone.get_by_role("heading", name="Paid. Drive out by")).to_be_visible()


STRIPES_SCRIPT = """
window.Stripe = key => ({
  createEmbeddedCheckoutPage: async ({ fetchClientSecret }) => {
    const secret = await fetchClientSecret();
    return { mount: place => { place.textContent = `${key} ${secret}`; } };
  },
});
"""
"""Stands for Stripe's own script, with what ours calls of it."""


@pytest.fixture
def stripes_form(settings):
    with local_stripe() as books:
        settings.PAYMENT_PROVIDERS, settings.STRIPE_API_BASE = ["stripe"], books.base
        settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = KEY, "pk_test_local"
        yield books


def test_an_embedded_form_gets_its_secret_and_leads_back(live_server, page, ticket, stripes_form):
    page.route(
        "https://js.stripe.com/**", lambda call: call.fulfill(body=STRIPES_SCRIPT, content_type="text/javascript")
    )
    page.goto(f"{live_server.url}/pay/{ticket.token}/")
    page.get_by_role("button", name="Pay").click()
    (session,) = [one for one in stripes_form.objects.values() if one["object"] == "checkout.session"]
    expect(page.locator("#card-form")).to_have_text(f"pk_test_local {session['client_secret']}")

    stripes_form.pay_on_page(session["id"])
    page.goto(session["return_url"])
    expect(page.get_by_role("heading", name="Paid. Drive out by")).to_be_visible()


def test_an_embedded_form_that_cannot_be_shown_says_what_to_do(live_server, page, ticket, stripes_form):
    page.route("https://js.stripe.com/**", lambda call: call.abort())
    page.goto(f"{live_server.url}/pay/{ticket.token}/")
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_text("can’t be shown at the moment")).to_be_visible()

    page.get_by_role("link", name="Go back without a card").click()
    expect(page.get_by_role("button", name="Pay CHF 9.00")).to_be_visible()
