"""Paying by plate: the fee is shown to who knows plate, day and time, and nothing more to anybody."""

import datetime as dt
import re
import statistics
import time
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from billing.models import Payment
from driver import plate_grants
from notifications.models import Message
from tests.driver.test_pay import leave_pending, text_of
from tests.factories import make_lot, make_ticket, make_user
from tickets import lookups
from tickets.models import StayProof, TicketStatus

pytestmark = pytest.mark.django_db
ZURICH = ZoneInfo("Europe/Zurich")
NO_CAR = "No car fits. Check plate, day and time, or pay at the machine or the desk."
PAGE, FEE = "/pay/by-plate/central/", "/pay/by-plate/central/fee/"


@pytest.fixture
def lot():
    return make_lot(slug="central", name="Central")


@pytest.fixture
def ticket(lot):
    """A stay of two hours and a half: three hours at CHF 3.00."""
    return make_ticket(lot, entry_at=now() - dt.timedelta(hours=2, minutes=30))


def told(at, plate="ZH 123456"):
    local = at.astimezone(ZURICH)
    return {"plate": plate, "day": f"{local:%Y-%m-%d}", "clock": f"{local:%H:%M}"}


def ask(client, ticket, *, page=PAGE, later=dt.timedelta(), plate="zh-123 456", **more):
    return client.post(page, told(ticket.entry_at + later, plate), **more)


def pay(client, *, key="a" * 32, **fields):
    return client.post(FEE, {"token": "tok_ok", "key": key, "amount": 900} | fields, follow=True)


def no_limits(monkeypatch):
    monkeypatch.setattr(lookups, "PLATES_PER_HOUR", 100_000)


def test_the_link_posted_in_a_lot_leads_to_its_form(client, lot):
    answer = client.get("/pay/central/")

    assert (answer.status_code, answer.url) == (302, PAGE)
    assert "About when did you come?" in text_of(client.get(PAGE))
    assert client.get("/pay/nowhere/").status_code == 404


def test_a_lot_that_nobody_may_see_has_no_such_page(client, lot):
    lot.published = False
    lot.save()

    assert client.get("/pay/central/").status_code == 404
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, told(now())).status_code == 404


@pytest.mark.parametrize("minutes", [-60, 0, 60])
def test_plate_day_and_about_the_time_show_the_fee(client, ticket, minutes):
    answer = ask(client, ticket, later=dt.timedelta(minutes=minutes))
    said = text_of(client.get(FEE))

    assert (answer.status_code, answer.url) == (302, FEE)
    assert "To pay CHF 9.00" in said
    assert "Pay CHF 9.00" in said
    assert "ZH-123 456" in said
    assert "None" not in said


def test_nothing_but_the_fee_is_told(client, ticket):
    ask(client, ticket, later=dt.timedelta(minutes=40), plate="zh123456")
    page = client.get(FEE).content.decode()

    entered = ticket.entry_at.astimezone(ZURICH)
    told_of = [
        ticket.number,
        ticket.token,
        "ZH 123456",
        f"{entered:%H:%M}",
        "Fee so far",
        "of which tax",
        "You are here",
    ]
    told_of += [ticket.spot.number, "promo", "receipt_email"]
    assert [secret for secret in told_of if secret in page] == []


@pytest.mark.parametrize("minutes", [-62, 61])
def test_a_time_more_than_an_hour_off_fits_no_car(client, ticket, minutes):
    answer = ask(client, ticket, later=dt.timedelta(minutes=minutes))

    assert answer.status_code == 422
    assert NO_CAR in text_of(answer)


def test_the_hour_that_a_clock_shows_twice_means_both(client, lot):
    for hour in (0, 1):
        entry = dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC)
        ticket = make_ticket(lot, plate=f"ZH {hour}", entry_at=entry)

        assert ask(client, ticket, plate=f"ZH {hour}").status_code == 302


def test_paying_says_until_when_to_drive_out_and_proves_nothing(client, ticket):
    client.force_login(make_user())
    ask(client, ticket)
    said = text_of(pay(client))

    ticket.refresh_from_db()
    until = (ticket.paid_at + dt.timedelta(minutes=15)).astimezone(ZURICH)
    assert re.search(rf"Paid. Drive out by (tomorrow )?{until:%H:%M}", said)
    assert ticket.status == TicketStatus.PAID
    assert not StayProof.objects.exists()
    assert not Message.objects.exists()
    assert Payment.objects.get().by_number


def test_a_card_at_its_bank_comes_back_to_the_fee(client, ticket):
    ask(client, ticket)
    to_bank = client.post(FEE, {"token": "tok_3ds", "key": "k", "amount": 900})

    back = client.post(to_bank.url, {"answer": "yes"})
    said = text_of(client.get(back.url, follow=True))

    assert back.url.endswith(f"{PAGE}back/k/")
    assert "Paid. Drive out by" in said


def test_what_was_left_at_the_bank_keeps_nobody_from_paying(client, ticket):
    ask(client, ticket)
    client.post(FEE, {"token": "tok_3ds", "key": "k", "amount": 900})

    assert "Pay CHF 9.00" in text_of(client.get(FEE))
    assert "Paid. Drive out by" in text_of(pay(client))
    assert list(Payment.objects.values_list("state", "failure")) == [("failed", "abandoned"), ("captured", "")]


def test_a_payment_without_an_answer_is_waited_for(client, ticket):
    leave_pending(ticket)
    ask(client, ticket)
    said = text_of(client.get(FEE))

    assert "Please wait a moment" in said
    assert "Pay CHF" not in said


def test_a_strangers_way_back_shows_nothing(client, ticket):
    ask(client, ticket)
    to_bank = client.post(FEE, {"token": "tok_3ds", "key": "k", "amount": 900})

    assert Client().get(f"{PAGE}back/k/").url == FEE
    assert Client().get(f"{PAGE}back/k/?left").status_code == 302
    assert Payment.objects.get().state == "pending"
    assert client.get(to_bank.url).status_code == 200


def test_a_declined_card_is_told_to_its_payer_alone(client, ticket):
    ask(client, ticket)
    other = Client()
    ask(other, ticket)

    assert "The card was declined" in text_of(pay(client, token="tok_declined"))
    assert "declined" not in text_of(other.get(FEE)).replace("is declined", "")


def test_a_fee_that_grew_is_shown_before_it_is_taken(client, ticket):
    ask(client, ticket)
    answer = pay(client, amount=600)

    assert answer.status_code == 409
    assert "The fee went up" in text_of(answer)
    assert not Payment.objects.exists()


def test_a_fee_that_is_nothing_has_one_sentence_for_any_cause(client, lot):
    at = now()
    make_ticket(lot, plate="ZH 1", entry_at=at - dt.timedelta(minutes=1))
    paid = make_ticket(lot, plate="ZH 2", entry_at=at - dt.timedelta(minutes=70))
    ask(client, paid, plate="ZH 2")
    pay(client, amount=600)
    pages = []
    for plate, minutes in (("ZH 1", 1), ("ZH 2", 70)):
        other = Client()
        assert other.post(PAGE, told(at - dt.timedelta(minutes=minutes), plate)).status_code == 302
        pages.append(text_of(other.get(FEE)).replace(plate, "PLATE"))

    assert "Nothing to pay now" in pages[0]
    assert pages[0] == pages[1]


def test_a_grant_lasts_ten_minutes_and_for_its_stay_and_lot(client, ticket, monkeypatch):
    ask(client, ticket)
    other = make_lot(ticket.lot.operator, slug="tower")

    assert client.get(f"/pay/by-plate/{other.slug}/fee/").url == f"/pay/by-plate/{other.slug}/"
    assert client.get(FEE).status_code == 200
    monkeypatch.setattr("driver.pay_by_plate.now", lambda: now() + plate_grants.GRANTED_FOR)
    assert client.get(FEE).url == PAGE
    assert client.post(FEE, {"token": "tok_ok", "key": "a", "amount": 900}).url == PAGE
    assert not Payment.objects.exists()


def test_a_declined_card_makes_a_grant_no_longer(client, ticket, monkeypatch):
    ask(client, ticket)
    monkeypatch.setattr("driver.pay_by_plate.now", lambda: now() + plate_grants.GRANTED_FOR - dt.timedelta(minutes=1))
    pay(client, token="tok_declined")
    monkeypatch.setattr("driver.pay_by_plate.now", lambda: now() + plate_grants.GRANTED_FOR)

    assert client.get(FEE).url == PAGE


def test_a_grant_ends_when_its_car_leaves(client, ticket):
    ask(client, ticket)
    ticket.status, ticket.exit_at, ticket.closed_reason = TicketStatus.CLOSED, now(), "paid"
    ticket.save()

    assert client.get(FEE).url == PAGE


def wrong_tries(lot):
    """Return tries that must not be told apart: inside at another time, at another lot, left, counted, unknown."""
    at = now()
    tower = make_lot(lot.operator, slug="tower")
    counted = make_lot(lot.operator, slug="counted", tracking="levels")
    make_ticket(lot, plate="ZH 1", entry_at=at - dt.timedelta(hours=9))
    make_ticket(tower, plate="ZH 2", entry_at=at - dt.timedelta(hours=3))
    make_ticket(lot, plate="ZH 3", entry_at=at - dt.timedelta(hours=3), status="review")
    make_ticket(
        lot, plate="ZH 4", entry_at=at - dt.timedelta(hours=3), status="closed", exit_at=at, closed_reason="paid"
    )
    make_ticket(counted, plate="ZH 5", entry_at=at - dt.timedelta(hours=9))
    tries = [(PAGE, f"ZH {number}") for number in (1, 2, 3, 4, 6)]
    return [*tries, ("/pay/by-plate/counted/", "ZH 5"), ("/pay/by-plate/counted/", "ZH 7")], at - dt.timedelta(hours=3)


def bare(answer, page, plate):
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    return re.sub(r"(?i)counted|central", "LOT", body.replace(plate, "PLATE").replace(page, "PAGE"))


def test_every_wrong_try_gets_the_same_page_for_the_same_statements(lot, monkeypatch):
    no_limits(monkeypatch)
    tries, at = wrong_tries(lot)
    answers, statements = set(), set()
    Client().get(PAGE)
    for page, plate in tries:
        client = Client()
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(page, told(at, plate))
        shapes = tuple(re.sub(r"'[^']*'|\b\d+\b", "?", one["sql"]) for one in asked)
        answers.add((answer.status_code, tuple(answer.cookies), bare(answer, page, plate)))
        statements.add(shapes)

    assert len(answers) == 1
    assert len(statements) == 1
    assert len(statements.pop()) == 2
    assert NO_CAR in answers.pop()[2]


def test_a_car_that_is_inside_is_not_told_by_the_time_of_the_answer(lot, monkeypatch):
    no_limits(monkeypatch)
    make_ticket(lot, plate="ZH 1", entry_at=now() - dt.timedelta(hours=9))
    client, at = Client(), now() - dt.timedelta(hours=3)
    times = {"ZH 1": [], "ZH 2": []}
    for _ in range(60):
        for plate, taken in times.items():
            started = time.perf_counter()
            client.post(PAGE, told(at, plate))
            taken.append(time.perf_counter() - started)

    inside, away = (statistics.median(taken) for taken in times.values())
    assert 0.8 < inside / away < 1.25


def test_an_address_has_five_tries_an_hour_at_all_lots_together(client, lot):
    make_lot(lot.operator, slug="tower")
    pages = [PAGE, "/pay/by-plate/tower/"] * 4
    answers = [client.post(page, told(now(), f"ZH {number}")) for number, page in enumerate(pages)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 3
    assert 1 <= int(answers[5]["Retry-After"]) <= 12 * 60
    assert Client(REMOTE_ADDR="192.0.2.1").post(PAGE, told(now())).status_code == 422


def test_fifty_addresses_learn_no_more_of_a_plate_than_one(ticket):
    """Fifty addresses try every hour of three days for a car that is inside; five tries are answered, none fits."""
    answers = []
    for number in range(50):
        client = Client(REMOTE_ADDR=f"192.0.2.{number + 1}")
        hours = (24 * day + number % 24 for day in range(1, 4))
        answers += [ask(client, ticket, later=-dt.timedelta(hours=hour), plate="ZH 123456") for hour in hours]

    assert [answer.status_code for answer in answers[:5]] == [422] * 5
    assert {answer.status_code for answer in answers[5:]} == {429}
    assert not any("sessionid" in answer.cookies for answer in answers)
    # The right time is of no use either, and a car that is not there is refused in the same way.
    last = ask(Client(REMOTE_ADDR="192.0.2.99"), ticket)
    for number in range(5):
        Client(REMOTE_ADDR=f"198.51.100.{number}").post(PAGE, told(ticket.entry_at, "ZH 9"))
    absent = Client(REMOTE_ADDR="198.51.100.99").post(PAGE, told(ticket.entry_at, "ZH 9"))
    words = [re.sub(r"\d+ seconds", "SECONDS", text_of(answer)) for answer in (last, absent)]
    assert (last.status_code, absent.status_code) == (429, 429)
    assert words[0] == words[1]


def test_guessed_plates_are_told_apart_by_nothing_but_a_hit(lot):
    """Of 250 tries for 250 plates at the right hour, those of the car alone show a fee; all others are one page."""
    at = now() - dt.timedelta(hours=3)
    make_ticket(lot, plate="ZH 77", entry_at=at)
    make_ticket(lot, plate="ZH 78", entry_at=at - dt.timedelta(hours=5))
    pages, hits = set(), []
    for number in range(250):
        client = Client(REMOTE_ADDR=f"192.0.2.{number // 5 + 1}")
        answer = client.post(PAGE, told(at, f"ZH {number}"))
        if answer.status_code == 302:
            hits.append(number)
        else:
            pages.add(bare(answer, PAGE, f"ZH {number}"))

    assert hits == [77]
    assert len(pages) == 1


def test_tries_are_counted_before_anything_is_looked_for(client, lot, ticket):
    for _ in range(5):
        client.post(PAGE, told(now(), "ZH 8"))
    with CaptureQueriesContext(connection) as asked:
        answer = ask(client, ticket)

    assert answer.status_code == 429
    assert not any("tickets_ticket" in one["sql"] for one in asked)


@pytest.mark.parametrize(
    "wrong",
    [{"plate": "–"}, {"plate": "A" * 40}, {"plate": "A\x00"}, {"day": "0001-01-01"}, {"day": "x"}, {"clock": "25:00"}],
)
def test_what_can_be_no_car_is_explained_and_looked_for_nowhere(client, ticket, wrong):
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(PAGE, told(ticket.entry_at) | wrong)

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert len(asked) == 1


def test_two_cars_of_one_plate_are_no_answer(client, lot):
    at = now() - dt.timedelta(hours=3)
    make_ticket(lot, plate="AB 1", entry_at=at, plate_region="CH")
    make_ticket(lot, plate="AB 1", entry_at=at, plate_region="DE")

    assert NO_CAR in text_of(client.post(PAGE, told(at, "AB 1")))


def test_pages_lead_to_paying_by_plate(client, lot):
    assert PAGE in client.get("/lots/central/").content.decode()
    assert "pay by your plate" in text_of(client.get("/pay/"))


def test_the_operator_prints_the_code_of_the_lots_own_link(client, lot):
    client.force_login(make_user("admin", lot.operator))

    assert "/pay/central/" in client.get("/manage/lots/central/").content.decode()
    sign = client.get("/manage/lots/central/pay-code/")
    assert "<svg" in sign.content.decode()
    assert "/pay/central/" in text_of(sign)
    lot.published = False
    lot.save()
    assert client.get("/manage/lots/central/pay-code/").status_code == 404
    assert "/pay/central/" not in client.get("/manage/lots/central/").content.decode()
