"""Doing now what comes by itself, over the API as the contract has it."""

import pytest
from django.utils.timezone import now

from reports.models import AskedTask
from reports.services import work_runs
from tests.api.bookings_sent import post, refusal
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_user

pytestmark = pytest.mark.django_db
PATH = "/api/v1/tasks"


@pytest.fixture
def lot():
    return make_lot()


@pytest.fixture
def admin(lot):
    return client_of(make_user("admin", lot.operator))


@pytest.mark.parametrize("name", ["daily-reminders", "monthly-reports", "cache-clear"])
def test_a_task_is_asked_for_and_followed(admin, name):
    answer = post(admin, {}, path=f"{PATH}/{name}")
    said = answer.json()
    assert (answer.status_code, set(said)) == (202, {"id", "status", "done", "of"})
    work_runs(clock=now, seconds=20)
    assert admin.get(f"{PATH}/{said['id']}").json()["status"] == "done"


@pytest.mark.parametrize("name", ["daily-reminders", "monthly-reports", "cache-clear"])
def test_a_task_asked_for_twice_with_one_key_is_one(admin, name):
    first = post(admin, {}, key="once", path=f"{PATH}/{name}")
    work_runs(clock=now, seconds=20)
    again = post(admin, {}, key="once", path=f"{PATH}/{name}")
    assert (again.status_code, again.json()) == (202, first.json())
    assert post(admin, {}, key="another", path=f"{PATH}/{name}").json()["id"] != first.json()["id"]
    assert AskedTask.objects.count() == 2
    other = "cache-clear" if name != "cache-clear" else "daily-reminders"
    assert refusal(post(admin, {}, key="once", path=f"{PATH}/{other}"))[:2] == (422, "idempotency_key_reused")


def test_a_form_of_several_parts_is_no_error_of_ours(lot):
    """The check of the CSRF token reads such a form; the body must still be there for who compares it."""
    client = client_of(make_user("admin", lot.operator), enforce_csrf_checks=True)
    token = "c" * 32
    client.cookies["csrftoken"] = token
    headers = {"X-CSRFToken": token, "Idempotency-Key": "once"}
    sent = [client.post(f"{PATH}/cache-clear", {"a": said}, headers=headers) for said in "bbc"]
    assert [answer.status_code for answer in sent] == [202, 202, 422]
    nonsense = "multipart/form-data; boundary="
    answer = client.post(f"{PATH}/cache-clear", b"x", nonsense, headers=headers | {"Idempotency-Key": "more"})
    assert answer.status_code == 202


def test_others_find_no_task_and_may_ask_for_none(admin, lot):
    task = post(admin, {}, path=f"{PATH}/cache-clear").json()["id"]
    for person in (make_user(), make_user("attendant", lot.operator)):
        stranger = client_of(person)
        assert refusal(stranger.get(f"{PATH}/{task}"))[0] == 404
        assert refusal(post(stranger, {}, path=f"{PATH}/cache-clear"))[:2] == (403, "forbidden")
    other = client_of(make_user("admin", make_lot().operator))
    assert refusal(other.get(f"{PATH}/{task}"))[0] == 404
    assert AskedTask.objects.count() == 1


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "9999-12", "soon", "2026-1", ["2026-10"]])
def test_month_that_can_not_be_is_refused(admin, month):
    assert refusal(post(admin, {"month": month}, path=f"{PATH}/monthly-reports"))[:2] in {
        (422, "invalid"),
        (422, "invalid_value"),
    }
    assert AskedTask.objects.count() == 0
