"""Paying a stay on Stripe's page: out by redirect, back by redirect, and what is shown then."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Payment
from tests.billing.local_stripe import KEY, SECRET, local_stripe
from tests.factories import make_lot, make_ticket, make_user

pytestmark = pytest.mark.django_db
FORM = {"key": "a" * 32, "amount": 900, "receipt_email": ""}


@pytest.fixture
def books(settings):
    with local_stripe() as books:
        settings.PAYMENT_PROVIDERS = ["stripe"]
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = books.base
        yield books


@pytest.fixture
def stay_page(books):
    ticket = make_ticket(make_lot(), entry_at=now() - dt.timedelta(hours=2, minutes=30))
    return f"/pay/{ticket.token}/"


def session_of(books):
    return books.objects[Payment.objects.latest("pk").provider_reference]


def back_from(session, way):
    return session[way].removeprefix("http://testserver")


def test_the_form_asks_for_no_card_and_leads_to_stripe(client, stay_page, books):
    shown = client.get(stay_page).content.decode()
    assert "page of our payment provider" in shown
    assert 'name="token"' not in shown

    answer = client.post(stay_page, FORM)

    assert answer.url == session_of(books)["url"]
    assert session_of(books)["amount_total"] == 900


def test_who_paid_comes_back_to_a_paid_stay(client, stay_page, books):
    client.post(stay_page, FORM)
    books.pay_on_page(session_of(books)["id"])

    answer = client.get(back_from(session_of(books), "success_url"), follow=True)

    assert "Paid. Drive out by" in answer.content.decode()
    assert Payment.objects.get().method == "online"


def test_who_turns_back_may_pay_again(client, stay_page, books):
    client.post(stay_page, FORM)
    left = session_of(books)

    answer = client.get(back_from(left, "cancel_url"), follow=True)

    assert "nothing was taken" in answer.content.decode()
    assert left["status"] == "expired"
    assert client.post(stay_page, FORM | {"key": "b" * 32}).url == session_of(books)["url"] != left["url"]


def test_a_second_submit_leads_to_the_same_page(client, stay_page, books):
    assert client.post(stay_page, FORM).url == client.post(stay_page, FORM).url
    assert Payment.objects.count() == 1


def test_paying_again_closes_the_page_that_was_left(client, stay_page, books):
    client.post(stay_page, FORM)
    left = session_of(books)

    client.post(stay_page, FORM | {"key": "b" * 32})

    assert left["status"] == "expired"


def test_paying_again_after_having_paid_shows_that_it_is_paid(client, stay_page, books):
    client.post(stay_page, FORM)
    books.pay_on_page(session_of(books)["id"])

    answer = client.post(stay_page, FORM | {"key": "b" * 32}, follow=True)

    assert "Paid. Drive out by" in answer.content.decode()
    assert Payment.objects.count() == 1


def test_stripe_that_is_away_is_told(client, stay_page, books, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"

    answer = client.post(stay_page, FORM, follow=True)

    assert "nothing was taken" in answer.content.decode()


def test_a_card_is_saved_on_stripes_page(client, books):
    driver = make_user()
    client.force_login(driver)

    to_stripe = client.post("/me/cards/").url
    session = next(one for one in books.objects.values() if one.get("url") == to_stripe)
    books.pay_on_page(session["id"])
    answer = client.get(back_from(session, "success_url"), follow=True)

    assert "Visa ending 4242 is saved." in answer.content.decode()
    assert driver.saved_methods.get().provider == "stripe"


@pytest.fixture
def embedded(settings, books):
    settings.STRIPE_PUBLISHABLE_KEY = "pk_test_local"
    return books


def test_an_embedded_form_stands_on_our_page_and_its_secret_is_sent_to_no_server(client, stay_page, embedded):
    to_form = client.post(stay_page, FORM).url
    page, secret = to_form.split("#")

    shown = client.get(page.removeprefix("http://testserver"))

    assert secret == session_of(embedded)["client_secret"]
    assert 'data-key="pk_test_local"' in shown.content.decode()
    policy = shown["Content-Security-Policy"]
    assert "script-src 'self' https://js.stripe.com https://*.js.stripe.com;" in policy
    assert "stripe" not in client.get(stay_page)["Content-Security-Policy"]


def test_who_paid_in_an_embedded_form_comes_back_to_a_paid_stay(client, stay_page, embedded):
    client.post(stay_page, FORM)
    embedded.pay_on_page(session_of(embedded)["id"])

    answer = client.get(back_from(session_of(embedded), "return_url"), follow=True)

    assert "Paid. Drive out by" in answer.content.decode()


def test_who_leaves_an_embedded_form_may_pay_again(client, stay_page, embedded):
    client.post(stay_page, FORM)
    left = session_of(embedded)

    answer = client.get(f"{back_from(left, 'return_url')}?left", follow=True)

    assert "nothing was taken" in answer.content.decode()
    assert left["status"] == "expired"
    assert client.post(stay_page, FORM).url == client.post(stay_page, FORM).url


def test_a_card_is_saved_in_an_embedded_form(client, embedded):
    client.force_login(make_user())
    page, secret = client.post("/me/cards/").url.split("#")
    assert client.get(page.removeprefix("http://testserver")).status_code == 200

    embedded.pay_on_page(secret.split("_secret_")[0])
    answer = client.get(page.removeprefix("http://testserver").removesuffix("form/"), follow=True)

    assert "Visa ending 4242 is saved." in answer.content.decode()


def test_the_forms_may_lead_to_stripe_and_nowhere_else(settings):
    from importlib import reload

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PAYMENT_PROVIDERS", "stripe")
        from parking import settings as ours

        allowed = reload(ours).CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]
    reload(ours)

    assert allowed == ["'self'", "https://checkout.stripe.com"]
