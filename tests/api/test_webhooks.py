"""Webhooks over the API."""

import json

import pytest
from django.test import Client

from events.models import Webhook, WebhookDelivery
from tests.api.bookings_sent import post, refusal
from tests.entrance.sessions import client_of
from tests.events.receivers import deliver, record
from tests.factories import make_lot, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/webhooks"
URL = "https://example.com/hook"


@pytest.fixture
def lot():
    return make_lot(slug="central")


@pytest.fixture
def admin(lot):
    return client_of(make_user("admin", lot.operator))


def patch(client, path: str, body: dict):
    return client.patch(path, json.dumps(body), content_type="application/json")


def test_webhook_is_made_shown_changed_rolled_and_removed(admin):
    made = post(admin, {"url": URL, "types": ["stay.opened"], "lots": ["central"]}, path=PATH)
    said = made.json()
    assert made.status_code == 201
    assert said["secret"].startswith("whsec_")
    assert (said["name"], said["status"], said["types"], said["after"]) == ("example.com", "active", ["stay.opened"], 0)
    path = f"{PATH}/{said['id']}"
    shown = admin.get(path)
    assert shown.json() == {name: value for name, value in said.items() if name != "secret"}
    assert "whsec" not in admin.get(PATH).content.decode() + shown.content.decode()

    changed = patch(admin, path, {"name": "Ours", "status": "paused"}).json()
    assert (changed["name"], changed["status"], changed["url"]) == ("Ours", "paused", URL)
    assert patch(admin, path, {"status": "active"}).json()["status"] == "active"
    rolled = post(admin, {}, path=f"{path}/secret").json()
    assert rolled["secret"] != said["secret"]
    assert rolled["old_secret_until"]
    assert admin.delete(path).status_code == 204
    assert refusal(admin.delete(path))[0] == 404


def test_same_key_makes_one_webhook(admin):
    first, second = (post(admin, {"url": URL}, path=PATH, key="k").json() for _ in range(2))
    assert first == second
    assert Webhook.objects.count() == 1
    assert refusal(post(admin, {"url": URL + "2"}, path=PATH, key="k"))[0] == 422


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"url": "http://example.com/"}, {"url": "https://10.0.0.1/"}, {"url": URL, "types": ["x"]}),
        *({"url": URL, "lots": ["other"]}, {"url": URL, "name": "x" * 81}, {"url": "https://localhost/"}, []),
    ],
)
def test_wrong_webhook_is_refused(admin, body):
    make_lot(slug="other")
    assert refusal(post(admin, body, path=PATH))[0] in {400, 422}
    assert Webhook.objects.count() == 0


def test_log_tells_body_and_answer_and_sends_again(settings, lot, admin, httpserver):
    settings.WEBHOOKS_PRIVATE = True
    httpserver.expect_request("/").respond_with_data("thanks")
    path = f"{PATH}/{post(admin, {'url': httpserver.url_for('/')}, path=PATH).json()['id']}"
    record(lot.operator, "lot:a", "lot:b")
    deliver()
    log = admin.get(f"{path}/deliveries", {"page_size": 1}).json()
    assert (log["total"], len(log["items"])) == (3, 1), "with that of the admin who joined"
    (sent,) = log["items"]
    assert (sent["status"], sent["status_code"], sent["answer"], sent["tries"]) == ("delivered", 200, "thanks", 1)
    assert (sent["event"]["subject"], sent["message_id"]) == ("lot:b", f"evt_{lot.operator_id}_{sent['event']['id']}")

    again = post(admin, {}, path=f"{path}/deliveries/{sent['id']}/again")
    assert (again.status_code, again.json()["status"]) == (202, "waiting")
    assert deliver() == 1
    assert post(admin, {"after": 1}, path=f"{path}/replay").status_code == 202
    assert deliver() == 2
    assert refusal(post(admin, {"after": 99}, path=f"{path}/replay"))[0] == 422
    patch(admin, path, {"status": "paused"})
    assert refusal(post(admin, {}, path=f"{path}/deliveries/{sent['id']}/again"))[:2] == (409, "webhook_off")


def test_webhooks_of_others_are_not_there(lot, admin):
    path = f"{PATH}/{post(admin, {'url': URL}, path=PATH).json()['id']}"
    stranger = client_of(make_user("admin", make_lot().operator))
    calls = [
        *(stranger.get(path), stranger.delete(path), patch(stranger, path, {"name": "x"})),
        *(stranger.get(f"{path}/deliveries"), post(stranger, {}, path=f"{path}/secret")),
        post(stranger, {"after": 0}, path=f"{path}/replay"),
        post(stranger, {}, path=f"{path}/deliveries/1/again"),
    ]
    assert {refusal(answer)[0] for answer in calls} == {404}
    assert stranger.get(PATH).json()["items"] == []
    for client, status in ((client_of(make_user("attendant", lot.operator)), 403), (Client(), 401)):
        assert refusal(client.get(PATH))[0] == status
        assert refusal(client.get(path))[0] == status
    assert WebhookDelivery.objects.count() == 0
