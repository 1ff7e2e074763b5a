"""The driver's page of automatic payment, and the mailed "this was not me"."""

import datetime as dt

import pytest
from django.test import Client
from django.utils.timezone import now

from billing.models import AutomaticPayment, Objection, WithdrawnWhy
from billing.objecting import VALID_FOR, objection_token
from tests.factories import (
    make_agreement,
    make_automatic_payment,
    make_lot,
    make_proof,
    make_saved_method,
    make_ticket,
    make_user,
    make_vehicle,
)
from tickets.models import TicketStatus

pytestmark = pytest.mark.django_db

PLATE = "ZH 314159"


@pytest.fixture
def lot():
    return make_lot(name="Central")


@pytest.fixture
def driver(client, lot):
    driver = make_user(password="s3cret-words")
    client.force_login(driver)
    return driver


@pytest.fixture
def vehicle(driver):
    return make_vehicle(driver, PLATE)


@pytest.fixture
def card(driver):
    return make_saved_method(driver)


def prove(driver, lot, plate=PLATE):
    ended = {"status": TicketStatus.CLOSED, "exit_at": now(), "closed_reason": "grace"}
    make_proof(make_ticket(lot, plate, now() - dt.timedelta(hours=1), **ended), driver)


def agree(client, vehicle, card, **fields):
    form = {"saved_method": card.pk, "limit": "50", "currency": "CHF", "agreed": "on"} | fields
    return client.post(f"/me/automatic/{vehicle.pk}/", form)


def standing():
    return list(AutomaticPayment.objects.standing().values_list("limit_amount", "currency"))


def test_driver_agrees_with_a_card_and_a_limit(client, lot, vehicle, card):
    assert agree(client, vehicle, card, limit="12.50").status_code == 302

    agreed = AutomaticPayment.objects.get()
    assert (agreed.limit_amount, agreed.currency, agreed.saved_method, agreed.vehicle) == (1250, "CHF", card, vehicle)


def test_same_form_again_changes_nothing(client, vehicle, card):
    for _time in range(2):
        agree(client, vehicle, card)

    assert AutomaticPayment.objects.count() == 1


def test_another_limit_is_another_agreement_and_the_old_one_says_so(client, vehicle, card):
    agree(client, vehicle, card)
    agree(client, vehicle, card, limit="20")

    old, new = AutomaticPayment.objects.order_by("pk")
    assert (old.withdrawn_why, old.limit_amount, standing()) == (WithdrawnWhy.TERMS, 5000, [(2000, "CHF")])
    assert old.withdrawn_at <= new.agreed_at


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "much"},
        {"limit": "1.005"},
        {"limit": "1" * 20},
        {"currency": "XXX"},
        {"saved_method": "0"},
        {"agreed": ""},
    ],
    ids=lambda wrong: next(iter(wrong.items())).__str__(),
)
def test_wrong_terms_are_refused_at_their_field(client, vehicle, card, wrong):
    response = agree(client, vehicle, card, **wrong)

    assert (response.status_code, standing()) == (422, [])
    assert next(iter(wrong)) in response.context["form"].errors


def test_card_of_another_or_a_removed_one_cannot_be_chosen(client, driver, vehicle):
    theirs = make_saved_method(make_user())
    removed = make_saved_method(driver, removed_at=now())

    assert [agree(client, vehicle, card).status_code for card in (theirs, removed)] == [422, 422]
    assert standing() == []


def test_address_has_to_be_confirmed_first(lot):
    driver = make_user()
    client = Client()
    client.force_login(driver)
    response = agree(client, make_vehicle(driver, PLATE), make_saved_method(driver))

    assert (response.status_code, standing()) == (403, [])
    assert "Confirm your email address first" in response.content.decode()


def test_stopping_works_at_once_and_twice(client, vehicle, card):
    agree(client, vehicle, card)
    for _time in range(2):
        assert client.post(f"/me/automatic/{vehicle.pk}/stop/").status_code == 302

    assert AutomaticPayment.objects.get().withdrawn_why == WithdrawnWhy.DRIVER


@pytest.mark.parametrize("how", ["remove", "change"])
def test_removing_the_vehicle_or_changing_its_plate_stops_it(client, vehicle, card, how):
    agree(client, vehicle, card)
    if how == "remove":
        client.post(f"/me/vehicles/{vehicle.pk}/remove/")
    else:
        client.post(f"/me/vehicles/{vehicle.pk}/", {"plate": "ZH 2", "vehicle_type": "regular"})

    agreed = AutomaticPayment.objects.get()
    assert (agreed.withdrawn_why, agreed.plate) == (WithdrawnWhy.VEHICLE, PLATE)


def test_vehicle_that_only_changes_its_kind_keeps_its_agreement(client, vehicle, card):
    agree(client, vehicle, card)
    client.post(f"/me/vehicles/{vehicle.pk}/", {"plate": "zh-314159", "vehicle_type": "large"})

    assert standing() == [(5000, "CHF")]


# --- what the page says


def states(client):
    return [one.state for one in client.get("/me/automatic/").context["terms"]]


def test_page_says_what_happens_at_the_next_exit(client, driver, lot, vehicle, card):
    assert states(client) == ["off"]
    agree(client, vehicle, card)
    assert states(client) == ["waits"]
    prove(driver, lot)
    assert states(client) == ["charged"]
    card.removed_at = now()
    card.save()
    assert states(client) == ["card_gone"]


def test_who_agrees_for_a_strangers_plate_learns_nothing_about_it(client, driver, lot, vehicle, card):
    """The owner parks, has agreed and is charged: the stalker's pages read the same as for a plate that never was."""
    nothing = [page(client, vehicle), page(client, None)]
    agree(client, vehicle, card)
    client.get("/me/")  # which shows the message that it was saved
    alone = [page(client, vehicle), page(client, None)]

    owner = make_user()
    prove(owner, lot)
    make_ticket(lot, PLATE)
    make_automatic_payment(lot, make_agreement(make_vehicle(owner, PLATE)))

    assert [page(client, vehicle), page(client, None)] == alone
    client.post(f"/me/automatic/{vehicle.pk}/stop/")
    client.get("/me/")
    assert [page(client, vehicle), page(client, None)] == nothing


def page(client, vehicle):
    """The main part of a page, without what changes each time."""
    text = client.get(f"/me/automatic/{vehicle.pk}/" if vehicle else "/me/automatic/").content.decode()
    main = text[text.index("<main") : text.index("</main>")]
    return "\n".join(line for line in main.splitlines() if "csrf" not in line and "toast" not in line)


def test_driver_who_has_proven_the_car_is_told_that_another_agreed_too(client, driver, lot, vehicle, card):
    prove(driver, lot)
    agree(client, vehicle, card)
    make_agreement(make_vehicle(make_user(), PLATE))

    assert states(client) == ["shared"]
    assert "Another account has agreed" in client.get(f"/me/automatic/{vehicle.pk}/").content.decode()


def test_charges_are_listed_for_their_driver_alone(client, driver, lot, vehicle, card):
    mine = make_automatic_payment(lot, make_agreement(vehicle, card))
    make_automatic_payment(lot, make_agreement(make_vehicle(make_user(), PLATE)))

    assert list(client.get("/me/automatic/").context["page"]) == [mine]


def test_without_a_card_the_page_asks_for_one(client, vehicle):
    text = client.get(f"/me/automatic/{vehicle.pk}/").content.decode()

    assert "No card yet" in text
    assert "<form" not in text[text.index("<main") : text.index("</main>")]


def test_list_takes_as_many_queries_for_many_charges(client, driver, lot, card, django_assert_max_num_queries):
    agreed = make_agreement(make_vehicle(driver, PLATE), card)
    for _time in range(12):
        make_automatic_payment(lot, agreed)

    with django_assert_max_num_queries(20):
        client.get("/me/automatic/")


# --- this was not me


@pytest.fixture
def payment(lot, driver, vehicle, card):
    return make_automatic_payment(lot, make_agreement(vehicle, card))


def test_link_needs_no_log_in_and_only_its_button_does_something(payment):
    visitor, path = Client(), f"/not-me/{objection_token(payment)}/"

    for _time in range(2):
        assert visitor.get(path).status_code == 200
    assert (Objection.objects.count(), len(standing())) == (0, 1)
    assert visitor.post(path).status_code == 302

    assert (Objection.objects.get().payment, standing()) == (payment, [])
    assert AutomaticPayment.objects.get().withdrawn_why == WithdrawnWhy.NOT_ME
    assert "is off" in visitor.get(path).content.decode()


def test_link_works_once(payment):
    visitor, path = Client(), f"/not-me/{objection_token(payment)}/"
    visitor.post(path)
    first = Objection.objects.get().raised_at
    make_agreement(payment.automatic.vehicle, payment.saved_method)
    visitor.post(path)

    assert (Objection.objects.get().raised_at, len(standing())) == (first, 1)


def test_agreement_that_replaced_the_charged_one_stops_too(client, payment, vehicle, card):
    agree(client, vehicle, card, limit="20")
    Client().post(f"/not-me/{objection_token(payment)}/")

    assert standing() == []


def test_link_expires(payment):
    payment.finished_at = now() - VALID_FOR - dt.timedelta(minutes=1)
    payment.save()
    response = Client().post(f"/not-me/{objection_token(payment)}/")

    assert (response.status_code, Objection.objects.count(), len(standing())) == (404, 0, 1)


@pytest.mark.parametrize(
    "forge", [lambda token: token[:-1], lambda token: f"x{token}", lambda token: token[:3], lambda token: token.upper()]
)
def test_forged_links_do_nothing(payment, forge):
    response = Client().post(f"/not-me/{forge(objection_token(payment))}/")

    assert (response.status_code, Objection.objects.count()) == (404, 0)


def test_link_of_one_payment_says_nothing_of_others(payment, lot):
    other = make_automatic_payment(lot, payment.automatic, 1200)
    text = Client().get(f"/not-me/{objection_token(payment)}/").content.decode()

    assert objection_token(payment) != objection_token(other)
    assert "12.00" not in text
