"""Shifts in the office: over and short, reopening, forgotten ones."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from analytics.attention import attention_of
from analytics.scope import scope_of
from billing.models import Shift
from tests.desk.test_pages import words
from tests.factories import make_closed_shift, make_lot, make_shift, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(db):
    return make_lot()


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator)


@pytest.fixture
def client(admin):
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def cashier(lot):
    return make_user("attendant", lot.operator, name="Beat Frei")


def text(client, path="/manage/shifts/"):
    return words(client.get(path).content.decode())


def test_list_says_who_was_short_and_costs_the_same_for_many(client, lot, cashier, django_assert_max_num_queries):
    for number in range(8):
        make_closed_shift(cashier, lot, 9800, drawer=str(number))

    with django_assert_max_num_queries(14):
        page = text(client)
    assert "Beat Frei" in page
    assert "Short" in page
    other = make_shift(make_user("attendant", lot.operator), lot).person
    assert len(client.get(f"/manage/shifts/?person={cashier.pk}").context["page"]) == 8
    assert len(client.get(f"/manage/shifts/?person={other.pk}").context["page"]) == 1


def test_shifts_of_other_operators_are_not_there(client):
    other = make_lot()
    theirs = make_closed_shift(make_user("attendant", other.operator), other)

    assert client.get(f"/manage/shifts/{theirs.pk}/").status_code == 404
    assert client.post(f"/manage/shifts/{theirs.pk}/reopen/", {"reason": "r"}).status_code == 404
    assert theirs.drawer not in text(client)


def test_a_running_shift_says_nothing_of_what_is_expected(client, lot, cashier):
    running = make_shift(cashier, lot)

    assert "expected" not in text(client, f"/manage/shifts/{running.pk}/").replace("What is expected is shown", "")


def test_an_admin_reopens_with_a_reason(client, lot, cashier):
    closed = make_closed_shift(cashier, lot)

    assert client.post(f"/manage/shifts/{closed.pk}/reopen/", {"reason": ""}).status_code == 422
    assert client.post(f"/manage/shifts/{closed.pk}/reopen/", {"reason": "miscounted"}).status_code == 302
    assert Shift.objects.get().is_open
    assert "miscounted" in text(client, f"/manage/shifts/{closed.pk}/")
    assert client.post(f"/manage/shifts/{closed.pk}/reopen/", {"reason": "again"}).status_code == 422


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.001"])
def test_a_forgotten_shift_is_counted_and_closed_by_an_admin(client, lot, cashier, typed):
    running = make_shift(cashier, lot)

    refused = client.post(f"/manage/shifts/{running.pk}/end/", {"cash_CHF": typed, "note": "forgot"})
    assert refused.status_code == 422
    assert "id_cash_CHF_error" in refused.content.decode()
    assert Shift.objects.get().is_open
    assert client.post(f"/manage/shifts/{running.pk}/end/", {"cash_CHF": "98", "note": "forgot"}).status_code == 302

    shift = Shift.objects.get()
    assert (shift.is_closed, shift.counts.get().difference) == (True, -200)
    assert broken() == []


def test_the_tolerance_is_set_by_an_admin(client, lot):
    address = f"/manage/shifts/{lot.operator.slug}/tolerance/"

    assert client.post(address, {"tolerance": "many"}).status_code == 422
    assert client.post(address, {"tolerance": "5"}).status_code == 302
    lot.operator.refresh_from_db()
    assert lot.operator.till_tolerance == 500


def test_a_shift_of_sixteen_hours_needs_attention(admin, lot, cashier):
    shift = make_shift(cashier, lot, opened_at=now() - dt.timedelta(hours=16, minutes=5))
    found = [one.text.replace("\u00a0", " ") for one in attention_of(scope_of(admin, ""), now()) if one.kind == "shift"]

    assert found == [f"{lot.name}: shift of Beat Frei open for 16 h 5 min"]
    Shift.objects.filter(pk=shift.pk).update(opened_at=now() - dt.timedelta(hours=15))
    cache.clear()
    assert [
        one for one in attention_of(scope_of(admin, ""), now() + dt.timedelta(minutes=1)) if one.kind == "shift"
    ] == []
