"""The pages on which admins see and change tariffs."""

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils.timezone import now

from billing.models import Tariff
from common.time import day_words
from tests.factories import HOURLY, make_lot, make_operator, make_tariff, make_ticket, make_user

pytestmark = pytest.mark.django_db

BAND = {"from": "20:00", "to": "07:00", "price": 1, "increment_minutes": 1}
WHOLE = BAND | {"from": "00:00", "to": "24:00"}
STEPS = [{"up_to_minutes": 60, "price": 300}]


@pytest.fixture
def lot():
    return make_lot(make_operator(), slug="central")


@pytest.fixture
def tariff(lot):
    return lot.tariffs.get()


@pytest.fixture
def admin(client, lot):
    client.force_login(make_user("admin", lot.operator))
    return client


def values(rules=HOURLY, **fields):
    given = {"name": "Standard", "valid_from": "2020-01-01", "valid_until": ""}
    return given | {"rules": json.dumps(rules)} | fields


@pytest.mark.parametrize("name", ["office:tariff_edit", "office:tariff_withdrawal"])
@pytest.mark.parametrize(
    ("who", "status"),
    [(("admin", True), 200), (("admin", False), 404), (("attendant", True), 403), ((None, True), 403)],
)
def test_page_is_the_admins_of_its_operator_only(client, tariff, name, who, status):
    role, own = who
    client.force_login(make_user(role, tariff.lot.operator if own else make_operator()))
    url = reverse(name, args=[tariff.pk])
    assert client.get(url).status_code == status
    if status != 200:
        assert client.post(url, values()).status_code == status
        assert client.get(reverse("office:tariff", args=[tariff.pk])).status_code == status


def test_visitor_is_sent_to_log_in(client, tariff):
    for name, args in (("office:tariffs", []), ("office:tariff_new", []), ("office:tariff_edit", [tariff.pk])):
        assert client.get(reverse(name, args=args)).status_code == 302


def test_list_shows_the_operators_tariffs_only_in_a_bounded_number_of_queries(
    admin, lot, django_assert_max_num_queries
):
    make_tariff(make_lot(tariff=None), name="Strange")
    with django_assert_max_num_queries(8):
        admin.get(reverse("office:tariffs"))
    for number in range(4):
        make_tariff(make_lot(lot.operator, tariff=None), name=f"Ours {number}")
    with django_assert_max_num_queries(8):
        page = admin.get(reverse("office:tariffs")).content.decode()
    assert "Strange" not in page
    assert all(f"Ours {number}" in page for number in range(4))


def test_tariff_is_shown_in_words_with_what_may_surprise(admin, tariff):
    Tariff.objects.filter(pk=tariff.pk).update(
        rules=HOURLY | {"packages": [{"name": "Early bird", "entry_from": "06:00", "entry_to": "09:00", "price": 1600}]}
    )
    page = admin.get(reverse("office:tariff", args=[tariff.pk])).content.decode()
    assert "per 1 h" in page
    assert "Worth a second look" in page


def test_tariff_is_never_made_for_a_lot_of_others(admin):
    make_lot(slug="strange", tariff=None)
    answer = admin.post(reverse("office:tariff_new"), values(lot="strange"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["lot"])
    assert not Tariff.objects.filter(lot__slug="strange").exists()


def test_new_tariff_is_put_in_force(admin, lot):
    other = make_lot(lot.operator, slug="other", tariff=None)
    answer = admin.post(reverse("office:tariff_new"), values(lot="other"))
    made = other.tariffs.get()
    assert answer["Location"] == reverse("office:tariff", args=[made.pk])
    assert made.rules == HOURLY


def test_tariff_on_taken_days_is_refused_at_its_field(admin, lot):
    answer = admin.post(reverse("office:tariff_new"), values(lot="central"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["valid_from"])


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("{", "Line 1: a name in double quotes is expected here. Perhaps there is an extra comma before it."),
        ('{\n "plans": [1 2]}', "Line 2: a comma or a closing bracket is missing here."),
        ('{"plans" []}', "Line 1: a colon is missing here."),
        ("[]", "The rules must be an object."),
        ('{"plans": []}', "Plans must have at least one plan."),
        (json.dumps(HOURLY | {"colour": 1}), "Colour is not a known field."),
        (json.dumps({"plans": [{"bands": [BAND]}]}), "From 07:00 to 20:00 there is no price."),
        (
            json.dumps({"plans": [{"name": "Week", "bands": [BAND]}, {"priority": 1, "steps": STEPS}]}),
            "Plan “Week”: from 07:00 to 20:00 there is no price.",
        ),
        (
            json.dumps({"plans": [{"name": "Week", "bands": [BAND | {"price": "x"}]}]}),
            "Plan “Week”, band 1: price must be a whole number from 0 to ",
        ),
        (json.dumps({"plans": [{"bands": [WHOLE, BAND]}]}), "Plan 1, band 2: start overlaps band 1."),
        (
            json.dumps({"plans": [{"steps": STEPS}] * 2}),
            "Plan 2: priority is the same as that of plan 1, and both can match a stay",
        ),
        (
            json.dumps({"plans": [{"days": ["mon"], "steps": STEPS}]}),
            "Tue 00:00–24:00: no plan prices compact spots on the first day of a stay.",
        ),
        (json.dumps({"plans": [{"days": ["mon"], "steps": STEPS}]}), "And 64 more like this."),
        ("[" * 100_000, "These rules can"),
    ],
)
def test_wrong_rules_are_refused_with_their_place_in_words(admin, tariff, rules, said):
    answer = admin.post(reverse("office:tariff_edit", args=[tariff.pk]), values() | {"rules": rules})
    assert answer.status_code == 422
    errors = list(answer.context["json_form"].errors["rules"])
    assert any(said in error for error in errors), errors
    assert not any("$" in error or "JSON" in error for error in errors)
    tariff.refresh_from_db()
    assert tariff.rules == HOURLY


def test_new_rules_of_a_used_tariff_lead_to_its_new_revision(admin, lot, tariff):
    make_ticket(lot)
    answer = admin.post(reverse("office:tariff_edit", args=[tariff.pk]), values(HOURLY | {"minimum_charge": 500}))
    revised = lot.tariffs.current().get()
    assert answer["Location"] == reverse("office:tariff", args=[revised.pk])
    assert revised.revision == 2
    old = admin.get(reverse("office:tariff", args=[tariff.pk])).content.decode()
    assert "Superseded" in old
    assert "/edit/" not in old
    assert admin.get(reverse("office:tariff_edit", args=[tariff.pk])).status_code == 302
    assert admin.post(reverse("office:tariff_edit", args=[tariff.pk]), values()).status_code == 422


def test_withdrawal_asks_first_and_says_that_parking_becomes_free(admin, lot, tariff):
    url = reverse("office:tariff_withdrawal", args=[tariff.pk])
    said = "It is the only tariff of Central: from now on new stays are free."
    assert said in admin.get(url).content.decode()
    Tariff.objects.filter(pk=tariff.pk).update(valid_until=now().date() + dt.timedelta(days=9))
    day = now().date() + dt.timedelta(days=10)
    coming = make_tariff(lot, name="Winter", valid_from=day)
    said = f"New stays at Central are free until Winter begins on {day_words(day)}."
    assert said in admin.get(url).content.decode()
    of_coming = reverse("office:tariff_withdrawal", args=[coming.pk])
    assert "It will price no new stays" in admin.get(of_coming).content.decode()
    coming.delete()
    assert lot.tariffs.current().exists()
    admin.post(url)
    assert not lot.tariffs.exists()
