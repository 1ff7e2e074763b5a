"""Operators' gates, tariffs and people over the API."""

import pytest

from accounts.models import Invitation, Membership
from billing.models import Tariff
from devices.models import Device
from lots.models import Gate
from notifications.models import Message
from tests.api.bookings_sent import post, refusal
from tests.api.test_keys import bearer
from tests.api.test_lot_records import API, delete, patch
from tests.entrance.sessions import client_of
from tests.factories import HOURLY, make_api_key, make_charge, make_device, make_gate, make_lot, make_ticket, make_user

pytestmark = pytest.mark.django_db
DEARER = HOURLY | {"minimum_charge": 500}


@pytest.fixture
def lot():
    return make_lot(slug="central")


@pytest.fixture
def person(lot):
    return make_user("admin", lot.operator)


@pytest.fixture
def admin(person):
    return client_of(person)


def test_gates_are_kept(admin, lot):
    path = "lots/central/gates"
    for code, direction in (("b", "exit"), ("a", "entry")):
        post(admin, {"code": code, "direction": direction}, path=f"{API}/{path}")
    assert [gate["code"] for gate in admin.get(f"{API}/{path}").json()["items"]] == ["a", "b"]
    assert [gate["code"] for gate in admin.get(f"{API}/{path}?sort=-code").json()["items"]] == ["b", "a"]
    tag = admin.get(f"{API}/{path}/a")["ETag"]
    answer = patch(admin, f"{path}/a", {"closed": True, "name": "Main St"}, tag)
    assert (answer.json()["closed"], answer.json()["name"], answer.json()["level"]) == (True, "Main St", 0)
    assert refusal(patch(admin, f"{path}/a", {"closed": False}, tag))[0] == 412
    assert refusal(patch(admin, f"{path}/a", {"level": 9000}))[::2] == (422, ["level"])
    assert refusal(post(admin, {"code": "x y", "direction": "up"}, path=f"{API}/{path}"))[0] == 422
    assert delete(admin, f"{path}/b").status_code == 204
    assert refusal(admin.get(f"{API}/{path}/b"))[0] == 404


def test_gate_in_use_is_not_deleted(admin, lot):
    device, _key = make_device(make_gate(lot, code="a"))
    assert refusal(delete(admin, "lots/central/gates/a"))[:2] == (409, "gate_in_use")
    assert Device.objects.get() == device
    assert Gate.objects.count() == 1


def test_tariffs_are_listed_changed_and_ended(admin, lot):
    path = "lots/central/tariffs"
    (listed,) = admin.get(f"{API}/{path}").json()["items"]
    assert (listed["standing"], listed["rules"]) == ("in force", HOURLY)
    clash = {"name": "Other", "valid_from": "2030-01-01", "rules": HOURLY}
    assert refusal(post(admin, clash, path=f"{API}/{path}"))[:2] == (409, "tariff_overlap")
    one = f"{path}/{listed['id']}"
    tag = admin.get(f"{API}/{one}")["ETag"]
    ended = patch(admin, one, {"valid_until": "2029-12-31"}, tag)
    assert (ended.status_code, ended.json()["valid_until"], ended.json()["rules"]) == (200, "2029-12-31", HOURLY)
    assert refusal(patch(admin, one, {"name": "x"}, tag))[0] == 412
    assert post(admin, clash, path=f"{API}/{path}").json()["standing"] == "scheduled"
    assert refusal(patch(admin, one, {"valid_until": "2019-12-31"}))[::2] == (422, ["valid_until"])


def test_version_that_priced_a_stay_is_kept(admin, lot):
    tariff = lot.tariffs.get()
    make_ticket(lot, charge=make_charge(lot), tariff=tariff)
    path = f"lots/central/tariffs/{tariff.pk}"
    changed = patch(admin, path, {"rules": DEARER}).json()
    assert (changed["revision"], changed["rules"]["minimum_charge"]) == (2, 500)
    assert changed["id"] != tariff.pk
    assert admin.get(f"{API}/{path}").json()["standing"] == "superseded"
    assert refusal(patch(admin, path, {"rules": HOURLY}))[:2] == (409, "tariff_superseded")
    assert len(admin.get(f"{API}/lots/central/tariffs?superseded=true").json()["items"]) == 2
    assert delete(admin, f"lots/central/tariffs/{changed['id']}").status_code == 204
    assert Tariff.objects.get() == tariff


def test_mistake_in_rules_is_named_by_its_place_in_the_body(admin, lot):
    plan = {"name": "x", "bands": [{"from": "00:00", "to": "24:00", "price": -1, "increment_minutes": 60}]}
    sent = {"valid_from": "2030-01-01", "rules": HOURLY | {"plans": [plan]}}
    for answer in (
        post(admin, sent, path=f"{API}/lots/central/tariffs"),
        patch(admin, f"lots/central/tariffs/{lot.tariffs.get().pk}", sent),
    ):
        assert refusal(answer) == (422, "invalid_tariff", ["rules.plans[0].bands[0].price"])


def test_change_of_prices_is_the_keys(person, lot):
    client = bearer(make_api_key(person, "tariffs:write", name="Pricing").key)
    changed = patch(client, f"lots/central/tariffs/{lot.tariffs.get().pk}", {"rules": DEARER})
    assert changed.status_code == 200


def test_people_are_invited_and_withdrawn(admin, lot):
    sent = {"email": "Ada@example.com", "role": "attendant"}
    made = post(admin, sent, key="k", path=f"{API}/users")
    assert (made.status_code, made.json()["email"], made.json()["operator"]) == (
        201,
        "ada@example.com",
        lot.operator.slug,
    )
    assert post(admin, sent, key="k", path=f"{API}/users").content == made.content
    assert Message.objects.get().recipient == "ada@example.com"
    assert refusal(post(admin, sent | {"role": "validator"}, path=f"{API}/users"))[::2] == (422, ["role"])
    assert refusal(post(admin, sent | {"email": "nobody"}, path=f"{API}/users"))[::2] == (422, ["email"])
    path = f"users/invitations/{made.json()['id']}"
    assert delete(admin, path).status_code == 204
    assert refusal(delete(admin, path))[0] == 404
    assert not Invitation.objects.waiting().exists()


def test_invitation_by_a_program_says_so(person):
    client = bearer(make_api_key(person, "people:write", name="HR").key)
    assert post(client, {"email": "a@example.com", "role": "admin"}, path=f"{API}/users").status_code == 201
    assert Message.objects.get().context["invited_by"] == "key HR"


def test_roles_change_and_people_leave(admin, person, lot):
    member = make_user("attendant", lot.operator).memberships.get()
    listing = admin.get(f"{API}/users?sort=role&fields=id,role").json()["items"]
    assert listing == [{"id": person.memberships.get().pk, "role": "admin"}, {"id": member.pk, "role": "attendant"}]
    tag = admin.get(f"{API}/users/{member.pk}")["ETag"]
    assert patch(admin, f"users/{member.pk}", {"role": "admin"}, tag).json()["role"] == "admin"
    assert refusal(delete(admin, f"users/{member.pk}", tag))[0] == 412
    assert delete(admin, f"users/{member.pk}").status_code == 204
    last = person.memberships.get()
    assert refusal(patch(admin, f"users/{last.pk}", {"role": "attendant"}))[:2] == (409, "last_admin")
    assert refusal(delete(admin, f"users/{last.pk}"))[:2] == (409, "last_admin")
    assert Membership.objects.count() == 1


def test_role_is_limited_to_lots_and_stays_so(admin, lot):
    member = make_user("attendant", lot.operator).memberships.get()
    path = f"users/{member.pk}"
    assert patch(admin, path, {"role": "guard", "lots": [lot.slug]}).json()["lots"] == [lot.slug]
    assert patch(admin, path, {"role": "attendant"}).json()["lots"] == [lot.slug]
    assert refusal(patch(admin, path, {"role": "attendant", "lots": ["elsewhere"]}))[::2] == (422, ["lots"])
    assert refusal(patch(admin, path, {"role": "attendant", "lots": []}))[::2] == (422, ["lots"])
    assert patch(admin, path, {"role": "attendant", "lots": None}).json()["lots"] is None
    sent = {"email": "eve@example.com", "role": "guard", "lots": [lot.slug]}
    assert post(admin, sent, path=f"{API}/users").json()["lots"] == [lot.slug]


def test_people_of_others_are_not_found(admin, lot):
    theirs = make_user("attendant", make_lot().operator).memberships.get()
    assert refusal(patch(admin, f"users/{theirs.pk}", {"role": "admin"}))[0] == 404
    assert refusal(delete(admin, f"users/{theirs.pk}"))[0] == 404
    driver = client_of(make_user())
    assert refusal(driver.get(f"{API}/users/{theirs.pk}"))[0] == 404
    assert refusal(post(driver, {"email": "a@example.com", "role": "admin"}, path=f"{API}/users"))[0] == 403
