"""Saved cards: added on the provider's page, listed, removed at once; nobody sees another's."""

import pytest

from billing.models import CardSetup, SavedMethod
from billing.providers import ProviderTimeoutError
from billing.providers.simulated import SimulatedProvider
from billing.services import take_payment
from billing.tasks import ask_about_pages
from tests.factories import make_charge, make_lot, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def driver(client):
    driver = make_user()
    client.force_login(driver)
    return driver


def add(client, card="tok_ok"):
    """Add a card as a browser does, and return the answer at the end."""
    page = client.post("/me/cards/").url
    if card:
        client.post(page, {"answer": card})
    return client.get(client.get(page).url if card else back_of(CardSetup.objects.latest("pk")), follow=True)


def back_of(setup):
    return f"/me/cards/back/{setup.reference}/"


def test_a_card_is_added_on_the_providers_page(client, driver):
    answer = add(client).content.decode()

    card = driver.saved_methods.get()
    assert (card.provider, card.reference, card.label) == ("simulated", "tok_ok", "Visa ending 4242")
    assert "Visa ending 4242 is saved." in answer
    assert "tok_ok" not in answer


def test_the_page_of_the_bank_offers_the_test_cards(client, driver):
    said = client.get(client.post("/me/cards/").url).content.decode()

    assert "Which card do you want to save?" in said
    assert "Mastercard ending 3000" in said


def test_an_unknown_card_is_not_saved(client, driver):
    page = client.post("/me/cards/").url

    assert client.post(page, {"answer": "4242424242424242"}).status_code == 422
    assert not SavedMethod.objects.exists()


def test_who_turns_back_saves_nothing(client, driver):
    assert "No card was saved." in add(client, card="").content.decode()
    assert not SavedMethod.objects.exists()


def test_the_same_card_is_kept_once(client, driver):
    add(client)
    add(client)

    assert driver.saved_methods.count() == 1


def test_coming_back_twice_saves_once(client, driver):
    add(client)

    client.get(back_of(CardSetup.objects.get()))

    assert driver.saved_methods.count() == 1


def test_a_driver_who_never_came_back_has_the_card(client, driver):
    client.post(client.post("/me/cards/").url, {"answer": "tok_ok"})
    CardSetup.objects.update(created_at="2026-01-01T00:00Z")

    ask_about_pages()

    assert driver.saved_methods.count() == 1


def test_a_removed_card_is_gone_at_once(client, driver):
    add(client)
    card = driver.saved_methods.get()

    answer = client.post(f"/me/cards/{card.pk}/remove/", follow=True).content.decode()

    card.refresh_from_db()
    assert card.removed_at
    assert card.forgotten_at
    assert "is not charged any more" in answer
    assert "No cards yet" in answer
    assert client.post(f"/me/cards/{card.pk}/remove/").status_code == 302
    add(client)
    assert driver.saved_methods.usable().count() == 1


def test_a_provider_that_is_away_drops_the_card_later(client, driver, monkeypatch):
    add(client)
    with monkeypatch.context() as away:
        away.setattr(SimulatedProvider, "forget", _silent)
        client.post(f"/me/cards/{driver.saved_methods.get().pk}/remove/")
    assert driver.saved_methods.get().forgotten_at is None

    ask_about_pages()

    assert driver.saved_methods.get().forgotten_at


def test_a_provider_that_is_away_is_told(client, driver, monkeypatch):
    monkeypatch.setattr(SimulatedProvider, "start_saving", _silent)

    answer = client.post("/me/cards/")

    assert answer.status_code == 502
    assert "try again soon" in answer.content.decode()


def test_nobody_reaches_another_persons_cards(client, driver):
    add(client)
    card, setup = driver.saved_methods.get(), CardSetup.objects.get()
    client.force_login(make_user())

    assert client.post(f"/me/cards/{card.pk}/remove/").status_code == 404
    assert client.get(back_of(setup)).status_code == 404
    assert "Visa" not in client.get("/me/cards/").content.decode()
    assert driver.saved_methods.usable().exists()


def test_a_saved_card_pays_without_its_owner(client, driver):
    add(client)
    charge = make_charge(make_lot(), 600)

    payment = take_payment(
        charge=charge, method="card", amount=None, idempotency_key="k", at=charge.created_at,
        saved_method=driver.saved_methods.get(),
    )  # fmt: skip

    assert (payment.captured_amount, payment.saved_method) == (600, driver.saved_methods.get())


def test_without_simulated_cards_there_is_no_simulated_bank(client, driver, settings):
    page = client.post("/me/cards/").url
    settings.PAYMENT_PROVIDERS = []

    assert client.get(page).status_code == 404


def _silent(*_, **__):
    raise ProviderTimeoutError
