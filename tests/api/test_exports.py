"""Exports over the API, as the contract has them."""

import pytest
from django.test import Client
from django.utils.timezone import now

from exports.services import run_exports
from tests.api.bookings_sent import post, refusal
from tests.entrance.sessions import client_of
from tests.exports.conftest import export_folder
from tests.factories import make_lot, make_proof, make_ticket, make_user

__all__ = ["export_folder"]
pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/exports"


@pytest.fixture
def lot():
    return make_lot(slug="central")


@pytest.fixture
def admin(lot):
    return client_of(make_user("admin", lot.operator))


def test_an_export_is_asked_for_followed_downloaded_and_removed(lot, admin):
    make_ticket(lot, "ZH 1")
    answer = post(
        admin, {"kind": "stays", "format": "csv", "from": None, "to": None, "lot": "central", "filters": {}}, path=PATH
    )
    said = answer.json()
    assert (answer.status_code, said["status"], said["progress"], said["url"]) == (202, "queued", 0, None)
    assert refusal(admin.get(f"{PATH}/{said['id']}/file"))[:2] == (409, "export_not_ready")
    run_exports(clock=now)
    ready = admin.get(f"{PATH}/{said['id']}").json()
    assert (ready["status"], ready["rows"], ready["progress"]) == ("ready", 1, 100)
    assert ready["expires_at"]
    file = admin.get(ready["url"])
    assert b"".join(file.streaming_content).startswith(b"number,status,lot,plate,")
    assert [one["id"] for one in admin.get(PATH).json()["items"]] == [said["id"]]

    for _ in range(2):
        removed = admin.delete(f"{PATH}/{said['id']}").json()
        assert (removed["status"], removed["url"]) == ("cancelled", None)
    stranger = client_of(make_user())
    for call in (stranger.get, stranger.delete):
        assert refusal(call(f"{PATH}/{said['id']}"))[0] == 404
    assert refusal(Client().get(PATH))[0] == 401


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, (422, "invalid", ["kind"])),
        ({"kind": "nothing"}, (422, "invalid", ["kind"])),
        ({"kind": "stays", "format": "pdf"}, (422, "invalid", ["format"])),
        ({"kind": "stays", "delimiter": "|"}, (422, "invalid", ["delimiter"])),
        ({"kind": "stays", "from": "soon"}, (422, "invalid", ["from"])),
        ({"kind": "stays", "to": "2026-13-01T00:00:00Z"}, (422, "invalid_instant", ["to"])),
        ({"kind": "debts", "from": "soon"}, (422, "invalid", ["from"])),
        ({"kind": "stays", "filters": {"colour": "red"}}, (422, "invalid", ["filters.colour"])),
        ({"kind": "stays", "filters": {"status": "gone"}}, (422, "invalid", ["status"])),
        ({"kind": "stays", "filters": {"q": "x" * 3000}}, (422, "invalid", ["filters"])),
        ({"kind": "stays", "filters": [1]}, (422, "invalid", ["filters"])),
        ({"kind": "stays", "whose": "all"}, (422, "invalid", ["whose"])),
        ({"kind": "stays", "lot": "theirs"}, (404, "not_found", [])),
        ({"kind": "sta\0ys"}, (422, "invalid", ["kind"])),
        ({"kind": "messages", "lot": "central"}, (422, "invalid", ["lot"])),
        ({"kind": "vehicles", "whose": "own", "lot": "central"}, (422, "invalid", ["lot"])),
        ({"kind": "stays", "filters": {"status": 10**400}}, (422, "invalid", ["status"])),
        ({"kind": "stays", "lot": "cen\0tral"}, (422, "invalid", ["lot"])),
        ({"kind": "revenue", "from": "2026-05-01", "to": "2020-01-01"}, (422, "invalid", [])),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(admin, body, told):
    make_lot(slug="theirs")
    assert refusal(post(admin, body, path=PATH)) == told


def test_a_drivers_kinds_are_their_own(lot):
    driver = make_user()
    make_proof(make_ticket(lot, "ZH 1"), driver)
    client = client_of(driver)

    for kind in ("stays", "payments", "documents", "reservations", "vehicles"):
        assert post(client, {"kind": kind}, path=PATH).json()["whose"] == "own"
    for kind in ("debts", "events", "messages", "revenue"):
        assert refusal(post(client, {"kind": kind}, path=PATH)) == (403, "forbidden", [])
    assert refusal(post(client, {"kind": "stays", "whose": "lots"}, path=PATH)) == (403, "forbidden", [])


def test_an_attendant_gets_bookings_and_documents_of_the_lots_alone(lot):
    client = client_of(make_user("attendant", lot.operator))

    said = {kind: post(client, {"kind": kind}, path=PATH) for kind in ("reservations", "documents", "stays", "debts")}
    assert [said[kind].json().get("whose") for kind in ("reservations", "documents", "stays")] == [
        "lots",
        "lots",
        "own",
    ]
    assert said["debts"].status_code == 403


def test_the_same_key_asks_once(admin):
    first = post(admin, {"kind": "stays"}, key="k", path=PATH).json()

    assert post(admin, {"kind": "stays"}, key="k", path=PATH).json()["id"] == first["id"]
    assert refusal(post(admin, {"kind": "events"}, key="k", path=PATH))[:2] == (422, "idempotency_key_reused")


def test_twenty_at_once_are_queued_and_then_limited(admin):
    answers = [post(admin, {"kind": "stays"}, path=PATH) for _ in range(20)]

    assert [one.status_code for one in answers] == [202] * 10 + [429] * 10
    assert refusal(answers[-1])[1] == "too_many_exports"
    assert answers[-1]["Retry-After"] == "30"
