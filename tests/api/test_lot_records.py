"""Operators' lots, levels, zones and spots over the API."""

import datetime as dt
from functools import partial

import pytest
from django.utils.timezone import now

from accounts.kept_answers import KEPT_FOR
from accounts.models import KeptAnswer
from api import lot_records, records
from lots.models import Gate, Lot, Spot
from reservations.services import apply_blackouts
from tests.api.bookings_sent import post, refusal
from tests.api.test_keys import bearer
from tests.at_once import at_once, meeting
from tests.entrance.sessions import client_of
from tests.factories import (
    make_api_key,
    make_blackout,
    make_charge,
    make_gate,
    make_lot,
    make_operator,
    make_ticket,
    make_user,
)

pytestmark = pytest.mark.django_db
API = "/api/v1"
NEW = {"slug": "north", "name": "North", "timezone": "Europe/Zurich"}
JSON = "application/json"


@pytest.fixture
def lot():
    return make_lot(slug="central", levels=2)


@pytest.fixture
def admin(lot):
    return client_of(make_user("admin", lot.operator))


def patch(client, path, body, tag=""):
    headers = {"If-Match": tag} if tag else {}
    return client.patch(f"{API}/{path}", body, content_type=JSON, headers=headers)


def delete(client, path, tag=""):
    return client.delete(f"{API}/{path}", headers={"If-Match": tag} if tag else {})


def test_program_sets_a_lot_up_from_nothing_to_public(lot):
    person = make_user("admin", lot.operator)
    scopes = [f"{name}:write" for name in ("lots", "gates", "tariffs")] + ["lots:read", "gates:read", "tariffs:read"]
    client = bearer(make_api_key(person, *scopes).key)
    made = post(client, NEW | {"opening_hours": {"sun": "closed"}, "currency": "EUR"}, path=f"{API}/lots")
    assert (made.status_code, made.json()["currency"], made.json()["published"]) == (201, "EUR", False)
    assert refusal(patch(client, "lots/north", {"published": True}))[0] == 409
    assert post(client, {"number": -1, "name": "Deep"}, path=f"{API}/lots/north/levels").status_code == 201
    zone = {"name": "A", "count": 20, "prefix": "A-", "distance": 20}
    level = post(client, zone, path=f"{API}/lots/north/levels/-1/zones").json()
    assert [(one["name"], one["count"]) for one in level["zones"]] == [("A", 20)]
    for code, direction in (("n-in", "entry"), ("n-out", "exit")):
        assert post(client, {"code": code, "direction": direction}, path=f"{API}/lots/north/gates").status_code == 201
    rules = lot.tariffs.get().rules
    tariff = {"name": "Standard", "valid_from": "2020-01-01", "rules": rules}
    assert post(client, tariff, path=f"{API}/lots/north/tariffs").status_code == 201
    answer = patch(client, "lots/north", {"published": True, "bookable": False})
    assert (answer.status_code, answer.json()["published"], answer.json()["bookable"]) == (200, True, False)
    assert client.get(f"{API}/lots/north").status_code == 200


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"opening_hours": {"sun": "soon"}}, "opening_hours.sun"),
        ({"timezone": "Mars"}, "timezone"),
        ({"holidays": {"extra": ["x"]}}, "holidays.extra[0]"),
        ({"hold_minutes": "30"}, "hold_minutes"),
        ({"hold_minutes": True}, "hold_minutes"),
        ({"published": "yes"}, "published"),
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"operator_id": 1}, "operator_id"),
        ({"is_closed": True}, "is_closed"),
        ({"archived": True}, "archived"),
        ({"slug": "a b"}, "slug"),
        ({"latitude": 91}, "latitude"),
    ],
)
def test_wrong_setting_is_named_by_its_place(admin, lot, change, place):
    before = Lot.objects.values().get(pk=lot.pk)
    status, _code, places = refusal(patch(admin, "lots/central", change | {"city": "Bern"}))
    assert (status, places) == (422, [place])
    assert Lot.objects.values().get(pk=lot.pk) == before


def test_lot_that_can_not_be_made_is_refused(admin, lot):
    path = f"{API}/lots"
    assert refusal(post(admin, {"name": "x"}, path=path))[::2] == (422, ["slug", "timezone"])
    assert refusal(post(admin, NEW | {"slug": "central"}, path=path))[:2] == (409, "slug_taken")
    assert refusal(post(admin, NEW | {"published": True}, path=path))[::2] == (422, ["published"])
    assert refusal(post(admin, NEW | {"operator": "other"}, path=path))[::2] == (404, ["operator"])
    assert refusal(post(admin, [NEW], path=path))[0] == 422
    assert refusal(post(client_of(make_user()), NEW, path=path))[0] == 403
    chosen = make_api_key(make_user("admin", lot.operator), "lots:write", lot_ids=[lot.pk])
    assert refusal(post(bearer(chosen.key), NEW, path=path))[0] == 403
    assert Lot.objects.count() == 1


def test_who_manages_several_operators_says_which(admin, lot):
    person = make_user("admin", lot.operator)
    other = make_operator("other")
    person.memberships.create(operator=other, role="admin")
    client = client_of(person)
    assert refusal(post(client, NEW, path=f"{API}/lots"))[::2] == (422, ["operator"])
    assert post(client, NEW | {"operator": "other"}, path=f"{API}/lots").json()["operator"] == "other"


def test_what_is_fixed_stays(admin, lot):
    assert refusal(patch(admin, "lots/central", {"tracking": "levels"}))[:2] == (409, "tracking_fixed")
    make_charge(lot)
    assert refusal(patch(admin, "lots/central", {"currency": "EUR"}))[:2] == (409, "currency_fixed")


def test_lot_is_archived_and_restored(admin, lot):
    ticket = make_ticket(lot)
    assert refusal(delete(admin, "lots/central"))[0] == 409
    ticket.delete()
    answer = delete(admin, "lots/central")
    assert (answer.status_code, answer.json()["archived"]) == (200, True)
    assert delete(admin, "lots/central").status_code == 200
    assert admin.get(f"{API}/lot-settings").json()["items"] == []
    assert [one["slug"] for one in admin.get(f"{API}/lot-settings?archived=true").json()["items"]] == ["central"]
    restored = patch(admin, "lots/central", {"archived": False, "closed": False}).json()
    assert (restored["archived"], restored["closed"], restored["published"]) == (False, False, False)


def test_list_is_sorted_and_shows_some_fields(admin, lot):
    for slug in ("alpha", "beta"):
        make_lot(lot.operator, slug=slug, city=slug.title())
    make_lot(slug="strange")
    path = f"{API}/lot-settings"
    answer = admin.get(f"{path}?sort=-city&fields=slug,city&page_size=2").json()
    assert answer == {
        "items": [{"slug": "central", "city": "Zürich"}, {"slug": "beta", "city": "Beta"}],
        "total": 3,
        "page": 1,
        "page_size": 2,
    }
    assert refusal(admin.get(f"{path}?sort=operator"))[::2] == (422, ["sort"])
    assert refusal(admin.get(f"{path}?fields=slug,secret"))[::2] == (422, ["fields"])
    one = admin.get(f"{API}/lots/central/settings?fields=name")
    assert one.json() == {"name": "Central"}
    assert one["ETag"] == admin.get(f"{API}/lots/central/settings")["ETag"]


def test_lost_update_is_refused(admin, lot):
    read = admin.get(f"{API}/lots/central/settings")
    tag = read["ETag"]
    assert admin.get(f"{API}/lots/central/settings", headers={"If-None-Match": tag}).status_code == 304
    changed = patch(admin, "lots/central", {"city": "Bern"}, tag)
    assert changed.status_code == 200
    assert refusal(patch(admin, "lots/central", {"city": "Basel"}, tag))[:2] == (412, "changed_meanwhile")
    assert refusal(delete(admin, "lots/central", tag))[:2] == (412, "changed_meanwhile")
    # Compressing an answer, as most programs ask for, makes its tag weak.
    read = admin.get(f"{API}/lots/central/settings", headers={"Accept-Encoding": "gzip"})
    assert read["ETag"] == f"W/{changed['ETag']}"
    again = {"Accept-Encoding": "gzip", "If-None-Match": read["ETag"]}
    assert admin.get(f"{API}/lots/central/settings", headers=again).status_code == 304
    assert patch(admin, "lots/central", {"city": "Chur"}, read["ETag"]).status_code == 200
    assert refusal(patch(admin, "lots/central", {"city": "Basel"}, read["ETag"]))[0] == 412
    changed = patch(admin, "lots/central", {"city": "Bern"})
    both = f'"other", {changed["ETag"]}'
    assert patch(admin, "lots/central", {"city": "Basel"}, both).status_code == 200
    assert patch(admin, "lots/central", {"city": "Bern"}, "*").status_code == 200
    assert patch(admin, "lots/central", {"city": "Basel"}).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_of_two_changes_of_the_same_state_one_is_refused(is_locked, monkeypatch):
    """Without the lock both are carried out, and the first is lost."""
    lot = make_lot(slug="central")
    person = make_user("admin", lot.operator)
    tag = client_of(person).get(f"{API}/lots/central/settings")["ETag"]
    if not is_locked:
        monkeypatch.setattr(lot_records, "lock_lot", lambda _pk: None)
        monkeypatch.setattr(records, "etag_of", meeting(records.etag_of))
    calls = [partial(patch, client_of(person), "lots/central", {"city": city}, tag) for city in ("Bern", "Basel")]
    answers = at_once(calls)
    assert sorted(answer.status_code for answer in answers) == ([200, 412] if is_locked else [200, 200])


def test_row_of_bays_is_numbered_and_drawn_as_told_and_keeps_its_place(admin, lot):
    """What a program leaves out of a change stays: also where people drew the row."""
    drawn = {"step": 2, "left": 40, "top": 25, "angle": 90}
    sent = {"name": "Z", "count": 3, "prefix": "Z-", "start": 1} | drawn
    number = lot.levels.first().number
    path = f"{API}/lots/{lot.slug}/levels/{number}/zones"
    [zone] = [one for one in post(admin, sent, path=path).json()["zones"] if one["name"] == "Z"]
    assert {name: zone[name] for name in drawn} == drawn
    assert set(lot.spots.filter(zone=zone["id"]).values_list("number", flat=True)) == {"Z-1", "Z-3", "Z-5"}

    own = f"lots/{lot.slug}/zones/{zone['id']}"
    moved = patch(admin, own, {"name": "Y", "left": 60}).json()
    assert {name: moved[name] for name in drawn} == drawn | {"left": 60}
    for wrong, where in (({"left": None}, "left"), ({"angle": 360}, "angle"), ({"top": -1}, "top")):
        assert refusal(patch(admin, own, wrong))[::2] == (422, [where])
    assert refusal(post(admin, {"name": "X", "count": 1, "top": 5}, path=path))[::2] == (422, ["left"])
    assert patch(admin, own, {"left": None, "top": None}).json()["left"] is None


def test_places_are_changed_and_what_is_in_use_stays(admin, lot):
    spot = make_ticket(lot).spot
    path = "lots/central/levels"
    listing = admin.get(f"{API}/{path}?sort=-number").json()
    assert [level["number"] for level in listing["items"]] == [1, 0]
    assert refusal(post(admin, {"number": 1}, path=f"{API}/{path}"))[:2] == (409, "level_exists")
    assert refusal(patch(admin, f"{path}/1", {"number": 0}))[:2] == (409, "level_exists")
    answer = patch(admin, f"{path}/1", {"number": 2}, admin.get(f"{API}/{path}/1")["ETag"])
    assert (answer.json()["number"], answer.json()["name"]) == (2, "Level 1")
    assert refusal(delete(admin, f"{path}/{spot.level.number}"))[:2] == (409, "places_in_use")
    zone = spot.zone
    assert refusal(delete(admin, f"lots/central/zones/{zone.pk}"))[:2] == (409, "places_in_use")
    changed = patch(admin, f"lots/central/zones/{zone.pk}", {"name": "B", "count": 99})
    assert (changed.json()["name"], changed.json()["count"]) == ("B", 5)
    assert delete(admin, f"{path}/2").status_code == 204
    assert refusal(admin.get(f"{API}/{path}/2"))[0] == 404
    assert refusal(delete(admin, f"{path}/999999999999"))[0] == 404


def test_spots_show_the_cars_in_them(admin, lot, django_assert_max_num_queries):
    ticket = make_ticket(lot, "ZH 7")
    path = f"{API}/lots/central/spots"
    with django_assert_max_num_queries(9):
        everything = admin.get(path).json()
    assert everything["total"] == 10
    (taken,) = admin.get(f"{path}?status=occupied").json()["items"]
    assert (taken["number"], taken["stay"]["number"], taken["stay"]["plate"]) == (
        ticket.spot.number,
        ticket.number,
        "ZH 7",
    )
    assert admin.get(f"{path}?level=1&fields=level").json()["items"] == [{"level": 1}] * 5
    assert refusal(admin.get(f"{path}?status=gone"))[::2] == (422, ["status"])
    assert refusal(admin.get(f"{path}/nowhere"))[0] == 404
    assert refusal(admin.get(f"{path}/%00"))[0] == 404


def test_spot_is_taken_out_of_use_and_seen(admin, lot):
    spot = Spot.objects.filter(lot=lot).first()
    path = f"lots/central/spots/{spot.number}"
    tag = admin.get(f"{API}/{path}")["ETag"]
    answer = patch(admin, path, {"maintenance": True, "note": "Paint"}, tag)
    assert (answer.json()["status"], answer.json()["note"]) == ("maintenance", "Paint")
    assert refusal(patch(admin, path, {"maintenance": False}, tag))[0] == 412
    assert patch(admin, path, {"maintenance": False}).json()["status"] == "available"
    seen = patch(admin, path, {"observation": {"occupied": True, "source": "person"}}).json()
    assert (seen["status"], seen["observation"]["source"]) == ("occupied", "person")
    late = {"observation": {"occupied": False, "at": "2999-01-01T00:00:00Z"}}
    assert refusal(patch(admin, path, late))[::2] == (422, ["observation.at"])
    assert refusal(patch(admin, path, {"maintenance": "yes"}))[0] == 422


def test_spot_that_is_put_back_before_its_time_stays_so(lot, admin):
    at, hour = now(), dt.timedelta(hours=1)
    make_blackout(lot, at - hour, hours=5, bays=[lot.spots.get(number="R0-1").pk])
    apply_blackouts(at=at)
    path = f"lots/{lot.slug}/spots/R0-1"
    assert patch(admin, path, {"maintenance": False}).json()["status"] == "available"
    apply_blackouts(at=at)
    assert lot.spots.get(number="R0-1").status == "available"
    make_blackout(lot, at - hour, hours=5)
    assert refusal(patch(admin, path, {"maintenance": False}))[1] == "bay_closed"


def test_others_find_nothing_and_attendants_may_change_nothing(lot):
    other = client_of(make_user("admin", make_lot().operator))
    attendant = client_of(make_user("attendant", lot.operator))
    gate = make_gate(lot, code="c-in")
    tariff = lot.tariffs.get()
    zone = lot.levels.first().zones.get()
    paths = [
        *(
            "lots/central",
            "lots/central/levels/0",
            f"lots/central/zones/{zone.pk}",
            f"lots/central/spots/{lot.spots.first().number}",
        ),
        *(f"lots/central/gates/{gate.code}", f"lots/central/tariffs/{tariff.pk}"),
    ]
    for path in paths:
        assert refusal(patch(other, path, {}))[0] == 404, path
        assert refusal(patch(attendant, path, {}))[0] == 403, path
    for path in ("settings", "levels", "spots", "gates", "tariffs"):
        assert refusal(other.get(f"{API}/lots/central/{path}"))[0] == 404, path
    mine = make_lot(Lot.objects.exclude(pk=lot.pk).get().operator, slug="mine")
    assert refusal(patch(other, f"lots/mine/gates/{gate.code}", {}))[0] == 404
    assert refusal(delete(other, f"lots/{mine.slug}/tariffs/{tariff.pk}"))[0] == 404
    assert refusal(delete(other, f"lots/mine/zones/{zone.pk}"))[0] == 404


def test_same_request_creates_once(admin, lot):
    sent = {"code": "c-in", "direction": "entry"}
    path = f"{API}/lots/central/gates"
    first, again = (post(admin, sent, key="k1", path=path) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first["ETag"]) == (again.content, again["ETag"])
    assert Gate.objects.count() == 1
    assert refusal(post(admin, sent | {"name": "x"}, key="k1", path=path))[:2] == (422, "idempotency_key_reused")
    assert refusal(post(admin, sent, key="k1", path=f"{API}/lots"))[:2] == (422, "idempotency_key_reused")
    assert refusal(post(admin, sent, key="k2", path=path))[:2] == (409, "gate_code_taken")
    assert post(admin, sent | {"code": "c-2"}, key="k2", path=path).status_code == 201
    stranger = client_of(make_user("admin", lot.operator))
    assert post(stranger, sent | {"code": "c-3"}, key="k1", path=path).status_code == 201


def test_key_is_forgotten_after_a_day(admin, lot):
    path = f"{API}/lots/central/gates"
    post(admin, {"code": "c-in", "direction": "entry"}, key="k1", path=path)
    KeptAnswer.objects.update(kept_at=now() - KEPT_FOR)
    assert post(admin, {"code": "c-2", "direction": "entry"}, key="k1", path=path).status_code == 201
    assert KeptAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_the_same_request_many_times_at_once_one_creates():
    lot = make_lot(slug="central")
    person = make_user("admin", lot.operator)
    clients = [client_of(person) for _ in range(4)]
    sent = {"code": "c-in", "direction": "entry"}
    answers = at_once([partial(post, one, sent, key="k", path=f"{API}/lots/central/gates") for one in clients])
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert 201 in statuses
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_key_busy"}
    assert Gate.objects.count() == 1
