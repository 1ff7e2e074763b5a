"""Passes over the API: what is sold, bought, given, changed, and who may see them."""

import pytest
from django.test import Client
from django.utils.timezone import now

from passes.models import Pass, PassStatus
from passes.services import HeldBy
from tests.api.bookings_sent import post, refusal
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_saved_method, make_user
from tests.passes.sold import company_of, granted, manager_of, offered, pool, reloaded

pytestmark = pytest.mark.django_db
PATH = "/api/v1/passes"
CARD = {"token": "tok_ok"}


@pytest.fixture
def lot():
    return make_lot(slug="central", spots={"regular": 2})


@pytest.fixture
def driver(lot):
    return make_user(email="driver@example.com")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator)


def given(lot, *plates, **fields):
    return granted(offered(lot, most_plates=2), *plates, **{"at": now(), "valid_from": now().date()} | fields)


def wish(offer, **fields):
    return {"offer": offer.pk, "plates": ["ZH 1"], "valid_from": str(now().date()), "payment": CARD} | fields


def patch(person, held, **body):
    return client_of(person).patch(f"{PATH}/{held.pk}", body, content_type="application/json")


def test_what_is_sold_is_public_with_its_terms(lot):
    offer = offered(lot, days=["mon"], tax_percent="8.1", terms="No vans.")
    offered(lot, online=False)
    offered(make_lot(published=False))
    [said] = Client().get("/api/v1/pass-offers?lot=central").json()["items"]
    assert (said["id"], said["lots"], said["price"], said["currency"], said["tax_percent"], said["days"]) == (
        *(offer.pk, ["central"], 12000, "CHF", "8.1", ["mon"]),
    )
    assert Client().get("/api/v1/pass-offers?lot=nowhere").json()["total"] == 0


def test_pass_is_bought_once_by_its_key_and_listed(lot, driver):
    client, body = client_of(driver), wish(offered(lot))
    first = post(client, body, key="k", path=PATH)
    assert (first.status_code, first.json()["status"], first.json()["page_url"]) == (201, "active", None)
    assert post(client, body, key="k", path=PATH).json()["id"] == first.json()["id"]
    assert Pass.objects.count() == 1
    assert [one["plate"] for one in first.json()["plates"]] == ["ZH 1"]
    assert (first.json()["periods"][0]["owed"], first.json()["swaps_left"]) == (0, 2)
    for query, total in {"": 1, "?plate=zh1": 1, "?plate=zh2": 0, "?status=expired": 0, "?lot=central": 1}.items():
        assert client.get(f"{PATH}{query}").json()["total"] == total, query
    assert refusal(client.get(f"{PATH}?status=lost")) == (422, "invalid", ["status"])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"plates": []}, (422, ["plates"])),
        ({"plates": ["…"]}, (422, ["plates"])),
        ({"plates": ["ZH 1", "ZH 2"]}, (422, ["plates"])),
        ({"plates": "ZH 1"}, (422, ["plates"])),
        ({"valid_from": "soon"}, (422, ["valid_from"])),
        ({"valid_from": "9999-12-31"}, (422, ["valid_from"])),
        ({"payment": {"token": "tok_declined"}}, (402, ["payment.token"])),
        ({"offer": 2**63}, (422, ["offer"])),
        ({"offer": 2**62}, (404, [])),
    ],
)
def test_purchase_is_refused_with_its_path(lot, driver, fields, told):
    status, _code, paths = refusal(post(client_of(driver), wish(offered(lot)) | fields, path=PATH))
    assert (status, paths) == told
    assert not Pass.objects.exclude(status=PassStatus.CANCELLED).exists()


def test_payer_who_has_to_agree_gets_the_page(lot, driver):
    answer = post(client_of(driver), wish(offered(lot), payment={"token": "tok_3ds"}), path=PATH)
    assert (answer.status_code, answer.json()["status"]) == (202, "draft")
    assert "/simulated-bank/" in answer.json()["page_url"]


def test_admin_gives_passes_and_changes_them_and_an_attendant_does_not(lot, admin, driver):
    offer, company = offered(lot, most_plates=3), company_of(lot)
    body = wish(offer, holder={"company": company.pk}, invoiced=True) | {"payment": None}
    attendant = make_user("attendant", lot.operator)
    assert post(client_of(attendant), body, path=PATH).status_code == 403
    assert post(client_of(driver), body, path=PATH).status_code == 404
    made = post(client_of(admin), body, path=PATH)
    assert (made.status_code, made.json()["company"], made.json()["periods"][0]["owed"]) == (201, company.name, 12000)
    held = Pass.objects.get()
    assert patch(attendant, held, spaces=2).status_code == 403
    assert patch(admin, held, spaces=2, pool_full="deny", why="Asked").json()["spaces"] == 2
    assert patch(admin, held, status="suspended", why="Unpaid").json()["status"] == "suspended"
    assert patch(admin, held, status="active").json()["status"] == "active"
    assert refusal(patch(admin, held, spaces=3, status="cancelled")) == (422, "invalid", ["status"])
    assert refusal(patch(admin, held, valid_until="2000-01-01"))[2] == ["valid_until"]
    assert patch(admin, held, status="cancelled", why="Moved").json()["status"] == "cancelled"
    assert refusal(patch(admin, held, spaces=3))[:2] == (409, "pass_state")
    assert refusal(post(client_of(admin), body | {"holder": {}}, path=PATH)) == (422, "invalid", ["holder"])


def test_holder_changes_renewal_plates_and_cancels_but_no_terms(lot, driver):
    held, card = given(lot, to=HeldBy(user=driver)), make_saved_method(driver)
    assert patch(driver, held, renewal="charge", saved_method=card.pk).json()["renewal"] == "charge"
    assert refusal(patch(driver, held, renewal="charge", saved_method=card.pk + 1))[2] == ["saved_method"]
    assert patch(driver, held, spaces=9).status_code == 403
    assert patch(driver, held, status="suspended").status_code == 403
    plates = f"{PATH}/{held.pk}/plates"
    assert post(client_of(driver), {"plate": "ZH 2", "label": "Ada"}, path=plates).status_code == 201
    for number in (3, 4):
        body = {"plate": f"ZH {number}", "in_place_of": f"ZH {number - 1}"}
        assert post(client_of(driver), body, path=plates).status_code == 201
    last = post(client_of(driver), {"plate": "ZH 5", "in_place_of": "ZH 4"}, path=plates)
    assert refusal(last)[:2] == (409, "swap_limit")
    assert patch(driver, held, status="cancelled").json()["status"] == "cancelled"
    assert reloaded(held).status == PassStatus.CANCELLED


def test_passes_are_seen_by_who_has_manages_or_works_with_them_alone(lot, admin, driver):
    company = company_of(lot)
    held = pool(lot, 2, "ZH 1", company=company, at=now(), valid_from=now().date())
    own = given(lot, "BE 1", to=HeldBy(user=driver))
    manager, stranger = make_user(), make_user("admin", make_lot().operator)
    manager_of(company, manager, at=now())
    seen = {
        person.pk: sorted(one["id"] for one in client_of(person).get(PATH).json()["items"])
        for person in (admin, driver, manager, stranger)
    }
    assert list(seen.values()) == [sorted([held.pk, own.pk]), [own.pk], [held.pk], []]
    assert post(client_of(manager), {"plate": "ZH 2"}, path=f"{PATH}/{held.pk}/plates").status_code == 201
    assert patch(manager, held, status="cancelled").status_code == 403
    assert client_of(stranger).get(f"{PATH}/{held.pk}").status_code == 404
    assert post(client_of(stranger), {"plate": "ZH 3"}, path=f"{PATH}/{held.pk}/plates").status_code == 404


def test_plate_added_twice_with_one_key_is_added_once(lot, admin):
    held = given(lot, "ZH 1")
    client, path = client_of(admin), f"{PATH}/{held.pk}/plates"
    first, again = (post(client, {"plate": "ZH 2"}, key="once", path=path) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert [one["plate"] for one in first.json()["plates"]] == ["ZH 1", "ZH 2"]
    assert refusal(post(client, {"plate": "ZH 3"}, key="once", path=path))[:2] == (422, "idempotency_key_reused")
    assert refusal(post(client, {"plate": "ZH 3"}, path=path))[:2] == (422, "too_many_plates")
