"""The merchants' page: scan or type, tap, done, undo; and what its people never see."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from merchants.models import Validation
from merchants.shop_codes import code_of_day, type_of_code
from tests.factories import make_lot, make_merchant, make_ticket, make_validation_type, make_validator
from tickets.models import Ticket

PAGE = "/validate/"


class Shop:
    def __init__(self) -> None:
        self.lot = make_lot()
        self.merchant = make_merchant(self.lot, name="Café Rosso")
        self.kind = make_validation_type(self.merchant, {"free_minutes": 60}, name="Coffee", by_code=True)
        self.person = make_validator(self.merchant)
        self.ticket = make_ticket(self.lot, "ZH 123456", now() - dt.timedelta(minutes=150))
        self.client = Client()
        self.client.force_login(self.person)

    def post(self, text: str, **fields):
        return self.client.post(PAGE, {"ticket": text, "type": self.kind.pk, "key": uuid.uuid4()} | fields)

    def api(self, method: str, text: str, body=None, **headers):
        ask = getattr(self.client, method)
        return ask(f"/api/v1/tickets/{text}/validations", body, "application/json", headers=headers)


@pytest.fixture
def shop(db):
    return Shop()


def test_the_person_lands_on_the_page_and_its_menu_has_nothing_else(shop):
    assert shop.client.get("/home/")["Location"] == PAGE
    page = shop.client.get(PAGE).content.decode()
    assert "Café Rosso" in page
    assert "Coffee" in page
    assert "1 h free" in page
    assert "/desk/" not in page
    assert "/manage/" not in page


def test_type_tap_done_and_undo(shop):
    done = shop.post("zh 12 34 56")
    page = shop.client.get(done["Location"]).content.decode()

    assert done.status_code == 302
    assert "Done" in page
    assert "ZH••••56" in page or "ZH" in page
    assert "ZH123456" not in page
    assert "ZH 123456" not in page
    given = Validation.objects.get()
    assert given.given_by == shop.person
    back = shop.client.post(f"/validate/{given.pk}/undo/")
    assert "taken back" in shop.client.get(back["Location"]).content.decode()
    assert Ticket.objects.get().discounts == []


def test_the_page_tells_nothing_of_where_and_when_the_car_parks(shop):
    page = shop.client.get(shop.post(shop.ticket.number)["Location"]).content.decode()
    spot, entry = shop.ticket.spot.number, shop.ticket.entry_at.astimezone(dt.UTC)

    assert spot not in page
    assert shop.ticket.number not in page
    assert shop.ticket.token not in page
    assert entry.isoformat()[:16] not in page


def test_a_double_submit_is_one_validation(shop):
    key = uuid.uuid4()
    pages = [shop.post(shop.ticket.number, key=key)["Location"] for _ in range(2)]

    assert pages[0] == pages[1]
    assert Validation.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ZH 999", "No car that is parked here"),
        ("", "required"),
        ("PS-0000000000", "No car"),
        ("x" * 400, "at most 300"),
    ],
)
def test_what_is_not_found_is_refused_at_its_field(shop, text, words):
    answer = shop.post(text)

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_without_a_tap_it_asks_for_one(shop):
    answer = shop.client.post(PAGE, {"ticket": shop.ticket.number, "key": uuid.uuid4()})

    assert (answer.status_code, "Tap what they get" in answer.content.decode()) == (422, True)


def test_another_merchants_type_and_validation_are_not_there(shop):
    other = make_merchant(shop.lot)
    kind, person = make_validation_type(other), make_validator(other)
    shop.post(shop.ticket.number)
    theirs = Client()
    theirs.force_login(person)

    assert shop.post(shop.ticket.number, type=kind.pk).status_code == 422
    assert theirs.post(f"/validate/{Validation.objects.get().pk}/undo/").status_code == 404
    assert theirs.get(f"/validate/code/{shop.kind.pk}/").status_code == 404
    assert shop.api("post", shop.ticket.number, {"type": kind.pk}).status_code == 404
    assert Validation.objects.standing().count() == 1


def test_plates_cannot_be_tried_without_end(shop, monkeypatch):
    monkeypatch.setattr("merchants.validation_tries.VALIDATIONS_PER_MINUTE", 1)

    assert "No car" in shop.post("ZH 1").content.decode()
    assert "Too many tries" in shop.post(shop.ticket.number).content.decode()


def test_a_person_of_a_shop_that_ended_sees_nothing(shop):
    shop.merchant.ended_at = dt.datetime.now(dt.UTC)
    shop.merchant.save()

    assert shop.client.get(PAGE).status_code == 403


def test_a_program_gives_and_withdraws_and_sees_the_fee(shop):
    types = shop.client.get("/api/v1/validation-types").json()
    before = shop.client.get(f"/api/v1/tickets/{shop.ticket.number}/fee").json()["amount"]
    fee = shop.api("post", shop.ticket.token, {"type": types[0]["id"]}, **{"Idempotency-Key": "one"})

    assert types == [{"id": shop.kind.pk, "name": "Coffee", "merchant": "Café Rosso", "discount": {"free_minutes": 60}}]
    assert fee.json()["amount"] == before - 300
    assert fee.json()["lines"][-1]["label"] == "Café Rosso: 60 min free"
    again = shop.api("post", shop.ticket.token, {"type": shop.kind.pk}, **{"Idempotency-Key": "one"})
    assert (again.status_code, again.json()["amount"]) == (200, before - 300)
    refused = shop.api("post", shop.ticket.token, {"type": shop.kind.pk}, **{"Idempotency-Key": "two"})
    assert (refused.status_code, refused.json()["code"]) == (409, "validation_limit")
    gone = shop.client.delete(f"/api/v1/tickets/{shop.ticket.number}/validations?type={shop.kind.pk}")
    assert (gone.status_code, gone.json()["amount"]) == (200, before)
    assert (
        shop.client.delete(f"/api/v1/tickets/{shop.ticket.number}/validations?type={shop.kind.pk}").status_code == 404
    )


def test_a_program_does_not_find_cars_by_their_plate(shop):
    assert shop.api("post", "ZH123456", {"type": shop.kind.pk}).status_code == 404


def test_an_ended_stay_is_409_stay_over(shop):
    Ticket.objects.update(status="closed", exit_at=dt.datetime.now(dt.UTC), closed_reason="paid")

    answer = shop.api("post", shop.ticket.number, {"type": shop.kind.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "stay_over")


def test_the_code_of_the_day_is_worth_nothing_tomorrow(shop):
    at = dt.datetime(2026, 3, 2, 22, 59, tzinfo=dt.UTC)  # 23:59 in Zurich
    code = code_of_day(shop.kind, at=at)

    assert type_of_code(code, at=at) == shop.kind
    for worthless, then in ((code, at + dt.timedelta(minutes=1)), (code[:-1], at), ("", at), ("x:y", at)):
        with pytest.raises(Exception, match="not valid today"):
            type_of_code(worthless, at=then)
    page = shop.client.get(reverse("shop:code", args=[shop.kind.pk]))
    assert "<svg" in page.content.decode()
