"""The office's pages of merchants and promo codes: made, limited, ended, and refused at the field that is wrong."""

import datetime as dt

import pytest
from django.test import Client

from accounts.models import Invitation, Membership, Merchant
from billing.models import PromoCode, Voucher
from merchants.models import MerchantLot, ValidationBudget, ValidationType
from merchants.services import give_validation
from notifications.models import Message
from tests.factories import (
    make_lot,
    make_merchant,
    make_operator,
    make_promo_code,
    make_ticket,
    make_user,
    make_validation_type,
    make_validator,
)

KIND = {"name": "Coffee", "gives": "free_minutes", "value": "60", "max_per_stay": "1", "share_percent": "100"}
CODE = {"shown": "Summer-26", "gives": "percent", "value": "20"}


class Office:
    def __init__(self) -> None:
        self.lot = make_lot()
        self.client = Client()
        self.client.force_login(make_user("admin", self.lot.operator))

    def post(self, path: str, body: dict[str, object]):
        return self.client.post(f"/manage/{path}", body)


@pytest.fixture
def office(db):
    return Office()


def test_a_merchant_is_added_with_its_lots_type_budget_and_person(office):
    made = office.post("merchants/new/", {"name": "Café Rosso", "lots": [office.lot.pk], "country": "CH"})
    merchant = Merchant.objects.get()
    page = f"merchants/{merchant.pk}/"
    assert made["Location"] == f"/manage/{page}"
    assert MerchantLot.objects.get().lot == office.lot
    assert office.post(page + "types/", KIND | {"budget_kind": "number", "budget": "100"}).status_code == 302
    kind = ValidationType.objects.get()
    assert (kind.discount, kind.budget_limit, kind.by_code) == ({"free_minutes": 60}, 100, False)
    assert office.post(page + "invite/", {"email": "v@example.com"}).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.merchant) == ("validator", merchant)
    assert "Café Rosso" in str(Message.objects.get().context)
    shown = office.client.get(f"/manage/{page}").content.decode()
    assert all(words in shown for words in ("Coffee", "1 h free", "0 of 100", "v@example.com"))
    assert "Café Rosso" in office.client.get("/manage/merchants/").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"gives": "percent", "value": "101"}, "value"),
        ({"gives": "percent", "value": "-1"}, "value"),
        ({"gives": "percent", "value": "0"}, "value"),
        ({"gives": "percent", "value": "0.00"}, "value"),
        ({"gives": "amount", "value": "-2"}, "value"),
        ({"gives": "amount", "value": "99999999999999999"}, "value"),
        ({"gives": "percent", "value": "1e1"}, "value"),
        ({"name": "a\0b"}, "name"),
        ({"gives": "amount", "value": "1.005"}, "value"),
        ({"gives": "amount", "value": "x"}, "value"),
        ({"gives": "free_minutes", "value": "9999999"}, "value"),
        ({"gives": "gold"}, "gives"),
        ({"max_per_stay": "0"}, "max_per_stay"),
        ({"share_percent": "101"}, "share_percent"),
        ({"budget_kind": "number"}, "budget"),
        ({"budget_kind": "number", "budget": "0"}, "budget"),
        ({"budget_kind": "amount", "budget": "50"}, "budget_kind"),
        ({"name": "Tea"}, "name"),
    ],
)
def test_what_can_not_be_given_is_refused_at_its_field(office, change, field):
    merchant = make_merchant(office.lot)
    make_validation_type(merchant, name="Tea")
    answer = office.post(f"merchants/{merchant.pk}/types/", KIND | change)

    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)
    assert ValidationType.objects.count() == 1


def test_a_budget_falls_no_lower_than_what_was_given(office):
    merchant = make_merchant(office.lot)
    kind = make_validation_type(merchant, budget_kind="number", budget_limit=5)
    for number in range(2):
        give_validation(kind=kind, ticket=make_ticket(office.lot, f"ZH {number}"), at=dt.datetime.now(dt.UTC), by=None)

    assert office.post(f"merchants/types/{kind.pk}/budget/", {"limit": "1"}).status_code == 422
    assert office.post(f"merchants/types/{kind.pk}/budget/", {"limit": "2"}).status_code == 302
    assert (ValidationBudget.objects.get().limit, ValidationType.objects.get().budget_limit) == (2, 2)
    assert 'name="limit" value="2"' in office.client.get(f"/manage/merchants/{merchant.pk}/").content.decode()


def test_a_type_ends_and_its_name_is_free_again(office):
    merchant = make_merchant(office.lot)
    kind = make_validation_type(merchant, name="Coffee")

    assert office.post(f"merchants/types/{kind.pk}/end/", {}).status_code == 302
    assert office.post(f"merchants/{merchant.pk}/types/", KIND).status_code == 302


def test_a_merchants_person_is_removed_from_its_page(office):
    merchant = make_merchant(office.lot)
    make_validator(merchant)
    member = Membership.objects.get(merchant=merchant)

    assert office.client.get("/manage/people/").content.decode().count(member.user.email) == 0
    assert office.post(f"people/{member.pk}/remove/", {})["Location"] == f"/manage/merchants/{merchant.pk}/"
    assert not Membership.objects.filter(merchant=merchant).exists()


def test_a_car_that_one_person_validates_again_and_again_is_shown(office):
    merchant = make_merchant(office.lot)
    kind, person = make_validation_type(merchant, max_per_stay=9), make_validator(merchant)
    ticket = make_ticket(office.lot, "ZH 4711")
    for _ in range(4):
        give_validation(kind=kind, ticket=ticket, at=dt.datetime.now(dt.UTC), by=person)

    page = office.client.get(f"/manage/merchants/{merchant.pk}/").content.decode()
    assert "Validated most often" in page
    assert "ZH4711" in page
    assert person.email in page


def test_a_code_is_added_listed_with_its_uses_and_ended(office):
    assert office.post("promo-codes/new/", CODE | {"lots": [office.lot.pk], "max_uses": "5"}).status_code == 302
    code = PromoCode.objects.get()
    assert (code.code, code.shown, code.discount, list(code.lots.all())) == (
        "SUMMER26", "Summer-26", {"percent": "20"}, [office.lot],
    )  # fmt: skip
    page = office.client.get("/manage/promo-codes/").content.decode()
    assert all(words in page for words in ("Summer-26", "20 % off", "0 of 5", office.lot.name))
    assert office.post(f"promo-codes/{code.pk}/end/", {}).status_code == 302
    assert "ended" in office.client.get("/manage/promo-codes/").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shown": "---"}, "shown"),
        ({"shown": "\ufdfa" * 40}, "shown"),
        ({"shown": "Old"}, "shown"),
        ({"gives": "percent", "value": "101"}, "value"),
        ({"valid_from": "2026-03-02", "valid_until": "2026-03-01"}, "valid_until"),
        ({"max_uses": "0"}, "max_uses"),
        ({"lots": ["999999"]}, "lots"),
    ],
)
def test_a_code_that_makes_no_sense_is_refused_at_its_field(office, change, field):
    make_promo_code(office.lot.operator, "old")
    answer = office.post("promo-codes/new/", CODE | change)

    assert (answer.status_code, field in answer.context["form"].errors) == (422, True)


def test_an_amount_goes_with_lots_of_its_currency_only(office):
    other = make_lot(office.lot.operator, currency="EUR", slug="aaa", name="Zzz")
    answer = office.post(
        "promo-codes/new/", CODE | {"gives": "amount", "value": "2", "lots": [office.lot.pk, other.pk]}
    )

    assert (answer.status_code, "lots" in answer.context["form"].errors) == (422, True)


def test_an_amount_without_lots_is_in_the_currency_of_the_operator_for_all_whose_lots_it_is(office):
    person, yen = make_user("admin", office.lot.operator), make_operator(name="Aaa", currency="JPY")
    Membership.objects.create(user=person, operator=yen, role="admin")
    office.client.force_login(person)

    assert office.post("promo-codes/new/", CODE | {"gives": "amount", "value": "350"}).status_code == 302
    code = PromoCode.objects.get()
    assert (code.operator, code.discount) == (yen, {"amount": 350})


def test_a_vouchers_amount_is_in_the_currency_of_the_chosen_operator(office):
    person, yen = make_user("admin", office.lot.operator), make_operator(name="Aaa", currency="JPY")
    Membership.objects.create(user=person, operator=yen, role="admin")
    office.client.force_login(person)
    for operator in (office.lot.operator, yen):
        body = {"operator": operator.slug, "number": "1", "amount": "350"}
        assert office.post("vouchers/new/", body).status_code == 302

    made = Voucher.objects.order_by("pk").values_list("currency", "amount")
    assert list(made) == [("CHF", 35000), ("JPY", 350)]


def test_a_refused_change_of_a_merchant_changes_nothing(office):
    make_merchant(office.lot, name="Taken")
    merchant, other = make_merchant(office.lot, name="Café"), make_lot(office.lot.operator)
    answer = office.post(f"merchants/{merchant.pk}/settings/", {"name": "Taken", "lots": [other.pk]})

    assert (answer.status_code, merchant.places.get().lot) == (422, office.lot)


def test_a_merchant_that_gives_something_moves_to_no_lot_of_another_currency(office):
    merchant, euro = make_merchant(office.lot, name="Café"), make_lot(office.lot.operator, currency="EUR")
    make_validation_type(merchant)
    answer = office.post(f"merchants/{merchant.pk}/settings/", {"name": "Café", "lots": [euro.pk]})

    assert (answer.status_code, "lots" in answer.context["form"].errors) == (422, True)
    assert merchant.places.get().lot == office.lot
