"""What providers report: signed, once, and it marks the address, which its owner and the operator see and can undo."""

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest
from django.utils.timezone import now

from notifications.delivery import deliver_due
from notifications.models import MailAddress, MailEvent, MailOutcome, MessageState
from notifications.reachability import mark_address
from tests.factories import make_operator, make_user
from tests.notifications.test_wishes import queue

pytestmark = pytest.mark.django_db
SECRET = "told to the mail server"
URL = "/webhooks/mail/signed/"


@pytest.fixture(autouse=True)
def secret(settings):
    settings.MAIL_WEBHOOK_SECRET = SECRET


def body(**fields):
    given = {"id": "e1", "type": "bounced", "address": "ada@example.com", "at": now().isoformat(), "reason": "550 gone"}
    return json.dumps(given | fields).encode()


def sign(text, *, at=None, secret=SECRET):
    seconds = int((at or now()).timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + text, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def report(client, text, signature=None):
    signature = sign(text) if signature is None else signature
    return client.post(URL, text, content_type="application/json", headers={"Signature": signature}).status_code


def test_a_bounce_marks_the_address_and_the_message(client, mailbox):
    at = now()
    message = queue("lot_full", at=at)
    deliver_due(at=at)
    message.refresh_from_db()

    assert report(client, body(message_id=message.provider_reference)) == 200

    message.refresh_from_db()
    assert message.outcome == MailOutcome.BOUNCED
    optional, essential = queue("lot_full", "lot_full:2", at=now()), queue("document", at=now())
    assert deliver_due(at=now()) == 0
    for row, state in ((optional, MessageState.LEFT_OUT), (essential, MessageState.PARKED)):
        row.refresh_from_db()
        assert row.state == state
        assert "550 gone" in row.error


def test_the_same_report_counts_once(client):
    text = body()
    signature = sign(text)

    assert [report(client, text, signature) for _ in range(3)] == [200] * 3
    assert MailEvent.objects.count() == 1
    MailAddress.objects.update(cleared_at=now() + dt.timedelta(hours=1))
    assert report(client, text, signature) == 200
    assert MailAddress.objects.get().cleared_at is not None


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=1,v1=0",
        sign(body(), secret="another"),
        sign(b"{}"),
        sign(body(), at=now() - dt.timedelta(minutes=6)),
        sign(body(), at=now() + dt.timedelta(minutes=6)),
        "t=²,v1=x",
        "v1",
    ],
    ids=["none", "wrong", "other secret", "other body", "old", "from the future", "no number", "half"],
)
def test_a_forged_report_is_refused(client, signature):
    assert report(client, body(at="2026-03-02T08:15:00Z"), signature) == 400
    assert not MailAddress.objects.exists()


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"nonsense", body(type="opened"), body(at="soon"), body(id=7), body(address="a\0b")]
)
def test_a_report_that_cant_be_read_is_refused(client, text):
    assert report(client, text) == 400
    assert not MailEvent.objects.exists()


def test_without_a_secret_there_is_no_endpoint(client, settings):
    settings.MAIL_WEBHOOK_SECRET = ""
    text = body()
    assert report(client, text, sign(text, secret="")) == 404


def postmark(client, kind="HardBounce", *, user="hook:pass", number=7):
    told = {
        "RecordType": "SpamComplaint" if kind == "SpamComplaint" else "Bounce",
        "Type": kind,
        "ID": number,
        "MessageID": "m-1",
        "Email": "ada@example.com",
        "BouncedAt": "2026-03-02T10:47:00Z",
        "Details": "gone",
    }
    basic = base64.b64encode(user.encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    return client.post(
        "/webhooks/mail/postmark/", json.dumps(told), content_type="application/json", headers=headers
    ).status_code


@pytest.fixture
def uses_postmark(settings):
    settings.MAIL_PROVIDERS = ["postmark", "smtp"]
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hook:pass", "POSTMARK_SERVER_TOKEN": "x"}


def test_webhooks_of_providers_in_use_mark_addresses(client, uses_postmark):
    assert postmark(client, "Transient") == 200
    assert not MailAddress.objects.exists(), "it is tried again"
    assert [postmark(client) for _ in range(2)] == [200, 200]
    assert MailAddress.objects.get().outcome == MailOutcome.BOUNCED
    assert MailEvent.objects.count() == 1


def test_webhooks_without_the_secret_are_refused(client, uses_postmark, settings):
    assert postmark(client, user="hook:guessed") == 400
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "x"}
    assert postmark(client) == 404, "nothing would prove who calls"
    settings.MAIL_PROVIDERS = ["smtp"]
    assert postmark(client) == 404
    assert not MailEvent.objects.exists()


def test_the_person_sees_the_mark_and_takes_it_back(client):
    ada = make_user(email="ada@example.com")
    mark_address(address="ada@example.com", outcome=MailOutcome.COMPLAINED, said="", at=now())
    client.force_login(ada)
    assert "was marked as spam" in client.get("/me/messages/").content.decode()

    client.post("/me/messages/reachable/")

    assert "was marked as spam" not in client.get("/me/messages/").content.decode()
    assert MailAddress.objects.get().cleared_by == ada


def test_the_operator_sees_the_mark_and_undoes_a_bounce_but_no_complaint(client):
    operator = make_operator()
    message = queue("document")
    type(message).objects.update(operator=operator)
    client.force_login(make_user("admin", operator))
    page = f"/manage/messages/{message.pk}/"
    mark_address(address="ada@example.com", outcome=MailOutcome.COMPLAINED, said="", at=now())

    assert "Only its owner can undo that" in client.get(page).content.decode()
    client.post(f"{page}reachable/")
    assert MailAddress.objects.get().cleared_at is None
    MailAddress.objects.update(outcome=MailOutcome.BOUNCED)
    client.post(f"{page}reachable/")
    assert MailAddress.objects.get().cleared_at is not None
