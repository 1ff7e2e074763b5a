"""What people may ask of the API, with which credentials."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from ninja.errors import HttpError

from api.auth import PageSession
from tests.entrance.sessions import client_of
from tests.factories import make_charge, make_lot, make_operator, make_proof, make_ticket, make_user, make_vehicle

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-password"


@pytest.fixture
def operator():
    return make_operator()


@pytest.fixture
def lot(operator):
    return make_lot(operator, slug="central")


def token_client(user):
    """Log in through the headless API as a program does."""
    answer = Client().post(
        "/_allauth/app/v1/auth/login",
        {"email": user.email, "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    token = answer.json()["meta"]["access_token"]
    return Client(headers={"authorization": f"Bearer {token}"})


# The answers to an attendant, a driver, and an admin of another operator.
PATHS = [
    ("lots/central/dashboard", (403, 404, 404)),
    ("lots/central/activities", (200, 404, 404)),
    ("revenue-summary", (403, 403, 200)),
    ("revenue-summary?lot=central", (403, 404, 404)),
    ("users", (403, 403, 200)),
    ("me", (200, 200, 200)),
    ("tickets", (200, 200, 200)),
]


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_row_is_seen_by_whom_it_concerns(operator, lot, path, expected):
    make_lot(slug="elsewhere")
    path = f"/api/v1/{path}"

    def status(*person):
        response = client_of(make_user(*person)).get(path)
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json"
        return response.status_code

    anonymous = Client().get(path)

    assert status("admin", operator) == 200
    assert (status("attendant", operator), status(), status("admin", make_lot().operator)) == expected
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "unauthorized")


def test_access_token_is_as_good_as_the_session(operator, lot):
    admin = make_user("admin", operator, password=PASSWORD)

    assert token_client(admin).get("/api/v1/me").json()["email"] == admin.email


def test_token_of_a_person_who_was_shut_out_is_refused(operator):
    admin = make_user("admin", operator, password=PASSWORD)
    client = token_client(admin)
    admin.is_active = False
    admin.save()

    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("token", ["nonsense", "e30.e30.e30", ""])
def test_wrong_token_is_refused(token):
    response = Client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/me")

    assert response.status_code == 401


def test_session_changes_nothing_without_its_csrf_token(operator):
    request = RequestFactory().post("/api/v1/anything")
    request.user = make_user("admin", operator)
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "a session"

    with pytest.raises(HttpError) as refused:
        PageSession()(request)

    assert refused.value.status_code == 403


@pytest.mark.parametrize("path", ["reservations", "tasks/cache-clear", "me/tickets"])
def test_who_sends_no_credentials_is_asked_for_them_also_by_writes(path):
    answer = Client(enforce_csrf_checks=True).post(f"/api/v1/{path}", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_me_says_where_one_works_and_drives(operator):
    person = make_user("attendant", operator, name="Beat")
    make_vehicle(person, "ZH 1")

    me = client_of(person).get("/api/v1/me").json()

    assert me["name"] == "Beat"
    assert me["memberships"] == [{"operator": operator.slug, "name": operator.name, "role": "attendant"}]
    assert me["vehicles"] == [{"plate": "ZH 1", "vehicle_type": "regular", "electric": False}]


def test_tickets_are_the_lots_and_ones_own(operator, lot):
    make_ticket(lot, "ZH 1")
    person = make_user("attendant", operator)
    make_proof(make_ticket(make_lot(), "ZH 2"), person)

    answer = client_of(person).get("/api/v1/tickets").json()

    assert {row["plate"] for row in answer["items"]} == {"ZH 1", "ZH 2"}
    assert (answer["total"], answer["page"], answer["page_size"]) == (2, 1, 50)


def test_driver_sees_none_but_their_own_tickets(lot):
    driver = make_user()
    make_ticket(lot, "ZH 1")
    make_vehicle(driver, "ZH 1")
    mine = make_ticket(lot, "ZH 2", charge=make_charge(lot, 600))
    make_proof(mine, driver)

    (row,) = client_of(driver).get("/api/v1/tickets").json()["items"]

    assert row["number"] == mine.number
    assert (row["due"], row["paid"], row["owed"], row["currency"]) == (600, 0, 600, "CHF")


def test_tickets_are_filtered_and_paged(operator, lot):
    day = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    for hour in range(4):
        make_ticket(lot, f"ZH {hour}", day + dt.timedelta(hours=hour))
    client = client_of(make_user("admin", operator))

    query = "from=2026-03-02T09:00:00Z&to=2026-03-02T11:00:00Z&status=active&page_size=1&page=2"
    answer = client.get(f"/api/v1/tickets?{query}").json()

    assert [row["plate"] for row in answer["items"]] == ["ZH 1"]
    assert answer["total"] == 2
    assert client.get("/api/v1/tickets?page=9").json()["items"] == []


@pytest.mark.parametrize(
    "query", ["status=gone", "from=yesterday", "to=2026-03-02", "page=0", "page_size=1000", "page=x"]
)
def test_wrong_filter_is_named(operator, query):
    response = client_of(make_user("admin", operator)).get(f"/api/v1/tickets?{query}")

    assert response.status_code == 422
    assert response.json()["errors"][0]["path"].endswith(query.partition("=")[0])


def test_dashboard_counts_and_finds(operator, lot):
    make_ticket(lot, "ZH 1")
    make_ticket(lot, "ZH 2", status="review")

    answer = client_of(make_user("admin", operator)).get("/api/v1/lots/central/dashboard").json()

    assert answer["availability"]["occupied"] == 1
    finding = {"kind": "review", "text": "1 stay in review", "href": "/manage/reviews/?lot=central"}
    assert finding | {"severity": "warning"} in answer["attention"]
    assert answer["revenue"] == [{"currency": "CHF", "today": 0, "week_ago": 0, "change_percent": None}]
    assert len(answer["by_hour"]) == 24


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_limit_of_activities_is_bounded(operator, lot, limit):
    response = client_of(make_user("admin", operator)).get(f"/api/v1/lots/central/activities?limit={limit}")

    assert response.status_code == 422


@pytest.mark.parametrize(
    "path", ["lots/%00/dashboard", "lots/%00/activities", "revenue-summary?lot=%00", "tickets?status=%00"]
)
def test_control_characters_are_refused(operator, path):
    assert client_of(make_user("admin", operator)).get(f"/api/v1/{path}").status_code in {404, 422}
