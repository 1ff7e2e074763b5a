"""The pages on which admins make, replace and withdraw the API keys of their programs."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.api_keys import withdraw_api_key
from accounts.models import ApiKey
from tests.entrance.sessions import client_of
from tests.factories import make_api_key, make_lot, make_user

pytestmark = pytest.mark.django_db
NEW = "/manage/keys/new/"


@pytest.fixture
def lot():
    return make_lot(slug="central")


@pytest.fixture
def person(lot):
    return make_user("admin", lot.operator)


@pytest.fixture
def admin(person):
    return client_of(person)


def shown_key(answer):
    (key,) = set(re.findall(r"parkapi_[0-9a-f]{12}_[0-9A-Za-z]{49}", answer.content.decode()))
    return key


def works(key, path="tickets"):
    client = Client(headers={"authorization": f"Bearer {key}"})
    return client.get(f"/api/v1/{path}").status_code == 200


def test_key_is_made_shown_once_and_works(admin, person):
    answer = admin.post(NEW, {"name": "Accounting", "may_stays": "read", "may_gates": "write"})
    assert answer.status_code == 302
    page = admin.get(answer["Location"])
    assert page["Cache-Control"] == "no-store"
    assert works(shown_key(page))
    made = ApiKey.objects.get()
    assert made.scopes == ["gates:read", "gates:write", "stays:read"]
    assert (made.lot_ids, made.ends_at, made.made_by) == (None, None, person)
    assert "parkapi_" + made.public_id + "_…" in admin.get(answer["Location"]).content.decode()
    assert not re.search(r"parkapi_[0-9a-f]{12}_[0-9A-Za-z]{49}", admin.get(answer["Location"]).content.decode())
    listed = admin.get(reverse("office:keys")).content.decode()
    assert "Accounting" in listed
    assert "Stays: Read" in listed


@pytest.mark.parametrize(("own", "zone"), [("", "Europe/Zurich"), ("America/New_York", "America/New_York")])
def test_key_for_a_lot_until_a_day(admin, lot, own, zone):
    lot.operator.timezone = own
    lot.operator.save()
    last = now().date() + dt.timedelta(days=3)
    answer = admin.post(NEW, {"name": "Signs", "may_lots": "read", "lots": ["central"], "ends_on": last.isoformat()})
    assert answer.status_code == 302, answer.context["form"].errors
    made = ApiKey.objects.get()
    assert made.lot_ids == [lot.pk]
    assert made.ends_at == dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))


def test_key_until_the_last_day_that_there_is_has_no_end(admin):
    answer = admin.post(NEW, {"name": "Signs", "may_lots": "read", "ends_on": "9999-12-31"})
    assert answer.status_code == 302
    assert ApiKey.objects.get().ends_at is None


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"may_stays": "read"}, "name"),
        ({"name": "x"}, "may_lots"),
        ({"name": "x", "may_stays": "all"}, "may_stays"),
        ({"name": "x", "may_stays": "read", "ends_on": "2020-01-01"}, "ends_on"),
        ({"name": "x", "may_people": "read", "lots": ["central"]}, "lots"),
        ({"name": "x", "may_stays": "read", "lots": ["elsewhere"]}, "lots"),
        ({"name": "Taken", "may_stays": "read"}, "name"),
    ],
)
def test_wrong_key_is_said_at_its_field(admin, person, sent, field):
    make_lot(slug="elsewhere")
    make_api_key(person, name="Taken")
    answer = admin.post(NEW, sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert ApiKey.objects.count() == 1


def test_key_is_of_one_operator(person, admin):
    other = make_lot(slug="other")
    person.memberships.create(operator=other.operator, role="admin")
    sent = {"name": "x", "may_stays": "read", "operator": other.operator.slug}
    assert admin.post(NEW, sent | {"lots": ["central"]}).context["form"].errors["lots"] == [
        "Choose lots of one operator."
    ]
    assert admin.post(NEW, sent | {"lots": ["other"]}).status_code == 302
    assert ApiKey.objects.get().operator == other.operator


def test_key_is_replaced_without_a_gap(admin, person):
    made = make_api_key(person, "stays:read")
    page = reverse("office:key_rolling", args=[made.row.pk])
    answer = admin.post(page, {"keep": "3600", "seen": ""})
    assert answer.status_code == 302
    fresh = shown_key(admin.get(answer["Location"]))
    assert works(fresh)
    assert works(made.key)
    again = admin.post(page, {"keep": "3600", "seen": ""}, follow=True)
    assert "Somebody has just replaced this key" in again.content.decode()
    assert works(fresh)
    seen = ApiKey.objects.get().rolled_at.isoformat()
    assert "was replaced already" in admin.get(page).content.decode()
    answer = admin.post(page, {"keep": "0", "seen": seen})
    assert not works(made.key)
    assert works(shown_key(admin.get(answer["Location"])))
    assert admin.post(page, {"keep": "1"}).status_code == 422


def test_key_is_withdrawn(admin, person):
    made = make_api_key(person, "stays:read", name="Accounting")
    page = reverse("office:key_withdrawal", args=[made.row.pk])
    assert admin.get(page).status_code == 200
    assert admin.post(page)["Location"] == reverse("office:keys")
    assert not works(made.key)
    key_page = admin.get(reverse("office:key", args=[made.row.pk])).content.decode()
    assert "Withdrawn" in key_page
    assert "Replace…" not in key_page
    answer = admin.post(reverse("office:key_rolling", args=[made.row.pk]), {"keep": "0"}, follow=True)
    assert "This key has ended" in answer.content.decode()


def test_list_begins_with_what_works_in_a_bounded_number_of_queries(admin, person, django_assert_max_num_queries):
    withdraw_api_key(key=make_api_key(person, name="Aaa").row, at=now(), by=person)
    for name in ("Bbb", "Ccc"):
        make_api_key(person, name=name)
    make_api_key(make_user("admin", make_lot().operator), name="Strange")
    with django_assert_max_num_queries(9):
        page = admin.get(reverse("office:keys")).content.decode()
    assert page.index("Bbb") < page.index("Ccc") < page.index("Aaa")
    assert "Strange" not in page


def test_key_says_that_it_ended_with_its_maker(admin, person, lot):
    other = make_user("admin", lot.operator, name="Ada")
    made = make_api_key(other)
    other.memberships.all().delete()
    page = admin.get(reverse("office:key", args=[made.row.pk])).content.decode()
    assert "Ada is no admin any more" in page
