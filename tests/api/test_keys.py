"""What programs may ask of the API with an API key, and what records say of them."""

import re

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.api_keys import withdraw_api_key
from accounts.scopes import ALL_SCOPES, OPERATOR_WIDE, Resource
from api.auth import people_auth
from api.call_scopes import PERSONS, calls
from api.root import api
from exports.models import Export
from reservations.models import Reservation
from tests.api.bookings_sent import at, post, refusal
from tests.factories import make_api_key, make_lot, make_operator, make_proof, make_ticket, make_user

pytestmark = pytest.mark.django_db
API = "/api/v1"
EVERYTHING = sorted(ALL_SCOPES)


def bearer(text):
    return Client(headers={"authorization": f"Bearer {text}"})


@pytest.fixture
def operator():
    return make_operator()


@pytest.fixture
def lot(operator):
    return make_lot(operator, slug="central")


@pytest.fixture
def admin(operator, lot):
    return make_user("admin", operator)


def operations():
    """The method and route of each call that accepts what people and programs send, as in the URLs."""
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            route = re.sub(
                r"{(?:(\w+):)?(\w+)}", lambda found: f"<{found[1]}:{found[2]}>" if found[1] else f"<{found[2]}>", path
            )
            for operation in view.operations:
                if operation.auth_callbacks == people_auth:
                    yield from ((method, route.lstrip("/")) for method in operation.methods)


def test_every_call_of_people_names_its_scopes_or_is_for_persons_alone():
    known = set(operations())
    assert len(known) > 25
    assert known == set(calls()), "give each call a line in api/call_scopes.py"
    assert all(scopes <= ALL_SCOPES for scopes in calls().values()), PERSONS


def test_no_call_that_reads_needs_a_scope_to_write_or_the_reverse():
    for (method, route), scopes in calls().items():
        actions = {scope.partition(":")[2] for scope in scopes}
        assert ("write" in actions) <= (method != "GET"), (method, route)
        assert not scopes or ("write" in actions) or method == "GET", (method, route)


PATHS = {
    "lots/central/dashboard": "reports:read",
    "lots/central/activities": "stays:read",
    "revenue-summary": "reports:read",
    "users": "people:read",
    "tickets": "stays:read",
    "reservations": "bookings:read",
    "passes": "passes:read",
    "exports": "exports:read",
}


@pytest.mark.parametrize(("path", "scope"), PATHS.items())
def test_key_may_what_its_scopes_say_and_nothing_else(admin, path, scope):
    others = [one for one in EVERYTHING if one != scope and one != scope.replace("read", "write")]
    assert bearer(make_api_key(admin, scope).key).get(f"{API}/{path}").status_code == 200
    answer = bearer(make_api_key(admin, *others).key).get(f"{API}/{path}")
    assert refusal(answer)[:2] == (403, "insufficient_scope")
    assert scope in answer.json()["detail"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_only_people_do_is_no_matter_of_keys(admin, method):
    client = bearer(make_api_key(admin, *EVERYTHING).key)
    path = {"get": "me", "post": "me/tickets"}[method]
    assert refusal(getattr(client, method)(f"{API}/{path}"))[:2] == (403, "persons_only")


def test_wrong_and_ended_keys_are_answered_alike(admin):
    made = make_api_key(admin, "stays:read")
    withdraw_api_key(key=made.row, at=now(), by=admin)
    answers = [bearer(text).get(f"{API}/tickets") for text in (made.key, made.key[:-1] + "?", "parkapi_", "")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert answers[0]["WWW-Authenticate"] == "Bearer"


def test_key_sees_its_operators_rows_only_and_none_of_its_makers_own(admin, lot):
    elsewhere = make_lot(slug="elsewhere")
    make_ticket(lot, "ZH 1")
    make_proof(make_ticket(elsewhere, "ZH 2"), admin)
    admin.memberships.create(operator=elsewhere.operator, role="admin")
    client = bearer(make_api_key_for(admin, lot.operator, *EVERYTHING).key)
    assert [row["plate"] for row in client.get(f"{API}/tickets").json()["items"]] == ["ZH 1"]
    assert client.get(f"{API}/lots/elsewhere/dashboard").status_code == 404
    assert client.get(f"{API}/revenue-summary").json()["lots"] == ["central"]
    assert {row["operator"] for row in client.get(f"{API}/users").json()["items"]} == {lot.operator.slug}


def make_api_key_for(admin, operator, *scopes):
    other = make_user("admin", operator)
    return make_api_key(other, *scopes)


def test_key_of_chosen_lots_sees_those(admin, lot):
    other = make_lot(lot.operator, slug="other")
    make_ticket(lot, "ZH 1")
    make_ticket(other, "ZH 2")
    scopes = [scope for scope in EVERYTHING if Resource(scope.partition(":")[0]) not in OPERATOR_WIDE]
    client = bearer(make_api_key(admin, *scopes, lot_ids=[lot.pk]).key)
    assert [row["plate"] for row in client.get(f"{API}/tickets").json()["items"]] == ["ZH 1"]
    assert client.get(f"{API}/lots/other/dashboard").status_code == 404
    assert client.get(f"{API}/lots/central/dashboard").status_code == 200
    assert client.get(f"{API}/revenue-summary").json()["lots"] == ["central"]
    wish = {"start": at(0), "end": at(2), "plate": "ZH 1", "driver": None}
    assert refusal(post(client, wish | {"lot": "other"}))[0] in {403, 404}
    assert post(client, wish | {"lot": "central"}).status_code == 201


def test_what_a_key_did_is_the_keys(admin, lot):
    key = make_api_key(admin, "bookings:write", "exports:write", name="Hotel desk")
    client = bearer(key.key)
    wish = {"lot": "central", "start": at(0), "end": at(2), "plate": "ZH 1"}
    assert post(client, wish, key="once").status_code == 201
    assert post(client, wish, key="once").status_code == 201
    booking = Reservation.objects.get()
    assert (booking.driver, str(booking.booked_by)) == (None, "key Hotel desk")
    assert post(client, {"kind": "stays"}, path=f"{API}/exports").status_code == 202
    assert Export.objects.get().owner == key.row.acts_as


def test_use_of_a_key_is_shown(admin):
    made = make_api_key(admin, "stays:read")
    bearer(made.key).get(f"{API}/users")
    made.row.refresh_from_db()
    assert made.row.last_used_at is None
    bearer(made.key).get(f"{API}/tickets")
    made.row.refresh_from_db()
    assert made.row.last_used_at is not None


def test_key_is_found_with_one_statement(admin, django_assert_num_queries):
    made = make_api_key(admin, "exports:read")
    client = bearer(made.key)
    client.get(f"{API}/exports/1")
    with django_assert_num_queries(2):
        assert client.get(f"{API}/exports/1").status_code == 404


def test_document_names_the_scopes_of_each_call(client):
    document = client.get(f"{API}/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert set(schemes) == {"device_key", "access_token", "session", "api_key", "client", "oauth"}
    assert all("Example: `" in scheme["description"] for scheme in schemes.values())
    assert set(schemes["oauth"]["flows"]["clientCredentials"]["scopes"]) == ALL_SCOPES
    dashboard = document["paths"][f"{API}/lots/{{slug}}/dashboard"]["get"]
    assert {"oauth": ["reports:read"]} in dashboard["security"]
    assert "Programs need `reports:read`." in dashboard["description"]
    mine = document["paths"][f"{API}/me"]["get"]
    assert [list(way) for way in mine["security"]] == [["access_token"], ["session"]]
    used = {
        name
        for path in document["paths"].values()
        for one in path.values()
        for way in one.get("security", [])
        for name in way
    }
    assert used <= set(schemes)
