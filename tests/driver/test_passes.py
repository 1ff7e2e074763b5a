"""A driver's passes: seen, bought, renewed, swapped and cancelled, and the company whose passes a driver manages."""

import datetime as dt
import re
from uuid import uuid4

import pytest
from django.utils.timezone import now

from billing.models import Payment
from passes.models import Pass, PassStatus
from passes.services import HeldBy, offer_renewals
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_saved_method, make_user, make_vehicle
from tests.passes.sold import company_of, granted, manager_of, offered, pool, reloaded

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def lot():
    return make_lot(name="Central", spots={"regular": 3}, slug="central")


@pytest.fixture
def driver():
    return make_user(name="Ada")


def today():
    return now().date()


def given(offer, *plates, **fields):
    return granted(offer, *plates, **{"at": now(), "valid_from": today()} | fields)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\xa0", " ")


def buy(driver, offer, **fields):
    wish = {"plates": "ZH 1", "valid_from": today(), "amount": offer.price_amount, "payment": "tok_ok", "key": uuid4()}
    return client_of(driver).post(f"/passes/{offer.pk}/", wish | fields)


def test_passes_on_sale_are_listed_by_lot_with_price_hours_and_terms(client, lot):
    night = offered(
        lot,
        name="Nights",
        kind="night",
        opens_minute=1080,
        closes_minute=480,
        days=["mon", "tue", "wed"],
        terms="No vans.",
    )
    offered(lot, name="Staff only", online=False)
    offered(make_lot(published=False), name="Hidden")
    said = text_of(client.get("/passes/"))
    for words in ("Nights", "CHF 120.00", "for 1 month", "Mon–Wed, 18:00–08:00", "1 plate", "Central"):
        assert words in said, words
    assert "Staff only" not in said
    assert "Hidden" not in said
    assert "Nights" in text_of(client.get("/lots/central/"))
    assert client.get("/passes/?lot=nowhere").status_code == 404
    page = text_of(client.get(f"/passes/{night.pk}/"))
    assert "No vans." in page
    assert "Sign in" in page
    assert "You can swap a plate 2 times a month." in page


def test_pass_is_bought_once_and_has_its_receipt(driver, lot):
    make_vehicle(driver, "ZH 7")
    offer, key = offered(lot, most_plates=2), uuid4()
    assert "ZH 7" in client_of(driver).get(f"/passes/{offer.pk}/").content.decode()
    for _ in range(2):
        answer = buy(driver, offer, plates="ZH 1\nZH 2", key=key)
        held = Pass.objects.get()
        assert answer.url == f"/me/passes/{held.code}/"
    assert (held.status, held.holder, held.plates.count()) == (PassStatus.ACTIVE, driver, 2)
    page = text_of(client_of(driver).get(answer.url))
    assert "CHF 120.00 for 1 month" in page
    assert "R-" in page
    assert "ZH 2" in page
    assert held.name in text_of(client_of(driver).get("/me/"))
    assert held.code in text_of(client_of(driver).get("/me/passes/"))


@pytest.mark.parametrize(
    ("fields", "status", "wrong"),
    [
        ({"plates": "…"}, 422, "plates"),
        ({"plates": ""}, 422, "plates"),
        ({"plates": "ZH 1, ZH 2"}, 422, "plates"),
        ({"valid_from": "never"}, 422, "valid_from"),
        ({"valid_from": "9999-12-31"}, 422, "valid_from"),
        ({"payment": ""}, 422, "payment"),
        ({"payment": "tok_declined"}, 402, "payment"),
        ({"amount": 1}, 422, "__all__"),
    ],
)
def test_purchase_is_refused_at_its_field_and_nothing_is_bought(driver, lot, fields, status, wrong):
    answer = buy(driver, offered(lot), **fields)
    assert (answer.status_code, list(answer.context["form"].errors)) == (status, [wrong])
    assert not Pass.objects.exclude(status=PassStatus.CANCELLED).exists()


def test_second_pass_for_a_plate_is_refused_at_its_plate(driver, lot):
    offer = offered(lot)
    buy(driver, offer)
    answer = buy(driver, offer)
    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["plates"])


@pytest.mark.parametrize(("chosen", "status"), [("yes", PassStatus.ACTIVE), ("", PassStatus.CANCELLED)])
def test_buyer_who_has_to_agree_at_the_bank_comes_back_to_the_pass(driver, lot, chosen, status):
    offer, client = offered(lot), client_of(driver)
    page = buy(driver, offer, payment="tok_3ds").url
    assert "simulated-bank" in page
    assert Pass.objects.get().status == PassStatus.DRAFT
    client.post(page, {"answer": chosen})
    back = client.get(client.get(page).url)
    assert Pass.objects.get().status == status
    assert back.url == (f"/me/passes/{Pass.objects.get().code}/" if chosen else f"/passes/{offer.pk}/")
    assert client_of(make_user()).get(client.get(page).url).status_code == 404


def test_pass_is_renewed_by_hand_and_by_a_saved_card_and_that_is_switched_off(driver, lot):
    card = make_saved_method(driver)
    held = given(offered(lot, renewal="invoice"), to=HeldBy(user=driver))
    at = now() + 20 * DAY
    offer_renewals(at=at)
    client = client_of(driver)
    path = f"/me/passes/{held.code}/"
    assert "Renew for CHF 120.00" in text_of(client.get(path))
    declined = client.post(f"{path}pay/", {"payment": "tok_declined", "key": uuid4()})
    assert declined.status_code == 402
    client.post(f"{path}pay/", {"payment": f"saved-{card.pk}", "key": uuid4()})
    assert reloaded(held).valid_until == held.periods.get(number=2).last_day
    client.post(f"{path}renewal/", {"renewal-renewal": f"saved-{card.pk}"})
    assert (reloaded(held).renewal, reloaded(held).saved_method) == ("charge", card)
    client.post(f"{path}renewal/", {"renewal-renewal": "none"})
    assert (reloaded(held).renewal, reloaded(held).saved_method) == ("none", None)
    others = make_saved_method(make_user())
    assert client.post(f"{path}renewal/", {"renewal-renewal": f"saved-{others.pk}"}).status_code == 422


def test_plates_are_added_and_swapped_within_the_limit(driver, lot):
    held, client = given(offered(lot, most_plates=2, swaps_per_month=1), to=HeldBy(user=driver)), client_of(driver)
    path = f"/me/passes/{held.code}/"
    client.post(f"{path}plates/add/", {"plate": "ZH 2"})
    client.post(f"{path}swap/", {"swap-old": "ZH 1", "swap-plate": "ZH 3"})
    assert sorted(held.plates.current().values_list("plate", flat=True)) == ["ZH 2", "ZH 3"]
    again = client.post(f"{path}swap/", {"swap-old": "ZH 2", "swap-plate": "ZH 4"})
    assert again.status_code == 409
    assert "You can change plates 1 times a month." in text_of(again)
    assert client.post(f"{path}plates/add/", {"plate": "ZH 5"}).status_code == 422
    assert client.post(f"{path}plates/remove/", {"plate": "ZH 2"}).status_code == 404  # a swap by another name
    assert client.post(f"{path}swap/", {"swap-old": "BE 1", "swap-plate": "ZH 4"}).status_code == 422


def test_cancelling_shows_what_goes_back_and_gives_it_back(driver, lot):
    offer = offered(lot, period_months=3, price_amount=30000, cancel_fee_amount=1000)
    buy(driver, offer)
    held, client = Pass.objects.get(), client_of(driver)
    path = f"/me/passes/{held.code}/cancel/"
    assert "CHF 190.00" in text_of(client.get(path))
    assert client.post(path, {"refund": 30000}).status_code == 422
    assert client.post(path, {"refund": 19000}).status_code == 302
    assert (reloaded(held).status, Payment.objects.get().refunded_amount) == (PassStatus.CANCELLED, 19000)
    assert client.get(path).status_code == 302
    assert "It is over." in text_of(client.get(f"/me/passes/{held.code}/"))


def test_people_of_a_company_see_its_pool_and_manage_plates_and_people_but_not_its_money(driver, lot):
    company = company_of(lot)
    held = pool(lot, 2, "ZH 1", "ZH 2", company=company, at=now(), valid_from=today())
    manager = manager_of(company, driver, at=now())
    client, path = client_of(driver), f"/me/passes/{held.code}/"
    assert client.get("/me/company/").url == f"/me/company/{company.pk}/"
    said = text_of(client.get(f"/me/company/{company.pk}/"))
    assert "of 2 spaces" in said
    assert "2 plates" in said
    assert driver.email in said
    client.post(f"{path}plates/add/", {"plate": "ZH 3", "label": "Bob"})
    client.post(f"{path}plates/remove/", {"plate": "ZH 1"})
    assert sorted(held.plates.current().values_list("plate", flat=True)) == ["ZH 2", "ZH 3"]
    for act in ("cancel/", "renewal/"):
        assert client.post(f"{path}{act}", {"refund": 0}).status_code == 404
    for wrong in ("Z" * 99, "\0", "BE 1"):
        assert client.post(f"{path}plates/remove/", {"plate": wrong}).status_code == 302
    colleague, people = make_user(password="s3cret-words"), f"/me/company/{company.pk}/people/"
    client.post(f"{people}add/", {"email": colleague.email})
    for unproven in ("nobody@example.com", make_user().email):
        assert client.post(f"{people}add/", {"email": unproven}).status_code == 422
    added = company.managers.get(user=colleague)
    assert client.post(f"{people}{manager.pk}/remove/").status_code == 404  # somebody stays
    client.post(f"{people}{added.pk}/remove/")
    assert client_of(colleague).get(path).status_code == 404
    assert "You manage no company" in text_of(client_of(colleague).get("/me/company/"))


def test_few_addresses_are_tried_in_a_minute(driver, lot, monkeypatch):
    monkeypatch.setattr("driver.own_company.PEOPLE_PER_MINUTE", 1)
    company = company_of(lot)
    manager_of(company, driver, at=now())
    client, path = client_of(driver), f"/me/company/{company.pk}/people/add/"

    answers = [client.post(path, {"email": "nobody@example.com"}).status_code for _time in range(2)]

    assert answers == [422, 429]


def test_pages_of_passes_need_few_queries(driver, lot, django_assert_max_num_queries):
    company = company_of(lot)
    manager_of(company, driver, at=now())
    for number in range(8):
        offered(lot, name=f"Month {number}")
        pool(lot, 2, f"ZH {number}", company=company, at=now(), valid_from=today())
    client = client_of(driver)
    for path, most in (("/passes/", 7), ("/me/passes/", 6), (f"/me/company/{company.pk}/", 9)):
        with django_assert_max_num_queries(most):
            client.get(path)
