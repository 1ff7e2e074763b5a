"""The same till opened, moved, counted and closed over the API at the same moment."""

import pytest
from django.db import transaction

from billing.models import CashMovement, Shift, ShiftCount
from tests.api.documented import post
from tests.at_once import at_once, meeting
from tests.factories import make_cashier, make_lot, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 32
FLOAT = {"lot": "central", "drawer": "Till 1", "float_amount": 10000}


@pytest.fixture
def lot():
    return make_lot(slug="central")


@pytest.fixture
def cashier(lot):
    return make_cashier(lot)


def same(person, path, body, key=""):
    return at_once([lambda: post(person, path, body, key=key) for _ in range(TIMES)])


def test_same_shift_is_opened_once(lot):
    answers = same(make_user("attendant", lot.operator), "/shifts", FLOAT, key="k")

    assert [answer.status_code for answer in answers] == [201] * TIMES
    assert {answer.json()["id"] for answer in answers} == {Shift.objects.get().pk}


def test_one_drawer_goes_to_one_of_many(lot):
    people = [make_user("attendant", lot.operator) for _ in range(TIMES)]

    answers = at_once([lambda person=person: post(person, "/shifts", FLOAT) for person in people])

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (TIMES - 1)
    assert Shift.objects.count() == 1


def test_same_movement_is_recorded_once(cashier):
    path = f"/shifts/{cashier.shifts.get().pk}/movements"

    answers = same(cashier, path, {"kind": "drop", "amount": 5000}, key="k")

    assert [answer.status_code for answer in answers] == [201] * TIMES
    assert {answer.json()["id"] for answer in answers} == {CashMovement.objects.get().pk}


def close_many(cashier):
    path = f"/shifts/{cashier.shifts.get().pk}"
    counts = same(cashier, f"{path}/count", {"cash": {"CHF": 10000}})
    return counts, same(cashier, f"{path}/close", {"left_amount": 4000})


def test_till_is_counted_and_closed_once(cashier):
    counts, closes = close_many(cashier)

    for answers, code in ((counts, "already_counted"), (closes, "shift_closed")):
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * (TIMES - 1)
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {code}
    assert ShiftCount.objects.count() == 1
    assert sorted(CashMovement.objects.values_list("kind", "amount")) == [("drop", 6000), ("handed_over", 4000)]
    assert broken() == []


def test_without_its_lock_the_till_would_be_closed_twice(cashier, monkeypatch):
    def load(shift):
        return Shift.objects.select_related("lot__operator", "person").get(pk=shift.pk)

    monkeypatch.setattr("billing.shifts.closing.lock_shift", meeting(load, TIMES))

    counts, closes = close_many(cashier)

    # Only the keys of the rows stop them then: an error, which no program should see.
    assert any(isinstance(answer, Exception) for answer in [*counts, *closes])
    assert transaction.get_autocommit()
