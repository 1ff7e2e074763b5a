"""What providers report: signed, once, and it marks the address, which its owner and the operator see and can undo."""

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest
from django.db import connection
from django.utils.timezone import now

from notifications.delivery import deliver_due
from notifications.models import MailAddress, MailEvent, MailOutcome, Message, MessageState
from notifications.reachability import mark_address
from tests.factories import make_operator, make_user
from tests.notifications.test_wishes import queue
from verification.register import INVARIANTS

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
    message = queue("booking_starts_soon", at=at)
    deliver_due(at=at)
    message.refresh_from_db()

    assert report(client, body(message_id=message.provider_reference)) == 200

    message.refresh_from_db()
    assert message.outcome == MailOutcome.BOUNCED
    optional, essential = queue("booking_starts_soon", "booking_starts_soon:2", at=now()), queue("document", at=now())
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
    settings.MAIL_PROVIDERS = ["postmark", "brevo", "smtp"]
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hook:pass", "POSTMARK_SERVER_TOKEN": "x", "BREVO_API_KEY": "x"}


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


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "gone\0"},
        {"reason": "\ud800"},
        {"message_id": "<a\0b>"},
        {"id": "\ud800"},
        {"address": "\ud800@example.com"},
        {"address": "İ" * 200},
        {"reason": "x" * 9000},
        {"message_id": {"deep": [1]}},
    ],
    ids=["nul", "half", "nul in its number", "half as key", "half in address", "grows", "long", "nested"],
)
def test_what_no_column_takes_is_kept_as_it_can_be(client, fields):
    assert report(client, body(**fields)) == 200
    assert MailEvent.objects.count() == 1


def test_a_time_that_no_clock_shows_is_refused(client):
    text = body()
    seconds = "9" * 12
    digest = hmac.new(SECRET.encode(), f"{seconds}.".encode() + text, hashlib.sha256).hexdigest()
    assert report(client, text, f"t={seconds},v1={digest}") == 400


@pytest.mark.parametrize("at", ["2000-01-01T00:00:00Z", "2100-12-31T23:59:59Z"])
def test_a_wild_clock_counts_as_now(client, at):
    before = now()
    message = queue("document", at=before - dt.timedelta(hours=1))
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=before)

    assert report(client, body(at=at)) == 200

    assert MailAddress.objects.get().since >= before
    assert before <= MailEvent.objects.get().at <= now()
    assert not broken_invariants("no_mail_goes_where_it_came_back")


def broken_invariants(name):
    found = next(one for one in INVARIANTS if one.name == name)
    with connection.cursor() as cursor:
        cursor.execute(found.query)
        return cursor.fetchall()


def test_a_late_report_blames_no_mail_of_before_it(client):
    at = now()
    message = queue("document", at=at - dt.timedelta(hours=1))
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=at - dt.timedelta(minutes=30))
    assert report(client, body(at=(at - dt.timedelta(hours=2)).isoformat())) == 200

    assert not broken_invariants("no_mail_goes_where_it_came_back")


def test_a_complaint_replaces_a_bounce_whenever_it_comes():
    at = now()
    ada = {"address": "ada@example.com", "said": "", "at": at}
    mark_address(outcome=MailOutcome.BOUNCED, **ada)
    mark_address(outcome=MailOutcome.COMPLAINED, **ada)
    assert MailAddress.objects.get().outcome == MailOutcome.COMPLAINED
    mark_address(outcome=MailOutcome.BOUNCED, **ada)
    assert MailAddress.objects.get().outcome == MailOutcome.COMPLAINED

    MailAddress.objects.update(outcome=MailOutcome.BOUNCED, cleared_at=at)
    early = at - dt.timedelta(hours=1)
    mark_address(outcome=MailOutcome.BOUNCED, **ada, happened_at=early)
    assert MailAddress.objects.get().cleared_at == at, "it was from before"
    mark_address(outcome=MailOutcome.COMPLAINED, **ada, happened_at=early)
    assert MailAddress.objects.get().cleared_at is None, "the operator can't take a complaint back"


@pytest.mark.parametrize(
    "text", ["[1]", '"x"', "7", "null", "{}", '{"RecordType": 7}', "{", '{"RecordType": "Bounce", "ID": {}}']
)
def test_webhooks_that_make_no_sense_are_no_error_of_ours(client, uses_postmark, text):
    basic = base64.b64encode(b"hook:pass").decode()
    sent = {"content_type": "application/json", "headers": {"Authorization": f"Basic {basic}"}}
    for provider in ("postmark", "brevo"):
        assert client.post(f"/webhooks/mail/{provider}/", text, **sent).status_code in {200, 400}
    assert not MailAddress.objects.exists()
