"""Sessions end when they are not used and after a longest time; what opens an account is changed by its owner alone."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.timezone import now

from accounts.session_lifetimes import KEPT_AS
from tests.factories import make_user

PASSWORD = "a-long-enough-password"
HOUR, DAY = 3600, 86400
HEADLESS = "/_allauth/app/v1/"

pytestmark = pytest.mark.django_db


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def age(client: Client, *, unused: int, since: int) -> None:
    """Let a session have been used and begun so many seconds ago."""
    session, at = client.session, int(now().timestamp())
    session[KEPT_AS] = session[KEPT_AS] | {"seen": at - unused, "since": at - since}
    session.save()


def is_in(client: Client, **headers: str) -> bool:
    return client.get("/accounts/email/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("role", "unused", "since", "goes_on"),
    [
        ("admin", 8 * HOUR - 60, DAY, True),
        ("admin", 8 * HOUR + 60, DAY, False),
        ("attendant", 8 * HOUR + 60, DAY, False),
        ("admin", 60, 7 * DAY - 60, True),
        ("admin", 60, 7 * DAY + 60, False),
        (None, 14 * DAY - 60, 20 * DAY, True),
        (None, 14 * DAY + 60, 20 * DAY, False),
        (None, 60, 90 * DAY - 60, True),
        (None, 60, 90 * DAY + 60, False),
    ],
)
def test_session_ends_unused_and_after_all(role, unused, since, goes_on):
    client = client_of(make_user(role))
    key = client.session.session_key
    age(client, unused=unused, since=since)

    assert is_in(client) is goes_on
    assert Session.objects.filter(session_key=key).exists() is goes_on
    if role == "admin" and not goes_on:
        assert client.get("/manage/").url.startswith("/accounts/login/")


def test_use_is_noted_once_in_a_while_and_not_by_a_page_that_asks_by_itself():
    client = client_of(make_user())
    age(client, unused=DAY, since=DAY)
    assert is_in(client, **{"HX-Request": "true"})
    assert now().timestamp() - client.session[KEPT_AS]["seen"] >= DAY
    assert is_in(client)
    seen = client.session[KEPT_AS]["seen"]
    assert now().timestamp() - seen < 60
    age(client, unused=200, since=DAY)
    before = client.session[KEPT_AS]
    assert is_in(client)
    assert client.session[KEPT_AS] == before


def test_role_that_was_given_meanwhile_counts():
    person = make_user()
    client = client_of(person)
    assert client.session[KEPT_AS]["at_work"] is False
    person.is_staff = True
    person.save()
    age(client, unused=400, since=DAY)
    assert is_in(client)
    assert client.session[KEPT_AS]["at_work"] is True


def test_session_without_a_beginning_begins():
    client = client_of(make_user())
    session = client.session
    del session[KEPT_AS]
    session.save()

    assert is_in(client)
    assert now().timestamp() - client.session[KEPT_AS]["since"] < 60


def logged_in(person) -> tuple[str, str]:
    body = {"email": person.email, "password": PASSWORD}
    meta = Client().post(f"{HEADLESS}auth/login", body, content_type="application/json").json()["meta"]
    return meta["access_token"], meta["refresh_token"]


def refreshed(token: str):
    return Client().post(f"{HEADLESS}tokens/refresh", {"refresh_token": token}, content_type="application/json")


@pytest.mark.parametrize(("unused", "since", "status"), [(60, DAY, 200), (9 * HOUR, DAY, 401), (60, 8 * DAY, 401)])
def test_refresh_token_ends_with_its_session(unused, since, status):
    access, refresh = logged_in(make_user("admin", password=PASSWORD))
    row = UserSession.objects.get()
    store = Client()
    store.cookies["sessionid"] = row.session_key
    age(store, unused=unused, since=since)

    assert refreshed(refresh).status_code in ({200} if status == 200 else {400, 401})
    works = Client(headers={"authorization": f"Bearer {access}"}).get("/api/v1/me").status_code
    assert works == status
    assert UserSession.objects.exists() is (status == 200)


def asks(answer) -> bool:
    return answer.status_code == 302 and answer.url.startswith("/accounts/reauthenticate/")


def confirm(client: Client, answer):
    return client.post(answer.url, {"password": PASSWORD, "next": answer.url.partition("next=")[2].replace("%2F", "/")})


def test_address_is_added_after_confirming():
    person = make_user(password=PASSWORD)
    client = client_of(person)
    answer = client.post("/accounts/email/", {"action_add": "", "email": "other@example.com"})

    assert asks(answer)
    assert not EmailAddress.objects.filter(email="other@example.com").exists()
    confirm(client, answer)
    client.post("/accounts/email/", {"action_add": "", "email": "other@example.com"})
    assert EmailAddress.objects.filter(email="other@example.com", user=person).exists()


def test_phone_is_changed_after_confirming_and_the_rest_without():
    person = make_user(password=PASSWORD, phone="+41791112233")
    client = client_of(person)
    profile = {"name": "Ada", "phone": "+41791112233"}
    assert client.post("/me/account/", profile).url == "/me/account/"
    answer = client.post("/me/account/", profile | {"phone": "+41790000000"})
    assert asks(answer)
    person.refresh_from_db()
    assert (person.name, person.phone) == ("Ada", "+41791112233")

    confirm(client, answer)
    person.refresh_from_db()
    assert person.phone == "+41790000000"


def test_sessions_are_ended_after_confirming():
    person = make_user(password=PASSWORD)
    client = Client()
    for one in (Client(), client):
        one.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert client.get("/accounts/sessions/").status_code == 200
    answer = client.post("/accounts/sessions/")
    assert asks(answer)
    assert UserSession.objects.count() == 2
    confirm(client, answer)
    client.post("/accounts/sessions/")
    assert UserSession.objects.count() == 1


def test_program_ends_sessions_after_confirming():
    person = make_user(password=PASSWORD)
    client, other = Client(), Client()
    for one in (client, other):
        one.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    ended = UserSession.objects.get(session_key=other.session.session_key).pk
    api = "/_allauth/browser/v1/auth/"

    def end() -> int:
        return client.delete(f"{api}sessions", {"sessions": [ended]}, content_type="application/json").status_code

    assert end() == 401
    assert UserSession.objects.count() == 2
    body = {"password": PASSWORD}
    assert client.post(f"{api}reauthenticate", body, content_type="application/json").status_code == 200
    assert end() == 200
    assert UserSession.objects.count() == 1
