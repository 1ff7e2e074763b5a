"""The payment pages, without JavaScript and with it."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils.timezone import now

from billing.models import Payment, PaymentState
from notifications.models import Message
from tests.factories import make_lot, make_ticket, make_user
from tickets import lookups
from tickets.models import TicketStatus
from tickets.services import assess_ticket, leave_owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    """A stay of two hours and a half: three hours at CHF 3.00."""
    return make_ticket(make_lot(name="Central"), entry_at=now() - dt.timedelta(hours=2, minutes=30))


def page_of(ticket):
    return f"/pay/{ticket.token}/"


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\xa0", " ")


def submit(client, ticket, *, key="a" * 32, follow=True, **fields):
    given = {"token": "tok_ok", "key": key, "amount": 900, "receipt_email": ""} | fields
    return client.post(page_of(ticket), given, follow=follow)


def test_the_search_leads_to_the_ticket(client, ticket):
    answer = client.get("/pay/", {"number": f" {ticket.number.lower()} "})

    assert answer.status_code == 302
    assert answer.url == f"/pay/{ticket.number}/"


@pytest.mark.parametrize("typed", ["", "PS-12", "PS-0000000001", "\x00"])
def test_a_mistyped_number_is_explained(client, typed):
    answer = client.get("/pay/", {"number": typed})

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()


def test_an_unknown_ticket_asks_again(client):
    answer = client.get("/pay/PS-0000000000/")

    assert answer.status_code == 404
    assert "No ticket has this number" in text_of(answer)
    assert 'value="PS-0000000000"' in answer.content.decode()


def test_too_many_numbers_are_told_to_wait(client, ticket, monkeypatch):
    monkeypatch.setattr(lookups, "NUMBERS_PER_MINUTE", 1)
    client.get(f"/pay/{ticket.number}/")

    answer = client.get(f"/pay/{ticket.number}/")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_the_page_shows_the_stay_and_the_fee(client, ticket):
    said = text_of(client.get(page_of(ticket)))

    assert "Central" in said
    assert "ZH 123456" in said
    assert "Total CHF 9.00" in said
    assert "Pay CHF 9.00" in said
    assert "of which tax 0.67" in said
    assert "Visa ending 0002 – is declined" in said


def test_the_number_shows_less_than_the_link(client, ticket):
    by_link = client.get(page_of(ticket)).content.decode()
    by_number = client.get(f"/pay/{ticket.number}/").content.decode()

    assert "pay-qr" in by_link
    assert "pay-qr" not in by_number
    assert "ZH••••56" in by_number
    assert "ZH 123456" not in by_number
    assert ticket.token not in by_number


def test_the_short_link_leads_to_the_page(client, ticket):
    assert client.get(f"/t/{ticket.token}").url == page_of(ticket)


def test_paying_says_until_when_to_leave(client, ticket):
    answer = submit(client, ticket)

    ticket.refresh_from_db()
    until = (ticket.paid_at + dt.timedelta(minutes=15)).astimezone(ZoneInfo("Europe/Zurich"))
    assert answer.redirect_chain == [(page_of(ticket), 302)]
    assert re.search(rf"Paid. Drive out by (tomorrow )?{until:%H:%M}", text_of(answer))
    assert ticket.status == TicketStatus.PAID
    assert f"{page_of(ticket)}receipt/" in answer.content.decode()


def test_how_long_a_paid_car_may_stay_is_said_before_paying(client, ticket):
    assert "After paying you have 15 min to drive out." in text_of(client.get(page_of(ticket)))

    leave_owing(ticket=ticket, plate="ZH 123456", at=now(), cause="card declined twice", why="declined")

    assert "to drive out" not in text_of(client.get(page_of(ticket)))


def test_the_page_says_when_the_fee_rises_and_draws_it(client, ticket):
    page = client.get(page_of(ticket))
    said, here = text_of(page), page.context["staircase"].here
    until = (ticket.entry_at + dt.timedelta(hours=3)).astimezone(ZoneInfo("Europe/Zurich"))

    assert re.search(rf"CHF 9.00 until (tomorrow )?{until:%H:%M} , then CHF 12.00", said)
    assert "You are here" in said
    assert 40 < here[0] < 50
    leave_owing(ticket=ticket, plate="ZH 123456", at=now(), cause="card declined twice", why="declined")
    assert "then CHF" not in text_of(client.get(page_of(ticket)))


def test_a_paid_stay_counts_down_and_says_what_is_due_after(client, ticket):
    page = submit(client, ticket).content.decode()

    assert 13 * 60 < int(re.search(r'data-countdown="(\d+)"', page)[1]) <= 15 * 60
    assert "After that" in page


def test_the_code_says_what_it_is_for(client, ticket):
    assert "Pay from another phone" in text_of(client.get(page_of(ticket)))
    assert "Pay from another phone" not in text_of(client.get(f"/pay/{ticket.number}/"))


def test_the_button_says_that_the_bank_is_asked(client, ticket):
    page = client.get(page_of(ticket)).content.decode()
    assert 'data-busy="Asking your bank…"' in page
    assert "js/busy.js" in page


@pytest.mark.parametrize("token", ["tok_declined", "tok_partial_400"])
def test_the_address_for_the_receipt_outlives_a_decline(client, ticket, token):
    answer = submit(client, ticket, token=token, receipt_email="ada@example.com")

    assert 'value="ada@example.com"' in answer.content.decode()
    assert 'value="ada@example.com"' in client.get(f"/pay/{ticket.number}/").content.decode()


def test_the_address_for_the_receipt_stays_with_its_payer_and_stay(client, ticket):
    submit(client, ticket, token="tok_declined", receipt_email="ada@example.com")
    other = make_ticket(ticket.lot, plate="ZH 4711", entry_at=ticket.entry_at)

    assert "ada@example.com" not in Client().get(page_of(ticket)).content.decode()
    assert "ada@example.com" not in client.get(page_of(other)).content.decode()


def test_an_address_taken_out_again_stays_out(client, ticket):
    submit(client, ticket, token="tok_declined", receipt_email="ada@example.com")
    answer = submit(client, ticket, key="b" * 32, token="tok_declined", receipt_email="")

    assert "ada@example.com" not in answer.content.decode()


@pytest.mark.parametrize("verified", [True, False])
def test_a_driver_is_offered_the_address_they_have_proven(client, ticket, verified):
    driver = make_user(email="ada@example.com")
    EmailAddress.objects.filter(user=driver).delete()
    EmailAddress.objects.create(user=driver, email=driver.email, primary=True, verified=verified)
    client.force_login(driver)

    assert ('value="ada@example.com"' in client.get(page_of(ticket)).content.decode()) is verified


def test_a_double_submit_pays_once(client, ticket):
    submit(client, ticket)
    answer = submit(client, ticket)

    assert "Paid. Drive out by" in text_of(answer)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("tok_declined", "declined and nothing was taken"),
        ("tok_unavailable", "don’t work at the moment"),
        ("tok_partial_400", "CHF 4.00 was taken. CHF 5.00 is still to pay."),
    ],
)
def test_a_card_that_fails_is_explained(client, ticket, token, words):
    said = text_of(submit(client, ticket, token=token))

    assert words in said
    assert "Pay CHF 9.00" in said or "Pay CHF 5.00" in said


def test_after_a_partial_payment_the_rest_is_owed(client, ticket):
    said = text_of(submit(client, ticket, token="tok_partial_400"))

    assert "To pay CHF 5.00" in said
    assert "Paid. Drive out by" in text_of(submit(client, ticket, key="b" * 32, amount=500))


def test_a_fee_that_grew_is_shown_before_it_is_taken(client, ticket):
    answer = submit(client, ticket, amount=600)

    assert answer.status_code == 409
    assert "The fee went up" in text_of(answer)
    assert 'value="900"' in answer.content.decode()
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"token": "tok_stolen"}, {"receipt_email": "nobody"}, {"amount": "x"}, {"key": ""}, {"amount": -1}]
)
def test_a_form_that_does_not_fit_is_shown_again(client, ticket, fields):
    answer = submit(client, ticket, **fields)

    assert answer.status_code == 422
    assert not Payment.objects.exists()


def test_the_receipt_is_queued_to_the_address_given(client, ticket):
    submit(client, ticket, receipt_email="ada@example.com")
    client.get(f"{page_of(ticket)}receipt/")

    message = Message.objects.get()
    assert (message.recipient, message.template) == ("ada@example.com", "document")
    assert message.context["total"] == "CHF\xa09.00"


def test_the_receipt_page_shows_what_was_paid(client, ticket):
    submit(client, ticket)

    said = text_of(client.get(f"{page_of(ticket)}receipt/"))

    assert f"Receipt R-{now().astimezone(ZoneInfo('Europe/Zurich')).year}-000001" in said
    assert "Total CHF 9.00" in said
    assert "of which tax 8.1 % on CHF 8.33 CHF 0.67" in said
    assert "Card" in said


def test_the_receipt_of_nobodys_stay_tells_no_plate(client, ticket):
    submit(client, ticket)

    page = client.get(f"/pay/{ticket.number}/receipt/").content.decode()

    assert "ZH••••56" not in page
    assert ticket.plate not in page
    assert ticket.token not in page


def test_without_a_payment_there_is_no_receipt(client, ticket):
    answer = client.get(f"{page_of(ticket)}receipt/")

    assert answer.status_code == 404
    assert "Nothing has been paid" in text_of(answer)


def test_a_stay_within_the_grace_owes_nothing(client):
    ticket = make_ticket(make_lot(), entry_at=now() - dt.timedelta(minutes=5))

    said = text_of(client.get(page_of(ticket)))

    assert "Nothing to pay" in said
    assert "Pay CHF" not in said


def test_a_debt_can_be_paid_after_leaving(client, ticket):
    leave_owing(ticket=ticket, plate="ZH 123456", at=now(), cause="card declined twice", why="owed")

    assert "You left without paying" in text_of(client.get(page_of(ticket)))
    assert "This stay has ended" in text_of(submit(client, ticket))
    ticket.refresh_from_db()
    assert ticket.charge.debt.settled_at is not None


@pytest.mark.parametrize(("status", "words"), [("review", "call an attendant"), ("void", "void")])
def test_a_stay_that_cannot_be_paid_says_so(client, status, words):
    ticket = make_ticket(make_lot(), status=status)

    assert words in text_of(client.get(page_of(ticket)))
    assert "Pay CHF" not in text_of(submit(client, ticket))
    assert not Payment.objects.exists()


def test_a_payment_without_an_answer_is_waited_for_by_number(client, ticket):
    leave_pending(ticket)

    page = client.get(f"/pay/{ticket.number}/")

    assert "being processed" in text_of(page)
    assert "every 2s" in page.content.decode()


def test_a_payment_without_an_answer_does_not_keep_the_owner_from_paying(client, ticket):
    leave_pending(ticket)

    assert "paid twice is returned at once" in text_of(client.get(page_of(ticket)))
    assert "Paid. Drive out by" in text_of(submit(client, ticket))


def leave_pending(ticket):
    """Leave a stranger's card payment without an answer."""
    charge = assess_ticket(ticket=ticket, at=now())
    Payment.objects.create(
        charge=charge,
        method="card",
        state=PaymentState.PENDING,
        amount=900,
        idempotency_key="x",
        by_number=True,
        created_at=now(),
    )


def test_the_live_part_is_not_sent_twice(client, ticket):
    first = client.get(f"{page_of(ticket)}?stage=owed", headers={"HX-Request": "true"})
    again = client.get(f"{page_of(ticket)}?stage=owed", headers={"HX-Request": "true", "If-None-Match": first["ETag"]})

    assert "<html" not in first.content.decode()
    assert again.status_code == 304


def test_a_page_that_shows_an_earlier_stage_is_loaded_again(client, ticket):
    submit(client, ticket)

    answer = client.get(f"{page_of(ticket)}?stage=owed", headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"


@pytest.mark.parametrize("path", ["/pay/", "/pay/{token}/receipt/", "/t/{token}"])
def test_pages_that_only_show_take_no_posts(client, ticket, path):
    assert client.post(path.format(token=ticket.token)).status_code == 405


def test_without_a_provider_the_page_says_where_to_pay(client, ticket, settings):
    settings.PAYMENT_PROVIDERS = []

    said = text_of(client.get(page_of(ticket)))

    assert "Pay CHF" not in said
    assert "pay at the machine or at the desk" in said


def test_a_strangers_attempts_by_number_use_up_none_of_the_owners(client, ticket, monkeypatch):
    monkeypatch.setattr(lookups, "PAYMENTS_PER_MINUTE", 2)
    given = {"token": "tok_declined", "amount": 900, "receipt_email": ""}
    answers = [client.post(f"/pay/{ticket.number}/", given | {"key": str(key) * 32}).status_code for key in range(3)]

    assert answers == [302, 302, 429]
    assert "The card was declined" not in text_of(client.get(page_of(ticket)))
    assert "Paid. Drive out by" in text_of(submit(client, ticket))


def test_a_card_that_asks_leads_to_its_bank_and_back(client, ticket):
    to_bank = submit(client, ticket, token="tok_3ds", follow=False)
    page = client.get(to_bank.url)
    assert "Do you agree to a payment of CHF 9.00 ?" in text_of(page)
    assert "Pay CHF 9.00" in text_of(client.get(page_of(ticket)))

    back = client.post(to_bank.url, {"answer": "yes"})
    answer = client.get(back.url, follow=True)

    assert back.url.endswith(f"{page_of(ticket)}back/{'a' * 32}/")
    assert "Paid. Drive out by" in text_of(answer)
    assert client.get(to_bank.url).url == back.url


def test_a_payer_who_refuses_at_the_bank_may_try_again(client, ticket):
    to_bank = submit(client, ticket, token="tok_3ds", follow=False)

    answer = client.get(client.post(to_bank.url, {"answer": ""}).url, follow=True)

    assert "was declined and nothing was taken" in text_of(answer)
    assert "Paid. Drive out by" in text_of(submit(client, ticket, key="b" * 32))


def test_a_payer_who_gives_up_at_the_bank_pays_nothing(client, ticket):
    to_bank = submit(client, ticket, token="tok_3ds", follow=False)

    client.get(f"{page_of(ticket)}back/{'a' * 32}/?left", follow=True)

    assert Payment.objects.get().failure == "abandoned"
    assert client.get(to_bank.url).status_code == 302


def test_paying_again_ends_what_was_left_at_the_bank(client, ticket):
    submit(client, ticket, token="tok_3ds", follow=False)

    submit(client, ticket, key="b" * 32)

    assert list(Payment.objects.values_list("state", "failure")) == [("failed", "abandoned"), ("captured", "")]


@pytest.mark.parametrize("key", ["a key", "a/key", "ä?#%"])
def test_any_key_leads_back(client, ticket, key):
    to_bank = submit(client, ticket, token="tok_3ds", key=key, follow=False)

    answer = client.get(client.post(to_bank.url, {"answer": "yes"}).url, follow=True)

    assert "Paid. Drive out by" in text_of(answer)


@pytest.mark.parametrize("key", ["a", "unknown"])
def test_coming_back_from_no_page_shows_the_stay(client, ticket, key):
    assert client.get(f"{page_of(ticket)}back/{key}/").url == page_of(ticket)
