"""Private answers stay in no cache; secrets and the accidents of clients stay out of the logs."""

import io
import logging
import uuid

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from common.web import unreadable
from common.web.privacy import redacted
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_ticket, make_user
from tests.gates.lanes import Lanes
from tests.wsgi import WsgiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """Give what the product's own handler writes, as it is set up."""
    handler = next(one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    written, before = io.StringIO(), handler.stream
    handler.setStream(written)
    yield written
    handler.setStream(before)


def kept(response):
    return response.get("Cache-Control", "") if hasattr(response, "get") else response["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/", "/lots/central/", "/manage/", "/desk/", "/me/", "/api/v1/me", "/admin/", "/home/"]
)
@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
def test_what_a_session_led_to_is_kept_nowhere(path, headers):
    operator = make_operator()
    make_lot(operator, slug="central")
    person = make_user("admin", operator, is_staff=True, is_superuser=True)

    assert kept(client_of(person).get(path, headers=headers)) == "no-store"


def test_what_a_secret_address_led_to_is_kept_nowhere(client):
    ticket = make_ticket(make_lot(), "ZH 1")
    paths = [reverse("driver:ticket_link", args=[ticket.token]), f"/pay/{ticket.number}/", "/pay/0000/"]
    paths += [f"/api/v1/tickets/{ticket.number}/fee", "/accounts/login/", "/accounts/password/reset/key/1-abc/"]

    assert [kept(client.get(path)) for path in paths] == ["no-store"] * len(paths)


def test_what_a_key_or_a_token_led_to_is_kept_nowhere():
    lanes = Lanes(spots={"regular": 1})
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1", "confidence": 0.9}
    path = f"/api/v1/gates/{lanes.entry.gate.code}/reads"
    for key in (lanes.entry.key, "unknown"):
        headers = {"authorization": f"Bearer {key}"}
        assert WsgiClient(headers).post(path, body, "application/json")["Cache-Control"] == "no-store"
        assert kept(Client(headers=headers).post(path, body, content_type="application/json")) == "no-store"
    assert kept(Client(headers={"authorization": "Bearer x"}).get("/api/v1/users")) == "no-store"


def test_what_is_for_everybody_may_be_kept(client):
    lot = make_lot(slug="central")

    assert "public" in client_of(make_user()).get(f"/api/v1/lots/{lot.slug}/availability")["Cache-Control"]
    assert kept(client.get("/")) != "no-store"
    assert kept(client.get(f"/board/{lot.slug}/")) != "no-store"


KEY = f"pk_0123456789ab_{'x' * 43}"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /t/K0g8weBDx5FcWPMIg3C6aw", "GET /t/…"),
        ("GET /pay/PS-6JDQCK2HNS/receipt/", "GET /pay/…/receipt/"),
        ("Not Found: /api/v1/tickets/K0g8weBDx5FcWPMIg3C6aw/fee", "Not Found: /api/v1/tickets/…/fee"),
        ("/accounts/password/reset/key/1-c0ffee/ failed", "/accounts/password/reset/key/…/ failed"),
        ("/accounts/confirm-email/MQ:1vabc:sig/", "/accounts/confirm-email/…/"),
        ("GET /accounts/login/?next=/t/K0g8weBDx5FcWPMIg3C6aw", "GET /accounts/login/?next=/t/…"),
        ("GET /x/?next=%2Ft%2FK0g8weBD&page=2", "GET /x/?next=…&page=2"),
        ("GET /pay/?number=PS-6JDQCK2HNS", "GET /pay/?number=…"),
        ("https://parking.example/exports/WzEsICJ4Il0:1vabc:sig/ is", "https://parking.example/exports/…/ is"),
        ("GET /me/exports/12/file/", "GET /me/exports/12/file/"),
        ("GET /api/v1/exports/12", "GET /api/v1/exports/12"),
        (f"Bearer {KEY} is unknown", f"Bearer {KEY[:16]}… is unknown"),
        (f"token {JWT} expired", "token eyJ… expired"),
        ("GET /lots/central/ 200", "GET /lots/central/ 200"),
    ],
)
def test_secrets_are_left_out_of_texts(text, shown):
    assert redacted(text) == shown


@pytest.mark.parametrize("path", ["/t/{}", "/pay/{}/", "/api/v1/tickets/{}/fee", "/accounts/confirm-email/{}/"])
def test_a_secret_that_leads_nowhere_is_not_logged(client, log, path):
    secret = "K0g8weBDx5FcWPMIg3C6aw"
    client.get(path.format(secret))
    logging.getLogger("django.request").warning("Not Found: %s", path.format(secret))

    assert path.format("…") in log.getvalue()
    assert secret not in log.getvalue()


def test_a_mistake_of_ours_is_logged_with_its_trace_and_without_the_secret(log, monkeypatch):
    secret = "K0g8weBDx5FcWPMIg3C6aw"

    def fail(*_values, **_named):
        raise RuntimeError(f"no /t/{secret} here")

    monkeypatch.setattr("driver.pay.redirect", fail)
    client = Client(raise_request_exception=False)
    assert client.get(f"/t/{secret}").status_code == 500

    assert "Traceback" in log.getvalue()
    assert "RuntimeError: no /t/… here" in log.getvalue()
    assert secret not in log.getvalue()


@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/passes/-1/plates"])
def test_what_leads_nowhere_is_not_found_with_any_body(path):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = "c" * 32
    assert client.post(path, b"x", content_type="multipart/form-data; boundary=").status_code == 404


def test_who_may_not_see_a_page_is_told_so_with_any_body(rf):
    request = rf.post("/nowhere/", b"x", content_type="multipart/form-data; boundary=")
    request._dont_enforce_csrf_checks = False
    request.COOKIES["csrftoken"] = "c" * 32
    assert unreadable.not_allowed(request, PermissionDenied()).status_code == 403


def test_what_a_client_may_not_do_leaves_no_trace(client, log):
    client.force_login(make_user())
    assert client.get("/manage/").status_code == 403
    assert client.get("/desk/").status_code == 403
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    many = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    assert client.post("/accounts/login/", many).status_code == 400
    assert client.post("/accounts/login/", b"x", content_type="multipart/form-data; boundary=").status_code == 400
    assert Client(enforce_csrf_checks=True).post("/accounts/login/").status_code == 403

    assert "/manage/" in log.getvalue()
    assert "Traceback" not in log.getvalue()
    assert "evil.example" in log.getvalue()


def test_the_log_names_who_asked_as_we_believe_it(log, monkeypatch):
    monkeypatch.setattr("driver.find_page.find", None)
    client = Client(raise_request_exception=False, REMOTE_ADDR="203.0.113.9", headers={"x-forwarded-for": "6.6.6.6"})
    assert client.get("/").status_code == 500

    assert "203.0.113.9" in log.getvalue()
    assert "6.6.6.6" not in log.getvalue()
